import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.Attributes;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHPosixRenameExtension;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHStatPathExtension;
import org.apache.sshd.sftp.common.SftpException;

/** Apache MINA SSHD's client. What the steps are: scene.py. */
final class MinaStory extends Story {
  private static final long PATIENCE_MS = 30_000;
  private static final SshClient LIBRARY = SshClient.setUpDefaultClient();
  private final SftpClient sftp;

  private MinaStory(SftpClient sftp) {
    this.sftp = sftp;
  }

  private static ClientSession connect(boolean withPassword) throws Exception {
    ClientSession session = LIBRARY.connect(USER, "127.0.0.1", PORT).verify(PATIENCE_MS).getSession();
    if (withPassword) {
      session.addPasswordIdentity(variable("PASSWORD"));
    } else {
      for (KeyPair key : new FileKeyPairProvider(Path.of(variable("KEY"))).loadKeys(session)) session.addPublicKeyIdentity(key);
    }
    session.auth().verify(PATIENCE_MS);
    return session;
  }

  private static SftpClient open(ClientSession session) throws IOException {
    return SftpClientFactory.instance().createSftpClient(session);
  }

  @Override
  String homeByPassword() throws Exception {
    try (ClientSession session = connect(true); SftpClient other = open(session)) {
      return other.canonicalPath(".");
    }
  }

  @Override
  void write(String name, byte[] contents) throws Exception {
    try (OutputStream file = sftp.write(name)) {
      file.write(contents);
    }
  }

  @Override
  void write(String name, byte[] contents, int at) throws Exception {
    try (SftpClient.CloseableHandle file = sftp.open(name, EnumSet.of(OpenMode.Write))) {
      sftp.write(file, at, contents);
    }
  }

  @Override
  void append(String name, byte[] contents) throws Exception {
    try (OutputStream file = sftp.write(name, OpenMode.Write, OpenMode.Append)) {
      file.write(contents);
    }
  }

  @Override
  byte[] read(String name, long at) throws Exception {
    try (InputStream file = sftp.read(name)) {
      file.skipNBytes(at);
      return file.readAllBytes();
    }
  }

  @Override
  long size(String name) throws Exception {
    return sftp.stat(name).getSize();
  }

  @Override
  void setSize(String name, long size) throws Exception {
    sftp.setStat(name, new Attributes().size(size));
  }

  @Override
  int time(String name) throws Exception {
    return (int) (sftp.stat(name).getModifyTime().toMillis() / 1000);
  }

  @Override
  void setTime(String name, int time) throws Exception {
    FileTime at = FileTime.fromMillis(time * 1000L);
    sftp.setStat(name, new Attributes().accessTime(at).modifyTime(at));
  }

  @Override
  int mode(String name) throws Exception {
    return sftp.stat(name).getPermissions();
  }

  @Override
  void setMode(String name, int mode) throws Exception {
    sftp.setStat(name, new Attributes().perms(mode));
  }

  @Override
  List<String> list(String folder) throws Exception {
    List<String> names = new ArrayList<>();
    for (SftpClient.DirEntry entry : sftp.readEntries(folder)) {
      if (!entry.getFilename().equals(".") && !entry.getFilename().equals("..")) names.add(entry.getFilename());
    }
    return names;
  }

  @Override
  boolean isFolder(String name) throws Exception {
    return sftp.stat(name).isDirectory();
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
    sftp.remove(name);
  }

  @Override
  void move(String from, String to) throws Exception {
    sftp.rename(from, to);
  }

  @Override
  void moveOver(String from, String to) throws Exception {
    sftp.getExtension(OpenSSHPosixRenameExtension.class).posixRename(from, to);
  }

  @Override
  void writeBlocksBackwards(String name, byte[] contents, int block) throws Exception {
    try (SftpClient.CloseableHandle file = sftp.open(name, EnumSet.of(OpenMode.Write, OpenMode.Create, OpenMode.Truncate))) {
      for (int at = contents.length - block; at >= 0; at -= block) sftp.write(file, at, contents, at, block);
    }
  }

  @Override
  List<String> matching(String pattern) throws Exception {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    return list(".").stream().filter(name -> matcher.matches(Path.of(name))).toList();
  }

  @Override
  long freeSpace() throws Exception {
    return sftp.getExtension(OpenSSHStatPathExtension.class).stat(".").f_bavail;
  }

  @Override
  void link(String target, String name) throws Exception {
    sftp.symLink(name, target);
  }

  @Override
  String where() throws Exception {
    return sftp.canonicalPath(".");
  }

  @Override
  int status(Exception thrown) {
    Throwable cause = thrown instanceof UncheckedIOException listing ? listing.getCause() : thrown;
    return cause instanceof SftpException refusal ? refusal.getStatus() : -1;
  }

  public static void main(String[] arguments) throws Exception {
    LIBRARY.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
    LIBRARY.start();
    try (ClientSession session = connect(false); SftpClient sftp = open(session)) {
      new MinaStory(sftp).tell();
    }
    LIBRARY.stop();
  }
}
