#include <fmt/format.h>
#include <gtest/gtest.h>

#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

const std::string kHeader =
    "Member ID,Last Name,First Name,MI,Suffix,DOB,SSN,MRN,Account Number,Street "
    "Address,City,State,Zip\n";

struct Row {
  std::string id, last, first, middle, suffix, birth, ssn, mrn, account, street;
};
std::string csv(const std::vector<Row>& rows) {
  std::string text = kHeader;
  for (const Row& r : rows) {
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},ROLLA,MO,65401\n", r.id, r.last, r.first,
                        r.middle, r.suffix, r.birth, r.ssn, r.mrn, r.account, r.street);
  }
  return text;
}
std::uint64_t members(const std::vector<NamedText>& files) {
  return resolve_texts(files).roles[0].count;
}
std::uint64_t members_of(const std::vector<Row>& rows) {
  return members({{"f.csv", csv(rows)}});
}

TEST(Resolve, SameNumberOrSameNameAndBirthDate) {
  EXPECT_EQ(members_of({{.id = "A1", .last = "DOE", .first = "JANE", .birth = "1974-03-09"},
                        {.id = "A1", .last = "ROE", .first = "JANE", .birth = "1974-03-09"}}),
            1U);  // married
  EXPECT_EQ(members_of({{.id = "A1", .last = "DOE", .first = "JANE", .birth = "1974-03-09"},
                        {.id = "B2", .last = "Doe", .first = "Jane", .birth = "03/09/1974"}}),
            1U);
  EXPECT_EQ(
      members_of({{.last = "DOE", .first = "JANE", .birth = "1974-03-09", .ssn = "212-34-1234"},
                  {.last = "DOE", .first = "JANE", .ssn = "212341234"}}),
      1U);
}

TEST(Resolve, ANameAloneIsNobodys) {
  EXPECT_EQ(members({{"a.csv", csv({{.last = "DOE", .first = "JANE"}})},
                     {"b.csv", csv({{.last = "DOE", .first = "JANE"}})}}),
            2U);
  const Exposure exposure = resolve_texts(
      {{"a.csv", csv({{.last = "DOE", .first = "JANE"}, {.last = "DOE", .first = "JANE"}})}});
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.roles[0].lower, 1U);
  EXPECT_EQ(exposure.ambiguous_pairs, 1U);
  EXPECT_NE(exposure.persons[0].id, exposure.persons[1].id);
}

TEST(Resolve, FamiliesShareNumbers) {
  EXPECT_EQ(members_of({{.id = "F1", .last = "DOE", .first = "JOHN"},
                        {.id = "F1", .last = "DOE", .first = "DAVID"}}),
            2U);
  EXPECT_EQ(members_of({{.id = "F1", .last = "DOE", .first = "JOHN", .birth = "1974-03-09"},
                        {.id = "F1", .last = "DOE", .first = "JOHN", .birth = "2004-03-19"}}),
            2U);
  // Two sisters and a row that could be either's: it stays apart, and that is said.
  const Exposure exposure = resolve_texts(
      {{"f.csv", csv({{.id = "F1", .last = "DOE", .first = "MARY", .birth = "1974-03-09"},
                      {.id = "F1", .last = "DOE", .first = "MARTHA", .birth = "1976-04-19"},
                      {.id = "F1", .last = "DOE", .first = "M"}})}});
  EXPECT_EQ(exposure.roles[0].count, 3U);
  EXPECT_EQ(exposure.roles[0].lower, 1U);  // merging every doubtful pair joins them all
}

