#include "exposure/layouts/copybook.h"

#include <gtest/gtest.h>

#include "exposure/layouts/copybook_text.h"
#include "exposure/layouts/picture.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

struct Wanted {
  std::string name;
  std::uint32_t at, length;
};

void expect_fields(const LayoutPtr& layout, const std::vector<Wanted>& wanted) {
  ASSERT_NE(layout, nullptr);
  ASSERT_EQ(layout->fields.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(layout->fields[i].name, wanted[i].name);
    EXPECT_EQ(layout->fields[i].at, wanted[i].at) << wanted[i].name;
    EXPECT_EQ(layout->fields[i].length, wanted[i].length) << wanted[i].name;
  }
}

TEST(Picture, Lengths) {
  struct {
    std::string_view text;
    bool numeric;
    std::uint32_t positions, digits;
  } const cases[] = {
      {"X", false, 1, 0},           {"X(10)", false, 10, 0},      {"A(3)X(2)", false, 5, 0},
      {"9(9)", true, 9, 9},         {"S9(7)V99", true, 9, 9},     {"999V9", true, 4, 4},
      {"ZZ,ZZ9.99-", false, 10, 3}, {"9(5)PPP", true, 5, 5},      {"N(4)", false, 8, 0},
      {"+9(3)CR", false, 6, 3},     {"99/99/9999", false, 10, 8}, {"S9(3).99", false, 6, 5},
  };
  for (const auto& one : cases) {
    const auto picture = parse_picture(one.text);
    ASSERT_TRUE(picture.has_value()) << one.text;
    EXPECT_EQ(picture->numeric, one.numeric) << one.text;
    EXPECT_EQ(picture->positions, one.positions) << one.text;
    EXPECT_EQ(picture->digits, one.digits) << one.text;
  }
  for (const std::string_view wrong : {"", "Q(3)", "X(", "X()", "9(99999999)", "X(A)", "C"})
    EXPECT_FALSE(parse_picture(wrong).has_value()) << wrong;
}

TEST(Copybook, StorageOfEveryUsage) {
  expect_fields(layout_from(R"(
       01  R.
           05  A  PIC 9(4)      COMP.
           05  B  PIC 9(5)      COMP-4.
           05  C  PIC S9(10)    BINARY.
           05  D  PIC S9(9)     COMP-3.
           05  E  PIC 9(8)      PACKED-DECIMAL.
           05  F  PIC 9(4)      COMP-6.
           05  G                COMP-1.
           05  H                COMP-2.
           05  I  PIC S9(5)     SIGN IS LEADING SEPARATE CHARACTER.
           05  J  PIC S9(5).
           05  K  PIC X(3)      JUSTIFIED RIGHT.
           05  L  PIC 9(9)      COMP-5.
           05  M  PIC S9(18)    COMPUTATIONAL.
           05  N  USAGE POINTER.
)"),
                {{"A", 0, 2},
                 {"B", 2, 4},
                 {"C", 6, 8},
                 {"D", 14, 5},
                 {"E", 19, 5},
                 {"F", 24, 2},
                 {"G", 26, 4},
                 {"H", 30, 8},
                 {"I", 38, 6},
                 {"J", 44, 5},
                 {"K", 49, 3},
                 {"L", 52, 4},
                 {"M", 56, 8},
                 {"N", 64, 4}});
}

TEST(Copybook, FixedFormWithSequenceNumbersAndComments) {
  expect_fields(
      layout_from(
          "000100*  A COMMENT WITH PIC X(99).                                      ID000001\n"
          "000200 01  REC.                                                         ID000002\n"
          "000300     05  A-NAME           PIC X(10) VALUE 'A. B'.                 ID000003\n"
          "000400/    EJECT                                                        ID000004\n"
          "000500     05  B-NAME           PIC X(5)                                ID000005\n"
          "000600                          OCCURS 2 TIMES.                         ID000006\n"
          "000700     05  FILLER           PIC X(3). *> THE END                    ID000007\n"),
      {{"A-NAME", 0, 10}, {"B-NAME(1)", 10, 5}, {"B-NAME(2)", 15, 5}, {"FILLER", 20, 3}});
}

