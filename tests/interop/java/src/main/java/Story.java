import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The steps of scene.py in the words of few operations, which each of the two drivers in Java does in its library's way.
 * Where a library has a way of its own for a step, its driver overrides the step.
 */
abstract class Story {
  static final int BLOCK = 256 << 10;
  static final int CUT = 5000;
  static final int PATCH_AT = 100_000;
  static final int DATED = 1_000_000_000;
  static final int MODE = 0640;
  static final int MANY = 300;
  static final String UNICODE = "Gr\u00fc\u00dfe \u8868 \ud83c\udf89.txt";
  static final String LONG = "n".repeat(251) + ".txt";

  static final int PORT = Integer.parseInt(variable("PORT"));
  static final String USER = variable("USER");
  static final String HOME = "/home/" + USER;

  /** The library cannot do this. */
  static class Absent extends Exception {
    Absent(String why) {
      super(why);
    }
  }

  interface Step {
    void take() throws Exception;
  }

  // --- what a library does

  abstract String homeByPassword() throws Exception;

  abstract void write(String name, byte[] contents) throws Exception;

  abstract void write(String name, byte[] contents, int at) throws Exception;

  abstract void append(String name, byte[] contents) throws Exception;

  abstract byte[] read(String name, long at) throws Exception;

  abstract long size(String name) throws Exception;

  abstract void setSize(String name, long size) throws Exception;

  abstract int time(String name) throws Exception;

  abstract void setTime(String name, int time) throws Exception;

  abstract int mode(String name) throws Exception;

  abstract void setMode(String name, int mode) throws Exception;

  abstract List<String> list(String folder) throws Exception;

  abstract boolean isFolder(String name) throws Exception;

  abstract void makeFolder(String name) throws Exception;

  abstract void removeFolder(String name) throws Exception;

  abstract void removeFile(String name) throws Exception;

  abstract void move(String from, String to) throws Exception;

  abstract void moveOver(String from, String to) throws Exception;

  abstract void writeBlocksBackwards(String name, byte[] contents, int block) throws Exception;

  abstract List<String> matching(String pattern) throws Exception;

  abstract long freeSpace() throws Exception;

  abstract void link(String target, String name) throws Exception;

  abstract String where() throws Exception;

  /** SSH_FX_* of what the library threw, or -1. */
  abstract int status(Exception thrown);

  // --- helpers

  static String variable(String name) {
    return System.getenv("INTEROP_" + name);
  }

  static Path here(String name) {
    return Path.of(variable("HERE"), name);
  }

  static byte[] local(String name) throws IOException {
    return Files.readAllBytes(here(name));
  }

  static void expect(boolean held, String what) {
    if (!held) throw new IllegalStateException(what);
  }

  void refused(Step attempt, int... statuses) throws Exception {
    try {
      attempt.take();
    } catch (Exception why) {
      int status = status(why);
      expect(status >= 0, "not a status: " + why);
      expect(statuses.length == 0 || status == statuses[0], "another status: " + status);
      return;
    }
    throw new IllegalStateException("this was not refused");
  }

  // --- the steps

  void put() throws Exception {
    for (String name : List.of("large", "small", "empty")) {
      write(name, local(name));
      expect(size(name) == local(name).length, "its size differs");
    }
  }

  void get() throws Exception {
    for (String name : List.of("large", "small", "empty")) Files.write(here("back/" + name), read(name, 0));
  }

  void resumePut() throws Exception {
    byte[] large = local("large");
    write("resumed", Arrays.copyOf(large, large.length / 3));
    int at = (int) size("resumed");
    write("resumed", Arrays.copyOfRange(large, at, large.length), at);
  }

  void resumeGet() throws Exception {
    byte[] part = local("back/resumed");
    byte[] rest = read("large", part.length);
    byte[] whole = Arrays.copyOf(part, part.length + rest.length);
    System.arraycopy(rest, 0, whole, part.length, rest.length);
    Files.write(here("back/resumed"), whole);
  }

  void appendTo() throws Exception {
    write("appended", local("small"));
    append("appended", local("changed"));
  }

  void overwrite() throws Exception {
    write("patched", local("large"));
    write("patched", local("small"), PATCH_AT);
  }