TEST(Resolve, SlipsOfTheFinger) {
  const Row jane = {.id = "A1", .last = "DOE", .first = "JANETTE", .birth = "1974-03-09"};
  const auto with = [&](Row other) { return members_of({jane, other}); };
  // One digit, day and month, one letter: one person where number and last name say so.
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANETTE", .birth = "1974-03-19"}), 1U);
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANETTE", .birth = "1974-09-03"}), 1U);
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANETE", .birth = "1974-03-09"}), 1U);
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANTETE", .birth = "1974-03-09"}), 1U);
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANETTA"}), 1U);
  // Not without the number, not two slips, not a generation apart, not another last name.
  EXPECT_EQ(with({.id = "B2", .last = "DOE", .first = "JANETE", .birth = "1974-03-09"}), 2U);
  EXPECT_EQ(with({.id = "B2", .last = "DOE", .first = "JANETTE", .birth = "1974-03-19"}), 2U);
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANETE", .birth = "1974-03-19"}), 2U);
  EXPECT_EQ(with({.id = "A1", .last = "DOE", .first = "JANETTE", .birth = "1994-03-09"}), 2U);
  EXPECT_EQ(with({.id = "A1", .last = "ROE", .first = "JANETE", .birth = "1974-03-09"}), 2U);
  // Twins of nearly one name stand side by side in their family's file.
  const Row father = {.id = "F1", .last = "DOE", .first = "MARTIN", .birth = "1974-03-09"};
  const Row jaden = {.id = "F1", .last = "DOE", .first = "JADEN", .birth = "2012-05-01"};
  const Row jayden = {.id = "F1", .last = "DOE", .first = "JAYDEN", .birth = "2012-05-01"};
  EXPECT_EQ(members_of({father, jaden, jayden}), 3U);
}

// Two files that say nothing of who issues their numbers.
TEST(Resolve, SlipsOfTheFingerUnderOneNumberOfTwoFiles) {
  const Row jane = {.id = "41238000", .last = "DOE", .first = "JANETTE", .birth = "1974-03-09"};
  const auto with = [&](Row other) {
    return members({{"a.csv", csv({jane})}, {"b.csv", csv({other})}});
  };
  const std::string id = jane.id;
  EXPECT_EQ(with({.id = id, .last = "DOE", .first = "JANETTE", .birth = "1974-03-19"}), 1U);
  EXPECT_EQ(with({.id = id, .last = "DOE", .first = "JANETE", .birth = "1974-03-09"}), 1U);
  // Not without the birth date, not two slips, not another number or last name.
  EXPECT_EQ(with({.id = id, .last = "DOE", .first = "JANETE"}), 2U);
  EXPECT_EQ(with({.id = id, .last = "DOE", .first = "JANETE", .birth = "1974-03-19"}), 2U);
  EXPECT_EQ(with({.id = id, .last = "ROE", .first = "JANETTE", .birth = "1974-03-19"}), 2U);
  EXPECT_EQ(with({.id = "41238001", .last = "DOE", .first = "JANETE", .birth = "1974-03-09"}), 2U);
}

TEST(Resolve, SuffixesInTheLastName) {
  EXPECT_EQ(members_of({{.id = "A1", .last = "DOE JR", .first = "JOHN"},
                        {.id = "A1", .last = "DOE", .first = "JOHN", .suffix = "JR"}}),
            1U);
  EXPECT_EQ(members_of({{.id = "F1", .last = "DOE JR", .first = "JOHN"},
                        {.id = "F1", .last = "DOE SR", .first = "JOHN"}}),
            2U);
  EXPECT_EQ(members_of({{.last = "DOE-ROE", .first = "JANE", .birth = "1974-03-09"},
                        {.last = "DOE ROE", .first = "JANE", .birth = "1974-03-09"}}),
            1U);
}

TEST(Resolve, StrangersUnderOneSsn) {
  // A shared number, one first name, one birthday: still two where the last names differ.
  EXPECT_EQ(
      members_of({{.last = "DOE", .first = "JANE", .birth = "1974-03-09", .ssn = "212341234"},
                  {.last = "ROE", .first = "JANE", .birth = "1974-03-09", .ssn = "212341234"},
                  {.last = "POE", .first = "WALTER", .birth = "1944-07-01", .ssn = "212341234"}}),
      3U);
}

TEST(Resolve, TwinsAndNamesakes) {
  EXPECT_EQ(members_of({{.id = "F1", .last = "SMITH", .first = "JANE", .birth = "1943-05-01"},
                        {.id = "F1", .last = "SMITH", .first = "JACK", .birth = "1943-05-01"}}),
            2U);
  EXPECT_EQ(
      members_of(
          {{.id = "1", .last = "SMITH", .first = "JACK", .suffix = "SR", .birth = "1943-05-01"},
           {.id = "2", .last = "SMITH", .first = "JACK", .suffix = "JR", .birth = "1973-05-01"}}),
      2U);
  // The same name and birth date, but two SSNs: two people of one name.
  EXPECT_EQ(
      members_of({{.last = "SMITH", .first = "JACK", .birth = "1943-05-01", .ssn = "212341234"},
                  {.last = "SMITH", .first = "JACK", .birth = "1943-05-01", .ssn = "212341235"}}),
      2U);
}

