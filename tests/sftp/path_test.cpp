#include "sftp/path.h"

#include <gtest/gtest.h>

namespace bulkhead::sftp {
namespace {

Path home() {
  return *Path::from_components({"home", "anna"});
}

TEST(Path, IsResolvedLexically) {
  const struct {
    std::string_view text, resolved;
  } kCases[] = {
      {"", "/home/anna"},
      {".", "/home/anna"},
      {"/", "/"},
      {"//", "/"},
      {"a", "/home/anna/a"},
      {"a/", "/home/anna/a"},
      {"./a//b/.", "/home/anna/a/b"},
      {"..", "/home"},
      {"../..", "/"},
      {"../../../..", "/"},
      {"/..", "/"},
      {"/../a", "/a"},
      {"/a/../b", "/b"},
      {"/missing/../b/..", "/"},
      {"...", "/home/anna/..."},
      {"/.a/..b", "/.a/..b"},
      {" ", "/home/anna/ "},
      {"/a b", "/a b"},
      {"/\xff\xfe", "/\xff\xfe"},
      {"/a\nb", "/a\nb"},
      {"/~", "/~"},
  };
  for (const auto& c : kCases) {
    const auto path = Path::parse(c.text, home());
    ASSERT_TRUE(path) << c.text;
    EXPECT_EQ(path->text(), c.resolved) << c.text;
  }
}

TEST(Path, RefusesWhatNoNameMayBe) {
  EXPECT_EQ(Path::parse(std::string_view("/a\0b", 4), home()).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(Path::parse(std::string_view("\0", 1), home()).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(Path::parse("/" + std::string(255, 'x'), home()));
  EXPECT_EQ(Path::parse("/" + std::string(256, 'x'), home()).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Path, RefusesMoreThan64Folders) {
  std::string text;
  for (int i = 0; i < 64; ++i)
    text += "/d";
  ASSERT_TRUE(Path::parse(text, home()));
  EXPECT_EQ(Path::parse(text, home())->components().size(), 64u);
  EXPECT_TRUE(Path::parse(text + "/../e", home()));
  EXPECT_EQ(Path::parse(text + "/e", home()).error().code, ErrorCode::kLimitExceeded);
  EXPECT_FALSE(Path::parse(text + "/e/..", home()));  // never held, even for a moment
}

TEST(Path, SentencesDoNotRepeatTheClientsBytes) {
  const auto refused = Path::parse("/secret" + std::string(300, 'x'), home());
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST(Path, FromComponentsChecksToo) {
  for (const char* name : {"", ".", "..", "a/b"})
    EXPECT_FALSE(Path::from_components({"a", name})) << name;
  EXPECT_FALSE(Path::from_components({std::string(256, 'x')}));
  EXPECT_FALSE(Path::from_components(std::vector<std::string>(65, "d")));
  EXPECT_EQ(Path::from_components({"a", "b"})->text(), "/a/b");
}

TEST(Path, ParentAndPrefix) {
  const Path path = *Path::parse("/a/b", Path());
  EXPECT_EQ(path.parent().text(), "/a");
  EXPECT_EQ(path.name(), "b");
  EXPECT_EQ(Path().parent().text(), "/");
  EXPECT_TRUE(path.starts_with(path.parent()));
  EXPECT_TRUE(path.starts_with(path));
  EXPECT_FALSE(path.parent().starts_with(path));
  EXPECT_FALSE(Path::parse("/ab", Path())->starts_with(path.parent()));
}

}  // namespace
}  // namespace bulkhead::sftp
