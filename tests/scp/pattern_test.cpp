#include "scp/pattern.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "../sftp/memory_file_system.h"

namespace bulkhead::scp {
namespace {

using sftp::test::MemoryFileSystem;

TEST(ScpPattern, MatchesAsAShellDoes) {
  const struct {
    const char *name, *pattern;
    bool fits;
  } kCases[] = {
      {"a", "a", true},
      {"a", "b", false},
      {"", "", true},
      {"", "*", true},
      {"abc", "*", true},
      {"abc", "a*", true},
      {"abc", "*c", true},
      {"abc", "*b*", true},
      {"abc", "a*b", false},
      {"abc", "???", true},
      {"abc", "??", false},
      {".a", "*", false},
      {".a", "?a", false},
      {".a", "[.]a", false},
      {".a", ".*", true},
      {".a", "\\.a", true},
      {"a.b", "a*b", true},
      {"*", "\\*", true},
      {"a", "\\*", false},
      {"a", "[a-c]", true},
      {"d", "[a-c]", false},
      {"d", "[!a-c]", true},
      {"d", "[^a-c]", true},
      {"-", "[a-]", true},
      {"]", "[]]", true},
      {"[a", "[a", true},
      {"a", "[a", false},
      {"\\", "[\\\\]", true},
      {"x]", "[x]]", true},
      {"mississippi", "m*iss*ip*i", true},
      {"mississippi", "m*iss*ipx", false},
  };
  for (const auto& k : kCases)
    EXPECT_EQ(matches(k.name, k.pattern), k.fits) << k.name << " " << k.pattern;
}

// The C library's fnmatch() is what shells and clients use.
TEST(ScpPattern, AgreesWithFnmatch) {
  std::mt19937 random(7);
  const auto text = [&](std::string_view letters, std::size_t most) {
    std::string made;
    for (std::size_t size = random() % (most + 1); size > 0; --size)
      made.push_back(letters[random() % letters.size()]);
    return made;
  };
  int fits = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string name = text("aab.", 6), pattern = text("aab.*?", 6);
    const bool expected = ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
    fits += expected;
    ASSERT_EQ(matches(name, pattern), expected) << name << " " << pattern;
  }
  EXPECT_GT(fits, 2000);
}

TEST(ScpPattern, TakesNoMoreTimeThanItsSizes) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i)
    pattern += "*a";
  EXPECT_FALSE(matches(std::string(255, 'a'), pattern + "b"));
}

class ScpGlob : public testing::Test {
 protected:
  ScpGlob() {
    for (const char* name : {"/home/a1", "/home/a2", "/home/b/x1", "/home/b/x2", "/home/c/x1",
                             "/home/c/.x", "/home/star*", "/top"})
      files.put(name, "");
  }
  std::multiset<std::string> found(std::string_view pattern) {
    std::multiset<std::string> all;
    auto glob = Glob::parse(files, pattern, *sftp::Path::from_components({"home"}));
    EXPECT_TRUE(glob);
    for (int steps = 0; steps < 100'000; ++steps) {
      const auto step = glob->step();
      EXPECT_TRUE(step);
      if (!step || *step == Glob::Step::kEnd) return all;
      if (*step == Glob::Step::kFound) all.insert(glob->found().text());
    }
    ADD_FAILURE() << "no end";
    return all;
  }
  MemoryFileSystem files{{.home = *sftp::Path::from_components({"home"})}};
};

TEST_F(ScpGlob, WalksFolders) {
  using Names = std::multiset<std::string>;
  EXPECT_EQ(found("a*"), (Names{"/home/a1", "/home/a2"}));
  EXPECT_EQ(found("*/x1"), (Names{"/home/b/x1", "/home/c/x1"}));
  EXPECT_EQ(found("/home/[bc]/*2"), (Names{"/home/b/x2"}));
  EXPECT_EQ(found("/*"), (Names{"/home", "/top"}));
  EXPECT_EQ(found("b/../c/x?"), (Names{"/home/c/x1"}));
  EXPECT_EQ(found("./c//.*"), (Names{"/home/c/.x"}));
  EXPECT_EQ(found("s*\\*"), (Names{"/home/star*"}));
  EXPECT_EQ(found("*/none"), Names{});
  EXPECT_EQ(found("a1/*"), Names{});
  EXPECT_EQ(found("none*/x"), Names{});
}

TEST_F(ScpGlob, ReadsLargeFoldersInPortions) {
  for (int i = 0; i < 5000; ++i)
    files.put("/home/many/" + std::to_string(i), "");
  EXPECT_EQ(found("many/*7").size(), 500u);
}

}  // namespace
}  // namespace bulkhead::scp