TEST(Resolve, WhatIsNoKey) {
  // Account numbers, addresses, placeholder dates, specimen numbers.
  EXPECT_EQ(members_of({{.last = "DOE", .first = "JANE", .account = "5654221"},
                        {.last = "DOE", .first = "JANE", .account = "5654221"}}),
            2U);
  EXPECT_EQ(members_of({{.last = "DOE", .first = "JANE", .street = "1 ELM"},
                        {.last = "DOE", .first = "JANE", .street = "1 ELM"}}),
            2U);
  EXPECT_EQ(members_of({{.id = "1", .last = "DOE", .first = "JANE", .birth = "1900-01-01"},
                        {.id = "2", .last = "DOE", .first = "JANE", .birth = "1900-01-01"}}),
            2U);
  EXPECT_EQ(
      members_of({{.last = "DOE", .first = "JANE", .ssn = "123456789"},
                  {.last = "DOE", .first = "JANE", .birth = "1974-03-09", .ssn = "123456789"}}),
      2U);
}

TEST(Resolve, ANumberOfVeryManyPeopleIsNobodys) {
  std::vector<Row> rows;
  for (int i = 0; i < 683; ++i) {
    rows.push_back(
        {.last = fmt::format("NAME{}", i % 90),
         .first = fmt::format("GIVEN{}", i),
         .birth = fmt::format("19{:02}-{:02}-{:02}", 20 + i % 70, 1 + i % 12, 1 + i % 28),
         .ssn = "111-00-2330",
         .mrn = "998991"});
  }
  rows.push_back({.last = "NAME1", .ssn = "111-00-2330", .mrn = "998991"});  // could be any of them
  EXPECT_EQ(members_of(rows), 684U);
}

TEST(Resolve, OneIdentifierOfTwoIssuers) {
  const auto file = [](const char* payer, const char* first) {
    return x837(fmt::format(
        "HL*1**20*1~NM1*85*2*C*****XX*1234567893~HL*2*1*22*0~SBR*P*18~NM1*IL*1*DOE*{}****MI*7712~"
        "NM1*PR*2*{}*****PI*{}~CLM*1*1***11:B:1~",
        first, payer, payer));
  };
  EXPECT_EQ(members({{"a", file("ALPHA", "JANE")}, {"b", file("ALPHA", "JANE")}}), 1U);
  EXPECT_EQ(members({{"a", file("ALPHA", "JANE")}, {"b", file("BETA", "JOHN")}}), 2U);
  // The same name too: probably one, and the upper bound says that it may not be.
  const Exposure exposure =
      resolve_texts({{"a", file("ALPHA", "JANE")}, {"b", file("BETA", "JANE")}});
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_EQ(exposure.roles[0].upper, 2U);
}

TEST(Resolve, IdsAreStable) {
  const NamedText a{"a.csv",
                    csv({{.id = "1", .last = "DOE", .first = "JANE", .birth = "1974-03-09"},
                         {.id = "2", .last = "POE", .first = "ED"}})};
  const NamedText b{"b.csv",
                    csv({{.id = "9", .last = "ROE", .first = "ANN", .birth = "1975-03-09"}})};
  const Exposure one = resolve_texts({a});
  const Exposure two = resolve_texts({a, b});
  const Exposure other_order = resolve_texts({b, a});
  for (const Person& person : one.persons) {
    const auto same = [&](const Person& other) { return other.id == person.id; };
    EXPECT_TRUE(std::any_of(two.persons.begin(), two.persons.end(), same));
    EXPECT_TRUE(std::any_of(other_order.persons.begin(), other_order.persons.end(), same));
  }
  EXPECT_EQ(two.persons.size(), 3U);
}

TEST(Resolve, BytesNotUnderstoodRaiseTheUpperBound) {
  std::vector<NamedFindings> files;
  files.push_back(
      {"a.csv",
       analyse_text(csv({{.id = "1", .last = "DOE", .first = "JANE", .birth = "1974-03-09"}}))});
  const Exposure exposure = resolve(
      std::move(files), {{.file = "lost.bin", .bytes = 100'000, .reason = "permission denied"}},
      {.as_of = kToday});
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_EQ(exposure.roles[0].lower, 1U);
  EXPECT_GT(exposure.roles[0].upper, 100U);
  EXPECT_FALSE(exposure.complete());
}

}  // namespace
}  // namespace bulkhead::exposure::test
