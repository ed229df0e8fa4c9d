#include "scp/limits.h"
#include "transfer.h"

namespace bulkhead::scp::test {
namespace {

class ScpSource : public testing::Test {
 protected:
  sftp::test::MemoryFileSystem files{{.home = *sftp::Path::from_components({"home"}), .umask = 0}};
  // A client that says yes to everything.
  std::string get(const std::string& command, std::uint32_t expected_status = 0) {
    Transfer t(files, command);
    std::string all;
    for (int i = 0; i < 100'000 && !t.over(); ++i)
      all += t.say(kOk);
    all += t.heard();
    EXPECT_EQ(t.status(), expected_status) << command;
    return all;
  }
};

TEST_F(ScpSource, WaitsForEachAnswer) {
  files.put("/home/a", "hello");
  Transfer t(files, "scp -f a");
  EXPECT_EQ(t.heard(), "");
  EXPECT_EQ(t.say(kOk), "C0666 5 a\n");
  EXPECT_EQ(t.say(kOk), "hello" + kOk);
  EXPECT_FALSE(t.over());
  EXPECT_EQ(t.say(kOk), "");
  EXPECT_EQ(t.status(), 0u);
}

TEST_F(ScpSource, TakesAnswersInOnePiece) {
  files.put("/home/a", "hello");
  files.put("/home/b", "");
  Transfer t(files, "scp -f a b");
  EXPECT_EQ(t.say(std::string(7, '\0')), "C0666 5 a\nhello" + kOk + "C0666 0 b\n" + kOk);
  EXPECT_EQ(t.status(), 0u);
}

TEST_F(ScpSource, SendsWhatAPatternFits) {
  for (const char* name : {"/home/a1", "/home/a2", "/home/b", "/home/d/a3", "/home/star*"})
    files.put(name, "x");
  EXPECT_EQ(get("scp -f a*"), "C0666 1 a1\nx" + kOk + "C0666 1 a2\nx" + kOk);
  EXPECT_EQ(get("scp -f */a?"), "C0666 1 a3\nx" + kOk);
  EXPECT_EQ(get("scp -f 'star*'"), "C0666 1 star*\nx" + kOk);
  EXPECT_EQ(get("scp -f ~/b"), "C0666 1 b\nx" + kOk);
  EXPECT_EQ(get("scp -f none* b", 1), "\1scp: none*: No such file or folder.\nC0666 1 b\nx" + kOk);
}

TEST_F(ScpSource, SendsTreesAndTimes) {
  files.put("/home/tree/a", "x");
  files.put("/home/tree/deep/b", "y");
  const sftp::AttributeChanges times{.times = {{.accessed_s = 5, .modified_s = 7}}};
  for (const char* path : {"/home/tree", "/home/tree/a", "/home/tree/deep", "/home/tree/deep/b"})
    ASSERT_TRUE(files.set_attributes(*sftp::Path::parse(path, {}), times));
  const std::string t = "T7 0 5 0\n";
  EXPECT_EQ(get("scp -r -p -f tree"), t + "D0777 0 tree\n" + t + "C0666 1 a\nx" + kOk + t +
                                          "D0777 0 deep\n" + t + "C0666 1 b\ny" + kOk + "E\nE\n");
  EXPECT_EQ(get("scp -f tree", 1), "\1scp: tree: It is a folder: scp -r transfers folders.\n");
}

TEST_F(ScpSource, SendsLargeFilesInPiecesAndWaitsForRoom) {
  std::string contents(3'000'000, '\0');
  for (std::size_t i = 0; i < contents.size(); ++i)
    contents[i] = static_cast<char>(i * i / 253);
  files.put("/home/large", contents);
  Transfer t(files, "scp -f large");
  t.sink().full_at = 1;
  std::string all = t.say(kOk);
  all += t.say(kOk);
  all += t.say(kOk);
  EXPECT_TRUE(all == "C0666 3000000 large\n" + contents + kOk);
  EXPECT_EQ(t.status(), 0u);
}

TEST_F(ScpSource, LeavesOutWhatTheClientDoesNotTake) {
  files.put("/home/a", "x");
  files.put("/home/b", "y");
  files.put("/home/d/c", "z");
  Transfer t(files, "scp -r -f a d b");
  EXPECT_EQ(t.say(kOk), "C0666 1 a\n");
  EXPECT_EQ(t.say("\1scp: a: no\n"), "D0777 0 d\n");
  EXPECT_EQ(t.say("\1no\n"), "C0666 1 b\n");
  EXPECT_EQ(t.say(kOk), "y" + kOk);
  EXPECT_EQ(t.say(kOk), "");
  EXPECT_EQ(t.status(), 1u);
  for (const char* end : {"\2fatal\n", "x", "\n"}) {
    Transfer ended(files, "scp -f a b");
    ended.say(kOk);
    EXPECT_EQ(ended.say(end), "");
    EXPECT_EQ(ended.status(), 1u);
  }
  Transfer talkative(files, "scp -f a");
  talkative.say("\1" + std::string(kMaxLineBytes + 1, 'n'));
  EXPECT_EQ(talkative.status(), 1u);
}

TEST_F(ScpSource, SaysWhatCannotBeSent) {
  files.put("/home/a", "x");
  files.put("/home/line\nC0777 1 evil", "x");
  EXPECT_EQ(get("scp -f none a", 1),
            "\1scp: none: There is no such file or folder.\nC0666 1 a\nx" + kOk);
  EXPECT_EQ(
      get("scp -f line*", 1),
      "\1scp: line?C0777 1 evil: scp cannot transfer a name with a line end in it: use sftp.\n");
  EXPECT_EQ(get("scp -r -f /", 1),
            "\1scp: /: The uppermost folder has no name: name what is in it.\n");
  EXPECT_EQ(get("scp -f a;id", 1),
            "\2scp: There is no shell here: put quotes around names with special characters.\n");
}

TEST_F(ScpSource, EndsWithItsClient) {
  files.put("/home/a", "x");
  Transfer t(files, "scp -f a");
  t.say(kOk);
  EXPECT_EQ(t.end(), 1u);
}

}  // namespace
}  // namespace bulkhead::scp::test
