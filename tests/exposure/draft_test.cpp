// Records that grow: what a draft keeps is bounded, whatever a file repeats.
#include "exposure/readers/draft.h"

#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

class DraftTest : public testing::Test {
 protected:
  DraftTest() { draft_.start(Role::kMember, 0); }

  void add(FieldKind kind, std::string_view value, const FieldDetail& detail = {}) {
    draft_.add(kind, {value, 0, collector_.persons().place("HERE")}, collector_, detail);
  }
  // The person that all of it is about.
  Person written() {
    draft_.write(collector_);
    std::vector<NamedFindings> files;
    files.push_back({"file", findings_});
    return only_member(resolve(std::move(files), {}, {.as_of = kToday}));
  }

  const Rules rules_ = default_rules();
  FileFindings findings_;
  Collector collector_{findings_, rules_};
  Draft draft_;
};

constexpr std::size_t kMuch = 1024 * 1024;

TEST_F(DraftTest, AddressesWithoutEnd) {
  const std::string line(400, 'A');
  for (int i = 0; i < 20'000; ++i) {
    draft_.begin_address();
    add(FieldKind::kAddressLine1, line);
    add(FieldKind::kCity, "ROLLA");
  }
  EXPECT_LT(draft_.kept_bytes(), kMuch);
  add(FieldKind::kLastName, "DOE");
  EXPECT_FALSE(written().addresses.empty());
}

TEST_F(DraftTest, OtherNamesWithoutEnd) {
  add(FieldKind::kLastName, "DOE");
  for (int i = 0; i < 20'000; ++i) {
    draft_.begin_other_name();
    add(FieldKind::kLastName, std::string(400, static_cast<char>('A' + i % 26)));
    add(FieldKind::kFullName, "ROE, JANE M");
    add(FieldKind::kMiddleName, std::string(500, 'M'));
    draft_.end_other_name();
  }
  EXPECT_LT(draft_.kept_bytes(), kMuch);
  const Person person = written();
  EXPECT_NE(std::find(person.names.begin(), person.names.end(), PersonName{"", "", "DOE", ""}),
            person.names.end());
}

TEST_F(DraftTest, ReplacedPartsTakeTheirPlace) {
  for (std::size_t i = 0; i < 20'000; ++i) {
    add(FieldKind::kLastName, std::string(1 + i * 7 % 512, 'D'));
    add(FieldKind::kFullName, std::string(1 + i * 11 % 250, 'E') + ", JOHN");
    add(FieldKind::kCity, std::string(1 + i * 5 % 512, 'C'));
  }
  EXPECT_LT(draft_.kept_bytes(), kMuch);
  // The last one counts, and leaves its neighbours alone.
  add(FieldKind::kLastName, "ROE");
  add(FieldKind::kFirstName, "MARY-ELIZABETH");
  add(FieldKind::kCity, "ROLLA");
  add(FieldKind::kPostalCode, "65401");
  const Person person = written();
  EXPECT_EQ(person.names, (std::vector<PersonName>{{"MARY-ELIZABETH", "", "ROE", ""}}));
  ASSERT_EQ(person.addresses.size(), 1U);
  EXPECT_EQ(person.addresses[0].city, "ROLLA");
  EXPECT_EQ(person.addresses[0].postal_code, "65401");
}

// The addresses that were kept first stay as they were.
TEST_F(DraftTest, WhatIsFullStaysAsItWas) {
  for (int i = 0; i < 40; ++i) {
    draft_.begin_address();
    add(FieldKind::kAddressLine1, std::to_string(100 + i) + " MAIN ST");
    add(FieldKind::kPostalCode, "65401");
  }
  add(FieldKind::kLastName, "DOE");
  const Person person = written();
  for (const PersonAddress& address : person.addresses)
    EXPECT_LE(address.lines.at(0), "115 MAIN ST");
  EXPECT_FALSE(person.addresses.empty());
}

TEST_F(DraftTest, IssuersAndLabelsAreCut) {
  add(FieldKind::kLastName, "DOE");
  const std::string much(100'000, 'I');
  for (int i = 0; i < 60; ++i)
    add(FieldKind::kMemberId, "W" + std::to_string(100'000 + i), {.label = much, .issuer = much});
  EXPECT_LT(draft_.kept_bytes(), kMuch);
  EXPECT_TRUE(has_identifier(written(), IdentifierType::kMemberId, "W100059"));
}

}  // namespace
}  // namespace bulkhead::exposure::test