  void truncate() throws Exception {
    write("cut", local("large"));
    setSize("cut", CUT);
  }

  void rename() throws Exception {
    write("renaming", local("small"));
    move("renaming", "renamed");
    write("renaming", local("small"));
    refused(() -> move("renaming", "large"));
    removeFile("renaming");
  }

  void renameOver() throws Exception {
    write("target", local("small"));
    write("target.filepart", local("changed"));
    moveOver("target.filepart", "target");
  }

  void recursive() throws Exception {
    try (Stream<Path> paths = Files.walk(here("tree"))) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String name = here("").relativize(path).toString();
        if (Files.isDirectory(path)) makeFolder(name);
        else write(name, Files.readAllBytes(path));
      }
    }
    fetch("tree");
  }

  private void fetch(String name) throws Exception {
    if (!isFolder(name)) {
      Files.write(here("back/" + name), read(name, 0));
      return;
    }
    Files.createDirectory(here("back/" + name));
    for (String below : list(name)) fetch(name + "/" + below);
  }

  void glob() throws Exception {
    for (String name : List.of("glob-a.txt", "glob-b.txt", "glob-c.dat")) write(name, local("small"));
    Files.createDirectory(here("back/globbed"));
    for (String name : matching("glob-*.txt")) Files.write(here("back/globbed/" + name), read(name, 0));
  }

  void unicode() throws Exception {
    String other = Normalizer.normalize(UNICODE, Normalizer.Form.NFD);
    write(UNICODE, local("small"));
    write(other, local("changed"));
    expect(list(".").containsAll(List.of(UNICODE, other)), "both are not listed");
  }

  void longName() throws Exception {
    write(LONG, local("small"));
    refused(() -> write(LONG + "n", new byte[0]));
  }

  void times() throws Exception {
    write("dated", local("small"));
    setTime("dated", DATED);
    expect(time("dated") == DATED, "its time differs");
  }

  void permissions() throws Exception {
    write("moded", local("small"));
    setMode("moded", MODE);
    expect((mode("moded") & 0777) == MODE, "its permissions differ");
  }

  void many() throws Exception {
    makeFolder("many");
    for (int number = 0; number < MANY; number++) write("many/" + number, new byte[0]);
    expect(list("many").size() == MANY, "another number is listed");
  }

  void errors() throws Exception {
    final int noSuchFile = 2;
    refused(() -> size("missing"), noSuchFile);
    refused(() -> read("missing", 0), noSuchFile);
    refused(() -> removeFile("missing"), noSuchFile);
    refused(() -> list("missing"), noSuchFile);
    makeFolder("full");
    write("full/file", new byte[0]);
    refused(() -> makeFolder("full"));
    refused(() -> removeFolder("full"));
    refused(() -> removeFile("full"));
  }

  void links() throws Exception {
    refused(() -> link("large", "link"));
    expect(where().equals(HOME), "it is somewhere else");
  }

  void remove() throws Exception {
    write("removed", local("small"));
    removeFile("removed");
    makeFolder("removed-folder");
    removeFolder("removed-folder");
  }

  private static void say(String name, Step step) {
    try {
      step.take();
      System.out.println("ok " + name);
    } catch (Absent why) {
      System.out.println("absent " + name + ": " + why.getMessage());
    } catch (Exception why) {
      System.out.println("failed " + name + ": " + why.toString().replace('\n', ' '));
    }
  }

  void tell() {
    say("password", () -> expect(homeByPassword().equals(HOME), "it is somewhere else"));
    say("put", this::put);
    say("get", this::get);
    say("resume-put", this::resumePut);
    say("resume-get", this::resumeGet);
    say("append", this::appendTo);
    say("out-of-order", () -> writeBlocksBackwards("scattered", local("large"), BLOCK));
    say("overwrite", this::overwrite);
    say("truncate", this::truncate);
    say("rename", this::rename);
    say("rename-over", this::renameOver);
    say("recursive", this::recursive);
    say("glob", this::glob);
    say("unicode", this::unicode);
    say("long-name", this::longName);
    say("times", this::times);
    say("permissions", this::permissions);
    say("many", this::many);
    say("space", () -> expect(freeSpace() > 0, "nothing is free"));
    say("links", this::links);
    say("errors", this::errors);
    say("remove", this::remove);
  }
}
