#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers.h"
#include "notify/letters/recipients.h"

namespace bulkhead::notify {
namespace {

using test::person_id;
using test::PersonLine;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Sorted {
  std::vector<Letter> letters;
  std::vector<NotWritten> without;
  Totals totals;
};

Sorted sort_out(const std::vector<PersonLine>& people, const std::string& facts_more = "",
                const std::string& letter_more = "", const std::string& incident_more = "",
                const exposure::Corrections* corrections = nullptr) {
  const test::Folder folder;
  const std::string path = folder.write("p.ndjson", people);
  const Facts facts =
      parse_facts(test::facts_text(facts_more, letter_more, incident_more), "facts.yaml").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const Template words = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  Recipients recipients(facts, rules, words, to_bytes(as_bytes("key")), corrections);
  Sorted sorted;
  const auto prepared = recipients.prepare(path);
  EXPECT_TRUE(prepared) << prepared.error().message;
  auto totals = recipients.write(
      path,
      [&](Letter letter) {
        sorted.letters.push_back(std::move(letter));
        return Status();
      },
      [&](NotWritten row) {
        sorted.without.push_back(std::move(row));
        return Status();
      });
  EXPECT_TRUE(totals) << totals.error().message;
  sorted.totals = std::move(*totals);
  std::size_t written_to = 0;
  for (const Letter& letter : sorted.letters)
    written_to += letter.about.size();
  EXPECT_EQ(written_to + sorted.without.size(), people.size()) << "nobody is dropped";
  EXPECT_EQ(sorted.totals.persons_written_to, written_to);
  return sorted;
}

exposure::Correction correction(exposure::CorrectionKind kind, std::vector<unsigned> persons) {
  exposure::Correction one{.number = 1, .kind = kind};
  for (const unsigned person : persons)
    one.persons.push_back({person_id(person), {}});
  return one;
}

TEST(Recipients, ACorrectedProtectedAddressStandsAboveAll) {
  exposure::Corrections all;
  all.in_force = {correction(exposure::CorrectionKind::kProtectedAddress, {5})};
  all.in_force[0].address = {{"PO BOX 1409"}, "JEFFERSON CITY", "MO", "65102"};
  const Sorted sorted =
      sort_out({{.number = 1, .formerly = {5}}, {.number = 2, .minor = true, .related_to = {1}}},
               "protected_addresses:\n  - person: " + person_id(1) +
                   "\n    address: [PO Box 7, Rolla, MO 65401]\n",
               "", "", &all);
  ASSERT_THAT(sorted.letters, SizeIs(2));
  for (const Letter& letter : sorted.letters)
    EXPECT_THAT(letter.address, ElementsAre("PO BOX 1409", "JEFFERSON CITY, MO 65102"));
}

TEST(Recipients, ACorrectedGuardianGetsTheLetter) {
  exposure::Corrections all;
  all.in_force = {correction(exposure::CorrectionKind::kGuardian, {1, 3}),
                  correction(exposure::CorrectionKind::kGuardian, {4})};
  all.in_force[1].addressee = "FAIR WARD AGENCY";
  all.in_force[1].address = {{"7 COURT SQ"}, "SALEM", "MO", "65560"};
  const Sorted sorted =
      sort_out({{.number = 1, .minor = true, .related_to = {2}},
                {.number = 2, .role = "related", .first = "JOHN"},
                {.number = 3, .role = "related", .first = "RITA", .street = "9 ELM ST"},
                {.number = 4, .first = "OLD"}},
               "", "", "", &all);
  ASSERT_GE(sorted.letters.size(), 2U);
  EXPECT_EQ(sorted.letters[0].addressee, "RITA JONES");
  EXPECT_EQ(sorted.letters[0].address[0], "9 ELM ST");
  EXPECT_EQ(sorted.letters.back().addressee, "FAIR WARD AGENCY");
  EXPECT_EQ(sorted.letters.back().about[0].name, "OLD JONES");
}

// Two people agreed on who gets the letter. Where that one cannot, nobody else does in their place.
TEST(Recipients, AGuardianWhoCannotBeWrittenToIsToldAndNotReplaced) {
  const struct {
    PersonLine guardian;
    std::string reason;
  } unusable[] = {
      {{.number = 3, .role = "related", .first = "RITA", .street = "", .city = ""},
       "no address is known"},
      {{.number = 3, .role = "related", .first = "RITA", .minor = true}, "a minor"},
      {{.number = 3, .role = "related", .first = "RITA", .deceased = true}, "deceased"},
      {{.number = 3, .role = "related", .identifiable = "number_only"}, "known by numbers only"},
      {{.number = 4, .role = "related", .first = "ELSE"}, "is not in the persons file"}};
  const PersonLine wards[] = {{.number = 1, .minor = true, .related_to = {2}},
                              {.number = 1, .deceased = true, .related_to = {2}},
                              {.number = 1, .first = "OLD", .related_to = {2}}};
  exposure::Corrections all;
  all.in_force = {correction(exposure::CorrectionKind::kGuardian, {1, 3})};
  all.in_force[0].number = 7;
  for (const auto& [guardian, reason] : unusable) {
    for (const PersonLine& ward : wards) {
      const Sorted sorted = sort_out(
          {ward, {.number = 2, .role = "related", .first = "JOHN"}, guardian}, "", "", "", &all);
      ASSERT_FALSE(sorted.without.empty()) << reason;
      EXPECT_EQ(sorted.without[0].person, person_id(1));
      EXPECT_THAT(sorted.without[0].reason,
                  AllOf(HasSubstr("correction 7"), HasSubstr("guardian"), HasSubstr(reason)));
      for (const Letter& letter : sorted.letters)
        EXPECT_NE(letter.about[0].id, person_id(1)) << letter.addressee;
      EXPECT_THAT(sorted.totals.warnings,
                  ElementsAre(AllOf(HasSubstr("correction 7"), HasSubstr(reason))));
    }
  }
}

// A protected address needs no guardian: nothing is wrong then.
TEST(Recipients, AProtectedWardIsWrittenToWhoeverTheGuardianIs) {
  exposure::Corrections all;
  all.in_force = {correction(exposure::CorrectionKind::kGuardian, {1, 3})};
  const Sorted sorted =
      sort_out({{.number = 1, .minor = true},
                {.number = 3, .role = "related", .first = "RITA", .street = "", .city = ""}},
               "protected_addresses:\n  - person: " + person_id(1) +
                   "\n    address: [PO Box 7, Rolla, MO 65401]\n",
               "", "", &all);
  ASSERT_THAT(sorted.letters, SizeIs(1));
  EXPECT_EQ(sorted.letters[0].address[0], "PO Box 7");
}

TEST(Recipients, APersonsFileThatWasMadeWithoutTheCorrectionsIsRefused) {
  const Facts facts = parse_facts(test::facts_text(), "facts.yaml").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const Template words = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  const test::Folder folder;
  const std::string path =
      folder.write("p.ndjson", std::vector<PersonLine>{{.number = 1}, {.number = 2}});
  using exposure::CorrectionKind;
  for (const CorrectionKind kind : {CorrectionKind::kExclude, CorrectionKind::kDeceased,
                                    CorrectionKind::kRemoveElement, CorrectionKind::kMerge}) {
    exposure::Corrections all;
    all.in_force = {correction(kind, {1})};
    if (kind == CorrectionKind::kMerge) all.in_force = {correction(kind, {1, 2})};
    all.in_force[0].elements.add(exposure::Element::kName);
    Recipients recipients(facts, rules, words, {}, &all);
    const Status prepared = recipients.prepare(path);
    ASSERT_FALSE(prepared) << exposure::to_string(kind);
    EXPECT_THAT(prepared.error().message, HasSubstr("--corrections"));
  }
}

// Merged with somebody who has it, an element is there again, whoever of them is named first.
TEST(Recipients, AnElementThatAMergeBroughtBackIsNoReasonToRefuse) {
  const Facts facts = parse_facts(test::facts_text(), "facts.yaml").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const Template words = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  const test::Folder folder;
  const std::string path =
      folder.write("p.ndjson", std::vector<PersonLine>{{.number = 1, .formerly = {2}}});
  for (const auto& order : {std::vector<unsigned>{1, 2}, {2, 1}}) {
    exposure::Corrections all;
    all.in_force = {correction(exposure::CorrectionKind::kRemoveElement, {1}),
                    correction(exposure::CorrectionKind::kMerge, order)};
    all.in_force[0].elements.add(exposure::Element::kName);
    all.in_force[1].number = 2;
    Recipients recipients(facts, rules, words, {}, &all);
    EXPECT_TRUE(recipients.prepare(path)) << order[0];
  }
}

// Who was excluded from the files may well be enrolled: that file needs no corrections.
TEST(Recipients, ARosterIsNotRefusedForWhatCorrectionsSayOfTheFiles) {
  const Facts facts = parse_facts(test::facts_text(), "facts.yaml").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const Template words = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  const test::Folder folder;
  const std::string path =
      folder.write("r.ndjson", std::vector<PersonLine>{{.number = 1, .enrolled_only = true},
                                                       {.number = 2, .enrolled_only = true}});
  using exposure::CorrectionKind;
  exposure::Corrections all;
  all.in_force = {correction(CorrectionKind::kExclude, {1}),
                  correction(CorrectionKind::kDeceased, {2}),
                  correction(CorrectionKind::kMerge, {1, 2}),
                  correction(CorrectionKind::kProtectedAddress, {2})};
  all.in_force[3].address = {{"PO BOX 1409"}, "JEFFERSON CITY", "MO", "65102"};
  Recipients recipients(facts, rules, words, {}, &all, true);
  const Status prepared = recipients.prepare(path);
  ASSERT_TRUE(prepared) << prepared.error().message;
  std::vector<Letter> letters;
  ASSERT_TRUE(recipients.write(
      path,
      [&](Letter letter) {
        letters.push_back(std::move(letter));
        return Status();
      },
      [](const NotWritten&) { return Status(); }));
  ASSERT_THAT(letters, SizeIs(2));
  EXPECT_EQ(letters[1].address[0], "PO BOX 1409") << "an address that protects does so here too";
}

TEST(Recipients, RosterAndFilesAreNotMixedUp) {
  const Facts facts = parse_facts(test::facts_text(), "facts.yaml").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const Template words = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  const test::Folder folder;
  for (const bool enrolled : {false, true}) {
    const std::string path =
        folder.write("p.ndjson", std::vector<PersonLine>{{.number = 1, .enrolled_only = enrolled}});
    Recipients fitting(facts, rules, words, {}, nullptr, enrolled);
    EXPECT_TRUE(fitting.prepare(path));
    Recipients other(facts, rules, words, {}, nullptr, !enrolled);
    EXPECT_FALSE(other.prepare(path));
  }
}

TEST(Recipients, EachAdultHasTheirOwnEnvelope) {
  const Sorted sorted = sort_out(
      {{.number = 1, .related_to = {2}}, {.number = 2, .first = "JOHN", .related_to = {1}}});
  ASSERT_THAT(sorted.letters, SizeIs(2));
  EXPECT_EQ(sorted.letters[0].addressee, "MARY JONES");
  EXPECT_THAT(sorted.letters[0].address, ElementsAre("100 MAIN ST", "ROLLA, MO 65401"));
  EXPECT_EQ(sorted.letters[1].addressee, "JOHN JONES");
}

TEST(Recipients, OnlyMinorsWithTheSameGuardianShare) {
  const Sorted sorted = sort_out({
      {.number = 1, .first = "ANN", .minor = true, .related_to = {9}},
      {.number = 2, .first = "BOB", .minor = true, .related_to = {9}},
      {.number = 3, .first = "CARA", .minor = true, .related_to = {8}},
      {.number = 8, .first = "DAN", .street = "2 ELM ST"},
      {.number = 9, .first = "EVE"},
  });
  ASSERT_THAT(sorted.letters, SizeIs(4));
  EXPECT_EQ(sorted.letters[0].audience, Audience::kGuardian);
  EXPECT_EQ(sorted.letters[0].addressee, "EVE JONES");
  ASSERT_THAT(sorted.letters[0].about, SizeIs(2));
  EXPECT_EQ(sorted.letters[0].about[0].name, "ANN JONES");
  EXPECT_EQ(sorted.letters[0].about[1].name, "BOB JONES");
  EXPECT_THAT(sorted.letters[1].about, SizeIs(1));
  EXPECT_EQ(sorted.letters[1].addressee, "DAN JONES");
  EXPECT_THAT(sorted.letters[3].about, SizeIs(1)) << "the guardian's own letter is their own";
}

TEST(Recipients, AMinorWithoutGuardianIsWrittenToByWhoeverThatIs) {
  const Sorted sorted = sort_out({{.number = 1, .minor = true}});
  ASSERT_THAT(sorted.letters, SizeIs(1));
  EXPECT_EQ(sorted.letters[0].addressee, "Parent or guardian of MARY JONES");
}

TEST(Recipients, WhoHasComeOfAgeByTheDayOfTheLetterIsAnAdult) {
  const std::vector<PersonLine> people{{.born = "2005-07-01", .minor = true}};
  EXPECT_EQ(sort_out(people, "", "  date: 2023-06-30\n").letters[0].audience, Audience::kGuardian);
  EXPECT_EQ(sort_out(people, "", "  date: 2023-07-01\n").letters[0].audience, Audience::kAdult);
}

TEST(Recipients, AProtectedAddressOverridesEveryFile) {
  const std::string facts = fmt::format(
      "protected_addresses:\n  - {{person: {}, address: [PO Box 1409, Jefferson City, MO 65102]}}\n"
      "  - {{name: eve jones, date_of_birth: 1974-03-09, address: [PO Box 7, Jefferson City, MO "
      "65102]}}\n",
      person_id(1));
  const Sorted sorted = sort_out(
      {
          {.number = 1, .first = "ANN", .minor = true, .related_to = {9}},
          {.number = 2, .first = "BOB", .minor = true, .related_to = {9}},
          {.number = 9, .first = "EVE"},
      },
      facts);
  ASSERT_THAT(sorted.letters, SizeIs(3)) << "a protected child shares with nobody";
  EXPECT_THAT(sorted.letters[0].address, ElementsAre("PO Box 1409", "Jefferson City, MO 65102"));
  EXPECT_THAT(sorted.letters[1].address, ElementsAre("PO Box 7", "Jefferson City, MO 65102"))
      << "a protected guardian's mail goes nowhere else";
  EXPECT_THAT(sorted.letters[2].address, ElementsAre("PO Box 7", "Jefferson City, MO 65102"));
  EXPECT_THAT(sorted.totals.warnings, IsEmpty());
}

TEST(Recipients, AProtectedAddressOfNobodyIsTold) {
  const Sorted sorted =
      sort_out({{.number = 1}},
               fmt::format("protected_addresses:\n  - {{person: {}, address: [PO Box 1, X]}}\n",
                           person_id(99)));
  EXPECT_THAT(sorted.totals.warnings, ElementsAre(HasSubstr("protected_addresses[1]")));
}

TEST(Recipients, ChildrenInStateCustodyGoToTheAgency) {
  const Sorted sorted =
      sort_out({{.number = 1, .minor = true, .related_to = {9}}, {.number = 9, .first = "EVE"}},
               fmt::format("in_state_custody:\n  - {{person: {}}}\n", person_id(1)));
  ASSERT_THAT(sorted.letters, SizeIs(2));
  EXPECT_EQ(sorted.letters[0].audience, Audience::kCustody);
  EXPECT_EQ(sorted.letters[0].addressee, "Children's Division");
  EXPECT_THAT(sorted.letters[0].address, ElementsAre("PO Box 88", "Jefferson City, MO 65103"));
}

TEST(Recipients, TheDeceasedToARepresentativeWhereAnAddressIsKnown) {
  const Sorted sorted = sort_out({
      {.number = 1, .deceased = true, .related_to = {9}},
      {.number = 2, .first = "BOB", .deceased = true},
      {.number = 9, .role = "related", .first = "EVE", .elements = "\"name\",\"address\""},
  });
  ASSERT_THAT(sorted.letters, SizeIs(1));
  EXPECT_EQ(sorted.letters[0].audience, Audience::kRepresentative);
  EXPECT_EQ(sorted.letters[0].addressee, "EVE JONES");
  ASSERT_THAT(sorted.without, SizeIs(2));
  EXPECT_THAT(sorted.without[0].reason, HasSubstr("deceased, and no representative"));
  EXPECT_THAT(sorted.without[1].reason, HasSubstr("no rule that is installed asks"));
  for (const RuleCounts& counts : sorted.totals.by_rule)
    EXPECT_EQ(counts.without_address, 0U) << "no substitute notice for the deceased";
}

TEST(Recipients, WhoCannotBeWrittenToIsListedWithTheReason) {
  const Sorted sorted = sort_out({
      {.number = 1, .street = "", .city = ""},
      {.number = 2, .city = ""},
      {.number = 3, .identifiable = "number_only"},
      {.number = 4, .role = "provider"},
  });
  EXPECT_THAT(sorted.letters, SizeIs(1)) << "a provider's member number is personal information";
  ASSERT_THAT(sorted.without, SizeIs(3));
  EXPECT_EQ(sorted.without[0].reason, "no address is known");
  EXPECT_THAT(sorted.without[1].reason, HasSubstr("lacks a street, a city"));
  EXPECT_THAT(sorted.without[2].reason, HasSubstr("numbers only"));
  EXPECT_EQ(sorted.totals.by_rule[0].without_address, 3U);
}

TEST(Recipients, AStateWithoutRuleIsNamedInTheReason) {
  const Sorted sorted = sort_out({{.role = "related", .state = "KS"}});
  ASSERT_THAT(sorted.without, SizeIs(1));
  EXPECT_THAT(sorted.without[0].reason,
              HasSubstr("KS: there is no rule for the state: unverified"));
}

TEST(Recipients, WhatWasEncryptedNeedsNoLetters) {
  const Sorted sorted = sort_out({{.number = 1}}, "", "", "  encrypted: true\n");
  EXPECT_THAT(sorted.letters, IsEmpty());
  EXPECT_THAT(sorted.without[0].reason, HasSubstr("encrypted"));
}

TEST(Recipients, ALettersNumberStaysWhenASiblingJoins) {
  const std::vector<PersonLine> one{{.number = 1, .minor = true, .related_to = {9}},
                                    {.number = 9, .first = "EVE"}};
  std::vector<PersonLine> two = one;
  two.insert(two.begin(), {.number = 5, .first = "BOB", .minor = true, .related_to = {9}});
  EXPECT_EQ(sort_out(one).letters[0].number, sort_out(two).letters[0].number);
}

}  // namespace
}  // namespace bulkhead::notify
