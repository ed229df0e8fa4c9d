import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SftpATTRS;
import com.jcraft.jsch.SftpException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** JSch, the fork that is maintained. What the steps are: scene.py. */
final class JschStory extends Story {
  private final ChannelSftp sftp;

  private JschStory(ChannelSftp sftp) {
    this.sftp = sftp;
  }

  private static Session connect(boolean withPassword) throws Exception {
    JSch library = new JSch();
    if (!withPassword) library.addIdentity(variable("KEY"));
    Session session = library.getSession(USER, "127.0.0.1", PORT);
    if (withPassword) session.setPassword(variable("PASSWORD"));
    session.setConfig("StrictHostKeyChecking", "no");
    session.connect();
    return session;
  }

  private static ChannelSftp open(Session session) throws Exception {
    ChannelSftp channel = (ChannelSftp) session.openChannel("sftp");
    channel.connect();
    return channel;
  }

  @Override
  String homeByPassword() throws Exception {
    Session session = connect(true);
    try {
      return open(session).pwd();
    } finally {
      session.disconnect();
    }
  }

  @Override
  void write(String name, byte[] contents) throws Exception {
    sftp.put(new ByteArrayInputStream(contents), name);
  }

  @Override
  void write(String name, byte[] contents, int at) throws Exception {
    // RESUME opens without truncating; the place counts from the end of what is there.
    try (OutputStream file = sftp.put(name, null, ChannelSftp.RESUME, at - size(name))) {
      file.write(contents);
    }
  }

  @Override
  void append(String name, byte[] contents) throws Exception {
    sftp.put(new ByteArrayInputStream(contents), name, ChannelSftp.APPEND);
  }

  @Override
  byte[] read(String name, long at) throws Exception {
    try (InputStream file = sftp.get(name, null, at)) {
      return file.readAllBytes();
    }
  }

  @Override
  void resumePut() throws Exception {
    byte[] large = local("large");
    write("resumed", java.util.Arrays.copyOf(large, large.length / 3));
    sftp.put(here("large").toString(), "resumed", ChannelSftp.RESUME);
  }

  @Override
  void resumeGet() throws Exception {
    sftp.get("large", here("back/resumed").toString(), null, ChannelSftp.RESUME);
  }

  @Override
  long size(String name) throws Exception {
    return sftp.stat(name).getSize();
  }

  @Override
  void setSize(String name, long size) throws Exception {
    SftpATTRS wanted = sftp.stat(name);
    wanted.setSIZE(size);
    sftp.setStat(name, wanted);
  }

  @Override
  int time(String name) throws Exception {
    return sftp.stat(name).getMTime();
  }

  @Override
  void setTime(String name, int time) throws Exception {
    sftp.setMtime(name, time);
  }

  @Override
  int mode(String name) throws Exception {
    return sftp.stat(name).getPermissions();
  }

  @Override
  void setMode(String name, int mode) throws Exception {
    sftp.chmod(mode, name);
  }

  @Override
  List<String> list(String folder) throws Exception {
    return sftp.ls(folder).stream().map(ChannelSftp.LsEntry::getFilename)
        .filter(name -> !name.equals(".") && !name.equals("..")).toList();
  }

  @Override
  boolean isFolder(String name) throws Exception {
    return sftp.stat(name).isDir();
  }

  @Override
  void makeFolder(String name) throws Exception {
    sftp.mkdir(name);
  }

  @Override
  void removeFolder(String name) throws Exception {
    sftp.rmdir(name);
  }

  @Override
  void removeFile(String name) throws Exception {
    sftp.rm(name);
  }

  @Override
  void rename() throws Exception {
    // Where the server offers posix-rename JSch takes that, so that nothing is ever refused.
    write("renaming", local("small"));
    move("renaming", "renamed");
  }

  @Override
  void move(String from, String to) throws Exception {
    sftp.rename(from, to);
  }

  @Override
  void moveOver(String from, String to) throws Exception {
    sftp.rename(from, to);
  }

  @Override
  void writeBlocksBackwards(String name, byte[] contents, int block) throws Exception {
    throw new Absent("JSch writes from one place onwards");
  }

  @Override
  List<String> matching(String pattern) throws Exception {
    return list(pattern);
  }

  @Override
  long freeSpace() throws Exception {
    return sftp.statVFS(".").getAvail();
  }

  @Override
  void link(String target, String name) throws Exception {
    refused(() -> sftp.hardlink(target, name));
    sftp.symlink(target, name);
  }

  @Override
  String where() throws Exception {
    return sftp.realpath(".");
  }

  @Override
  int status(Exception thrown) {
    return thrown instanceof SftpException refusal ? refusal.id : -1;
  }

  public static void main(String[] arguments) throws Exception {
    Session session = connect(false);
    new JschStory(open(session)).tell();
    session.disconnect();
  }
}
