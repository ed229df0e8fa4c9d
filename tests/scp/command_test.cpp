#include "scp/command.h"

#include <gtest/gtest.h>

#include "scp/limits.h"

namespace bulkhead::scp {
namespace {

std::string target(std::string_view command) {
  const auto parsed = parse_command(command);
  if (!parsed) return "refused: " + parsed.error().message;
  return parsed->words.front().text;
}

TEST(ScpCommand, KnowsWhatClientsSend) {
  const auto openssh = parse_command("scp -v -r -p -d -t -- -odd");
  ASSERT_TRUE(openssh);
  EXPECT_EQ(openssh->role, Role::kSink);
  EXPECT_TRUE(openssh->recursive && openssh->times && openssh->target_is_directory);
  EXPECT_EQ(openssh->words[0].text, "-odd");
  const auto libssh2 = parse_command("scp -pf '/a b/c'");
  ASSERT_TRUE(libssh2);
  EXPECT_EQ(libssh2->role, Role::kSource);
  EXPECT_TRUE(libssh2->times);
  EXPECT_FALSE(libssh2->recursive);
  EXPECT_EQ(libssh2->words[0].text, "/a b/c");
  EXPECT_EQ(parse_command("scp -f a b\tc")->words.size(), 3u);
  EXPECT_EQ(parse_command("scp -t ''")->words[0].text, "");
}

TEST(ScpCommand, ReadsQuotesAsAShell) {
  EXPECT_EQ(target("scp -t 'a b'\"c\"d\\ e"), "a bcd e");
  EXPECT_EQ(target("scp -t 'it'\\''s'"), "it's");
  EXPECT_EQ(target("scp -t \"a\\\"b\\\\c\\d\""), "a\"b\\c\\d");
  EXPECT_EQ(target("scp -t '$(id);`id`&|<>'"), "$(id);`id`&|<>");
  EXPECT_EQ(target("scp -t \\$x"), "$x");
  EXPECT_EQ(target("scp -t a#b"), "a#b");
  EXPECT_EQ(target("scp -t {a,b}=~!"), "{a,b}=~!");
  EXPECT_EQ(target("scp -t \xc3\xbc"), "\xc3\xbc");
}

TEST(ScpCommand, RefusesWhatOnlyAShellCouldDo) {
  for (const char* command : {"scp -t a;id",
                              "scp -t a|id",
                              "scp -t a&",
                              "scp -t a<b",
                              "scp -t a>b",
                              "scp -t (a)",
                              "scp -t $HOME",
                              "scp -t `id`",
                              "scp -t \"$HOME\"",
                              "scp -t \"`id`\"",
                              "scp -t a\nid",
                              "scp -t #a",
                              "scp -t 'a",
                              "scp -t \"a",
                              "scp -t a\\",
                              "scp -t",
                              "scp",
                              "scp a",
                              "scp -f",
                              "scp -t -f a",
                              "scp -t a b",
                              "scp -x -t a",
                              "scp -S/bin/sh -t a",
                              "scp\n-t a"})
    EXPECT_FALSE(parse_command(command)) << command;
  EXPECT_FALSE(parse_command(std::string_view("scp -t a\0b", 10)));
  EXPECT_FALSE(parse_command("scp -f " + std::string(kMaxCommandBytes, 'a')));
  std::string many = "scp -f";
  for (std::size_t i = 0; i <= kMaxWords; ++i)
    many += " a";
  EXPECT_FALSE(parse_command(many));
}

TEST(ScpCommand, IsMeantOnlyByItsName) {
  for (const char* command : {"scp", "scp -t a", " scp\t-f x"})
    EXPECT_TRUE(is_scp(command)) << command;
  for (const char* command : {"", "sh", "scpx", "/usr/bin/scp -t a", "'scp' -t a", "SCP -t a"})
    EXPECT_FALSE(is_scp(command)) << command;
}

TEST(ScpCommand, KnowsWildcardsFromQuotedOnes) {
  const auto words = parse_command("scp -f *.txt '*'.txt \\?x [a] ~/x '~'");
  ASSERT_TRUE(words);
  const std::vector<Word>& w = words->words;
  EXPECT_TRUE(w[0].wild && !w[1].wild && !w[2].wild && w[3].wild);
  EXPECT_EQ(w[1].pattern, "\\*.txt");
  EXPECT_EQ(w[2].pattern, "\\?x");
  EXPECT_TRUE(w[4].tilde && !w[5].tilde);
}

}  // namespace
}  // namespace bulkhead::scp