TEST(Copybook, FreeFormWithoutLevelOne) {
  expect_fields(layout_from("05 one pic x(4).\n05 two. 10 three pic 99. 10 four picture is "
                            "s9(3)v99 usage is comp-3.\n"),
                {{"ONE", 0, 4}, {"THREE", 4, 2}, {"FOUR", 6, 3}});
}

TEST(Copybook, UsageOfAGroupIsThatOfItsItems) {
  expect_fields(
      layout_from("01 R.\n 05 G COMP-3.\n 10 A PIC 9(5).\n 10 B PIC 9(7).\n 05 C PIC 9(5).\n"),
      {{"A", 0, 3}, {"B", 3, 4}, {"C", 7, 5}});
}

TEST(Copybook, SynchronizedItemsAreAligned) {
  expect_fields(layout_from("01 R.\n 05 A PIC X.\n 05 B PIC 9(9) COMP SYNC.\n 05 C PIC X.\n 05 D "
                            "PIC 9(4) COMP SYNC.\n"),
                {{"A", 0, 1}, {"B", 4, 4}, {"C", 8, 1}, {"D", 10, 2}});
}

TEST(Copybook, RedefinesAreAlternatives) {
  const LayoutPtr layout = layout_from(R"(
       01  R.
           05  T       PIC X.
           05  DATA-X  PIC X(20).
           05  P REDEFINES DATA-X.
               10  P-A PIC X(5).
               10  P-B PIC X(5).
           05  Q REDEFINES DATA-X.
               10  Q-A PIC 9(8).
           05  Z       PIC X.
)");
  expect_fields(
      layout,
      {{"T", 0, 1}, {"DATA-X", 1, 20}, {"P-A", 1, 5}, {"P-B", 6, 5}, {"Q-A", 1, 8}, {"Z", 21, 1}});
  ASSERT_EQ(layout->choices.size(), 1U);
  EXPECT_EQ(layout->choices[0].names, (std::vector<std::string>{"DATA-X", "P", "Q"}));
  EXPECT_EQ(layout->length, 22U);
  EXPECT_TRUE(layout->fields[0].needs.empty());
  EXPECT_EQ(layout->fields[3].needs.at(0).alternative, 1U);
}

TEST(Copybook, RecordsOfOneFileShareTheirArea) {
  const LayoutPtr layout =
      layout_from("01 A.\n 05 A1 PIC X(4).\n01 B REDEFINES A.\n 05 B1 PIC X(9).\n");
  expect_fields(layout, {{"A1", 0, 4}, {"B1", 0, 9}});
  EXPECT_EQ(layout->length, 9U);
  EXPECT_EQ(layout->shortest, 4U);
}

TEST(Copybook, TablesThatDependOnACount) {
  const LayoutPtr layout = layout_from(R"(
      01 RECORD.
          02 COUNT-1 PIC 9(1).
          02 GROUP-1 OCCURS 0 TO 2 TIMES DEPENDING ON COUNT-1.
             03 INNER-COUNT PIC 9(1).
             03 INNER-GROUP OCCURS 0 TO 3 TIMES
                                DEPENDING ON INNER-COUNT.
                04 FIELD-1 PIC X.
          02 LAST-1 PIC X(2).
)");
  ASSERT_NE(layout, nullptr);
  EXPECT_TRUE(layout->varying);
  ASSERT_EQ(layout->fields.size(), 1U + 2 * 4 + 1);
  FieldPlacer shifting(*layout, CodePage::kAscii, true);
  const auto absent = FieldPlacer::kAbsent;
  EXPECT_EQ(shifting.place("0ZZ"), (std::vector<std::uint32_t>{0, absent, absent, absent, absent,
                                                               absent, absent, absent, absent, 1}));
  EXPECT_EQ(shifting.place("22AB1CZZ"),
            (std::vector<std::uint32_t>{0, 1, 2, 3, absent, 4, 5, absent, absent, 6}));
  FieldPlacer fixed(*layout, CodePage::kAscii, false);
  EXPECT_EQ(fixed.place("22AB 1C  ZZ"),
            (std::vector<std::uint32_t>{0, 1, 2, 3, absent, 5, 6, absent, absent, 9}));
}

