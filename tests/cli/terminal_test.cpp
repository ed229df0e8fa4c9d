#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

TEST(Printable, LeavesWordsOfAnyLanguageAlone) {
  EXPECT_EQ(printable("plain name.csv"), "plain name.csv");
  EXPECT_EQ(printable("Müller 日本 \U0001F600"), "Müller 日本 \U0001F600");
}

TEST(Printable, TakesTheTeethOutOfControlCharacters) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("a\nb\rc\td"), "a\\x0ab\\x0dc\\x09d");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");                     // C1: CSI
  EXPECT_EQ(printable("exe.\u202e.vsc"), "exe.\\xe2\\x80\\xae.vsc");  // right-to-left override
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
}

TEST(Sizes, AreShownForPeople) {
  EXPECT_EQ(shown_size(0), "0 bytes");
  EXPECT_EQ(shown_size(1), "1 byte");
  EXPECT_EQ(shown_size(1023), "1023 bytes");
  EXPECT_EQ(shown_size(1536), "1.5 KiB");
  EXPECT_EQ(shown_size(20ULL << 30), "20.0 GiB");
  EXPECT_EQ(shown_size(UINT64_MAX), "16.0 EiB");
}

TEST(TableOfNames, ColumnsLineUpByCharacters) {
  Table table({"USER", "LOGIN"});
  EXPECT_TRUE(table.empty());
  table.add({"Zoë", "1 key"});
  table.add({"a\nb", ""});
  EXPECT_EQ(table.text(),
            "USER    LOGIN\n"
            "Zoë     1 key\n"
            "a\\x0ab\n");
}

}  // namespace
}  // namespace bulkhead::cli
