#include "scp/limits.h"
#include "transfer.h"

namespace bulkhead::scp::test {
namespace {

class ScpSink : public testing::Test {
 protected:
  sftp::test::MemoryFileSystem files{
      {.home = *sftp::Path::from_components({"home"}), .umask = 0, .max_file_bytes = 1 << 20}};
  sftp::Attributes stat(std::string_view path) {
    const auto stat = files.stat(*sftp::Path::parse(path, {}));
    EXPECT_TRUE(stat) << path;
    return stat.value_or(sftp::Attributes{});
  }
};

TEST_F(ScpSink, TakesAFileIntoAFolderOrUnderAName) {
  for (const auto& [target, path] :
       {std::pair{".", "/home/a"}, std::pair{"/home/", "/home/a"}, std::pair{"b", "/home/b"},
        std::pair{"~/c", "/home/c"}, std::pair{"~anna", "/home/a"}, std::pair{"''", "/home/a"}}) {
    Transfer t(files, std::string("scp -t ") + target);
    EXPECT_EQ(t.heard(), kOk);
    EXPECT_EQ(t.say("C0640 5 a\n"), kOk);
    EXPECT_EQ(t.say(std::string("hello\0", 6)), kOk);
    EXPECT_EQ(t.end(), 0u);
    EXPECT_EQ(files.contents(path), "hello") << target;
    EXPECT_EQ(stat(path).permissions, 0640u);
  }
}

TEST_F(ScpSink, TakesItInAnyPortions) {
  const std::string everything = std::string("T1700000000 0 1600000000 5\nC0600 300 x\n") +
                                 std::string(300, 'x') + std::string("\0C0600 0 y\n\0", 12);
  for (const std::size_t portion : {1, 2, 7, 1000}) {
    Transfer t(files, "scp -p -t .");
    std::string heard = t.heard();
    for (std::size_t at = 0; at < everything.size(); at += portion)
      heard += t.say(std::string_view(everything).substr(at, portion));
    EXPECT_EQ(heard, std::string(6, '\0'));
    EXPECT_EQ(t.end(), 0u);
    EXPECT_EQ(files.contents("/home/x"), std::string(300, 'x'));
    EXPECT_TRUE(files.exists("/home/y"));
    EXPECT_EQ(stat("/home/x").modified_s, 1'700'000'000);
    EXPECT_EQ(stat("/home/x").accessed_s, 1'600'000'000);
    EXPECT_NE(stat("/home/y").modified_s, 1'700'000'000);
  }
}

TEST_F(ScpSink, TakesFoldersWithTheirTimes) {
  Transfer t(files, "scp -r -p -d -t /home");
  std::string heard = t.heard();
  heard += t.say("T1700000001 0 1700000001 0\nD0750 0 tree\nD0700 0 deep\n");
  heard += t.say("C0600 1 f\nf" + kOk + "E\nE\nC0600 1 g\ng" + kOk);
  EXPECT_EQ(heard, std::string(10, '\0'));
  EXPECT_EQ(t.end(), 0u);
  EXPECT_EQ(files.contents("/home/tree/deep/f"), "f");
  EXPECT_EQ(files.contents("/home/g"), "g");
  EXPECT_EQ(stat("/home/tree").modified_s, 1'700'000'001);
  EXPECT_EQ(stat("/home/tree").permissions, 0750u);
}

TEST_F(ScpSink, NamesAFolderThatIsNotThereAsTheTarget) {
  Transfer t(files, "scp -r -t new");
  EXPECT_EQ(t.heard(), kOk);
  EXPECT_EQ(t.say("D0755 0 tree\nC0600 1 f\nf" + kOk + "E\n"), std::string(4, '\0'));
  EXPECT_EQ(t.end(), 0u);
  EXPECT_EQ(files.contents("/home/new/f"), "f");
}

TEST_F(ScpSink, RefusesNamesThatAreNone) {
  for (const std::string& name :
       {std::string(".."), std::string("."), std::string(""), std::string("a/b"),
        std::string("/etc"), std::string("../a"), std::string("a\0b", 3)}) {
    for (const char* kind : {"C0600 1 ", "D0700 0 "}) {
      Transfer t(files, "scp -r -t .");
      t.heard();
      const std::string said = t.say(kind + name + "\n");
      EXPECT_EQ(said.substr(0, 22), "\2scp: protocol error: ") << name;
      EXPECT_TRUE(t.over());
      EXPECT_EQ(t.status(), 1u);
    }
  }
  Transfer t(files, "scp -t .");
  t.heard();
  EXPECT_EQ(t.say("C0600 1 " + std::string(256, 'n') + "\n")[0], '\1');  // this one only
  EXPECT_EQ(t.say("C0600 1 f\nf" + kOk), std::string(2, '\0'));
  EXPECT_EQ(t.end(), 1u);
}

TEST_F(ScpSink, RefusesLinesThatAreNone) {
  for (const char* line : {"",
                           "X",
                           "C",
                           "C0600",
                           "C0600 1",
                           "C600 1 ",
                           "C08 1 a",
                           "C10000 1 a",
                           "C0600 -1 a",
                           "C0600 +1 a",
                           "C0600 1x a",
                           "C0600 18446744073709551616 a",
                           "C0600 9223372036854775808 a",
                           "C0600  1 a",
                           "T1 0 1",
                           "T1 0 1 0 0",
                           "T1 1000000 1 0",
                           "T-1 0 1 0",
                           "T4294967296 0 1 0",
                           "Ta 0 1 0",
                           "E",
                           "Ex"}) {
    Transfer t(files, "scp -r -t .");
    t.heard();
    EXPECT_EQ(t.say(std::string(line) + "\n")[0], '\2') << line;
    EXPECT_EQ(t.status(), 1u);
  }
  Transfer folder(files, "scp -t .");
  folder.heard();
  EXPECT_EQ(folder.say("D0700 0 d\n")[0], '\2');
  Transfer t(files, "scp -t .");
  t.heard();
  EXPECT_EQ(t.say(std::string(kMaxLineBytes + 1, 'C'))[0], '\2');
}

TEST_F(ScpSink, CommitsOnlyWhatTheClientCallsRight) {
  files.put("/home/f", "before");
  {
    Transfer t(files, "scp -t f");
    t.heard();
    EXPECT_EQ(t.say("C0600 3 f\nxyz"), kOk);
    EXPECT_EQ(t.say("\1scp: f: read error\n"), kOk);
    EXPECT_EQ(t.end(), 1u);
  }
  EXPECT_EQ(files.counts().closed, 0u);
  EXPECT_EQ(files.counts().abandoned, 1u);
  {
    Transfer t(files, "scp -t f");
    t.say("C0600 3 f\nxy");
    EXPECT_EQ(t.end(), 1u);
  }
  EXPECT_EQ(files.counts().closed, 0u);
  {
    Transfer t(files, "scp -t f");
    t.say("C0600 3 f\nxyz");
    EXPECT_EQ(t.end(), 0u);  // libssh2's end
  }
  EXPECT_EQ(files.counts().closed, 1u);
  for (const char* end : {"no end", "\n"}) {
    Transfer t(files, "scp -t f");
    t.say("C0600 3 f\nxyz");
    EXPECT_EQ(t.say(end)[0], '\2');
    EXPECT_EQ(files.counts().closed, 1u);
  }
}

TEST_F(ScpSink, TellsWhatCannotBeStoredAndGoesOn) {
  files.put("/home/d/x", "");
  Transfer t(files, "scp -r -t .");
  t.heard();
  EXPECT_EQ(t.say("C0600 1 d\n"), "\1scp: d: That is a folder.\n");
  EXPECT_EQ(t.say("D0700 0 d\nD0700 0 x\n"), kOk + "\1scp: x: There is a file of that name.\n");
  EXPECT_EQ(t.say("E\n"), kOk);
  std::string heard = t.say("C0600 3000000 big\n");
  for (int i = 0; i < 3; ++i)
    heard += t.say(std::string(1'000'000, 'b'));
  heard += t.say(kOk);
  EXPECT_EQ(heard, kOk + "\1scp: big: The file would be too large.\n");
  EXPECT_EQ(t.say("C0600 1 f\nf" + kOk), std::string(2, '\0'));
  EXPECT_EQ(t.end(), 1u);
  EXPECT_EQ(files.contents("/home/f"), "f");
}

TEST_F(ScpSink, SaysWhatIsWrongWithTheTarget) {
  files.put("/home/f", "");
  files.put("/home/g1", "");
  files.put("/home/g2", "");
  files.put("/home/sub/x", "");
  const auto said = [&](const char* command) {
    Transfer t(files, command);
    const std::string heard = t.heard();
    EXPECT_TRUE(heard == kOk || t.status() == 1);
    return heard;
  };
  EXPECT_EQ(said("scp -d -t f"), "\2scp: f: It is not a folder.\n");
  EXPECT_EQ(said("scp -d -t none"), "\2scp: none: There is no such file or folder.\n");
  EXPECT_EQ(said("scp -t g*"), "\2scp: g*: More than one target fits.\n");
  EXPECT_EQ(said("scp -t ~bert"), "\2scp: ~bert: No home folder of that name.\n");
  EXPECT_EQ(said("scp -t $(id)"),
            "\2scp: There is no shell here: put quotes around names with special characters.\n");
  EXPECT_EQ(said("scp -d -t s?b"), kOk);
  EXPECT_EQ(said("scp -t none*"), kOk);
  Transfer control(files, "scp -d -t 'a\x1b[2Jb'");
  EXPECT_EQ(control.heard(), "\2scp: a?[2Jb: There is no such file or folder.\n");
}

TEST_F(ScpSink, WaitsForRoom) {
  Transfer t(files, "scp -t .");
  t.heard();
  t.sink().full_at = 1;
  std::string all;
  for (int i = 0; i < 300; ++i)
    all += "C0600 1 f" + std::to_string(i) + "\nf" + kOk;
  EXPECT_EQ(t.say(all), std::string(600, '\0'));
  EXPECT_EQ(t.end(), 0u);
  EXPECT_TRUE(files.exists("/home/f299"));
}

}  // namespace
}  // namespace bulkhead::scp::test