TEST(Copybook, LevelsThatDescribeNothing) {
  expect_fields(layout_from(R"(
       01  R.
           05  A  PIC X.
               88  IS-A  VALUE 'A' 'B'.
               88  IS-C  VALUES ARE 'C' THRU 'D'.
           05  B  PIC XX.
       66  C RENAMES A THRU B.
       78  D VALUE 7.
)"),
                {{"A", 0, 1}, {"B", 1, 2}});
}

TEST(Copybook, DatesAndNumbersInPartsAreOneField) {
  const LayoutPtr layout = layout_from(R"(
       01  R.
           05  BIRTH-DATE.
               10  BIRTH-CC  PIC 99.
               10  BIRTH-YY  PIC 99.
               10  BIRTH-MM  PIC 99.
               10  BIRTH-DD  PIC 99.
           05  SSN.
               10  SSN-1 PIC 999.
               10  SSN-2 PIC 99.
               10  SSN-3 PIC 9999.
           05  MEMBER-NAME.
               10  LAST-NAME PIC X(9).
               10  FIRST-NAME PIC X(9).
)");
  expect_fields(layout,
                {{"BIRTH-DATE", 0, 8}, {"SSN", 8, 9}, {"LAST-NAME", 17, 9}, {"FIRST-NAME", 26, 9}});
}

TEST(Copybook, NamesMeanWhatTheySayWithoutTheirPrefixes) {
  const LayoutPtr layout = layout_from(R"(
       01  R.
           05  XQ7-CLNT-LAST-NAME     PIC X(9).
           05  XQ7-CLNT-FIRST-NAME    PIC X(9).
           05  XQ7-DOB-CCYYMMDD       PIC 9(8).
           05  XQ7-SSN                PIC 9(9).
           05  XQ7-PRSN-ADDR-LINE-2   PIC X(9).
           05  XQ7-COUNTRY-ADDR-CODE  PIC X(9).
)");
  ASSERT_NE(layout, nullptr);
  const FieldKind kinds[] = {FieldKind::kLastName, FieldKind::kFirstName,    FieldKind::kBirthDate,
                             FieldKind::kSsn,      FieldKind::kAddressLine2, FieldKind::kNone};
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(layout->fields[i].meaning.kind, kinds[i]) << layout->fields[i].name;
}

TEST(Copybook, WhatIsNoneSaysWhere) {
  const auto error = [](std::string_view text) {
    const auto layout = parse_copybook(text, "x", default_rules());
    return layout ? std::string("no error") : layout.error().message;
  };
  EXPECT_EQ(error("01 R.\n 05 A PIC Q(3).\n"), "line 2: that is no PICTURE");
  EXPECT_EQ(error("01 R.\n 05 A PIC X OCCURS MANY TIMES.\n"), "line 2: OCCURS needs a number");
  EXPECT_EQ(error("nothing at all"), "it describes no fields");
  EXPECT_EQ(error("01 R.\n 05 A OCCURS 90000.\n 10 B OCCURS 90000 PIC X.\n"),
            "it describes more than 32,768 fields");
  std::string deep = "01 R.\n";
  for (int level = 2; level < 49; ++level)
    deep += std::to_string(level) + " G OCCURS 9.\n";
  EXPECT_NE(error(deep + "49 A PIC X.\n"), "no error");
}

TEST(Copybook, IsToldFromOtherTexts) {
  EXPECT_TRUE(looks_like_copybook("       01  A.\n           05 B PIC X.\n"));
  EXPECT_FALSE(looks_like_copybook("DCN,Last Name\n05,PIC\n"));
  EXPECT_FALSE(looks_like_copybook("01 first\n02 second\n"));
  EXPECT_FALSE(looks_like_copybook(""));
}

}  // namespace
}  // namespace bulkhead::exposure::test
