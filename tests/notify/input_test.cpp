#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers.h"
#include "notify/input/facts.h"
#include "notify/input/persons.h"
#include "notify/input/yaml.h"

namespace bulkhead::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Dates, DaysThatThereAreNotAreRefused) {
  EXPECT_EQ(iso(*parse_day("2024-02-29")), "2024-02-29");
  EXPECT_FALSE(parse_day("2023-02-29"));
  EXPECT_FALSE(parse_day("2023-2-3"));
  EXPECT_FALSE(parse_day("2023-13-01"));
  EXPECT_EQ(iso(plus_days(*parse_day("2023-12-31"), 60)), "2024-02-29");
  EXPECT_EQ(age_on(*parse_day("2005-06-14"), *parse_day("2023-06-13")), 17);
  EXPECT_EQ(age_on(*parse_day("2005-06-13"), *parse_day("2023-06-13")), 18);
}

TEST(Yaml, WhatIsForProgrammersIsRefusedByLine) {
  const auto error = [](std::string_view text) {
    const auto result = parse_yaml(text, "f.yaml");
    return result ? std::string("fine") : result.error().message;
  };
  EXPECT_THAT(error("a: &x 1\nb: *x\n"), HasSubstr("f.yaml:1: an anchor"));
  EXPECT_THAT(error("a: 1\nb: *x\n"), HasSubstr("f.yaml:2"));
  EXPECT_THAT(error("a: 1\na: 2\n"), HasSubstr("f.yaml:2: a key for the second time"));
  EXPECT_THAT(error("a: !python/object 1\n"), HasSubstr("a tag"));
  EXPECT_THAT(error("a: 1\n---\nb: 1\n"), HasSubstr("a second document"));
  EXPECT_THAT(error(std::string(100, '[')), HasSubstr("f.yaml:1"));
  EXPECT_THAT(error("? [a]\n: b\n"), HasSubstr("a key must be a word"));
  EXPECT_THAT(error(""), HasSubstr("is empty"));
  EXPECT_THAT(error("a: \"\\0\"\n"), HasSubstr("a NUL character"));
}

TEST(Facts, AreReadAsTheSpecificationWritesThem) {
  const auto facts = parse_facts(test::facts_text(), "facts.yaml");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->incident.id, "INC-2023-001");
  EXPECT_EQ(iso(facts->incident.counted_from()), "2023-06-13");
  EXPECT_THAT(facts->organisation.return_address,
              ElementsAre("PO Box 1", "Jefferson City, MO 65101"));
  EXPECT_TRUE(facts->warnings.empty());
}

TEST(Facts, AnAgentsKnowledgeCounts) {
  const auto facts = parse_facts(
      test::facts_text("", "", "  vendor_role: agent\n  vendor_discovered: 2023-06-01\n"), "f");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(iso(facts->incident.counted_from()), "2023-06-01");
  const auto contractor = parse_facts(
      test::facts_text("", "", "  vendor_role: contractor\n  vendor_discovered: 2023-06-01\n"),
      "f");
  EXPECT_EQ(iso(contractor->incident.counted_from()), "2023-06-13");
  const auto unstated = parse_facts(test::facts_text("", "", "  vendor_role: agent\n"), "f");
  EXPECT_THAT(unstated->warnings, ElementsAre(HasSubstr("vendor_discovered")));
}

TEST(Facts, ErrorsSayFileLineAndKey) {
  const auto error = [](const std::string& text) {
    const auto result = parse_facts(text, "facts.yaml");
    return result ? std::string("fine") : result.error().message;
  };
  std::string text = test::facts_text();
  text.replace(text.find("2023-06-13"), 10, "13/06/2023");
  EXPECT_THAT(error(text), HasSubstr("facts.yaml:7: incident.discovered: a day"));
  EXPECT_THAT(error("incident: {}\n"), HasSubstr("incident.id: is missing"));
  EXPECT_THAT(error("incident: [1]\n"), HasSubstr("keys and values"));
  text = test::facts_text();
  text.replace(text.find("2023-06-02"), 10, "2023-05-01");
  EXPECT_THAT(error(text), HasSubstr("breach_until: is before breach_from"));
  EXPECT_THAT(error(test::facts_text("protected_addresses:\n  - {name: A B, address: [x, y]}\n")),
              HasSubstr("protected_addresses[1]: needs person"));
  EXPECT_THAT(error("\xFF"), HasSubstr("is not UTF-8"));
}

TEST(Facts, AMisspeltKeyIsTold) {
  const auto facts =
      parse_facts(test::facts_text("", "", "  law_enforcment_delay: 2023-09-01\n"), "facts.yaml");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_THAT(facts->warnings, ElementsAre(HasSubstr("incident.law_enforcment_delay")));
}

TEST(Persons, ALineIsReadWithoutItsValues) {
  PersonLineParser parser;
  const auto person = parser.parse(test::PersonLine{.related_to = {7}}.text(), "p.ndjson", 1);
  ASSERT_TRUE(person) << person.error().message;
  EXPECT_EQ(person->display_name(), "MARY JONES");
  EXPECT_EQ(person->state(), "MO");
  EXPECT_TRUE(person->elements.has(exposure::Element::kMemberId));
  EXPECT_FALSE(person->elements.has(exposure::Element::kSsn)) << "only possible";
  EXPECT_THAT(person->related_to, ElementsAre(test::person_id(7)));
}

TEST(Persons, ErrorsSayFileAndLineButNoValue) {
  PersonLineParser parser;
  const auto error = [&](const std::string& line) {
    const auto result = parser.parse(line, "p.ndjson", 12);
    return result ? std::string("fine") : result.error().message;
  };
  EXPECT_THAT(error("{"), HasSubstr("p.ndjson:12: is no JSON object"));
  EXPECT_THAT(error("[]"), HasSubstr("p.ndjson:12: is no JSON object"));
  EXPECT_THAT(error(std::string(1000, '[')), HasSubstr("p.ndjson:12"));
  EXPECT_THAT(error(test::PersonLine{.role = "SECRETNAME"}.text()), Not(HasSubstr("SECRET")));
  EXPECT_THAT(error(test::PersonLine{.elements = "\"shoe_size\""}.text()),
              HasSubstr("no words for"));
  std::string other = test::PersonLine{}.text();
  other.replace(other.find("p-0"), 3, "x-0");
  EXPECT_THAT(error(other), HasSubstr("person: an id"));
}

TEST(Persons, WhatTurnsTheWritingDirectionOrTheTerminalIsNotPrinted) {
  PersonLineParser parser;
  const auto person = parser.parse(
      test::PersonLine{.first = "MA\\u202eRY\\u0007", .last = "JO\\nNES"}.text(), "p", 1);
  ASSERT_TRUE(person) << person.error().message;
  EXPECT_EQ(person->display_name(), "MA RY JO NES");
}

TEST(Persons, AFileIsReadLineByLineAlsoWithoutTheLastLineEnd) {
  const test::Folder folder;
  std::string text;
  for (unsigned i = 1; i <= 5000; ++i)
    text += test::PersonLine{.number = i}.text() + "\n";
  text.pop_back();
  const std::string path = folder.write("p.ndjson", text);
  unsigned count = 0;
  const auto status = for_each_person(path, [&](const AffectedPerson& person) {
    EXPECT_EQ(person.id, test::person_id(++count));
    return Status();
  });
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(count, 5000U);
}

}  // namespace
}  // namespace bulkhead::notify
