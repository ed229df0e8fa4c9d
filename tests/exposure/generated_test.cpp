// Made-up people with the truth beside them: precision and recall of persons and of elements must
// be 1.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "generate/generate.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

constexpr std::uint64_t kPeople = 4000;

struct Files {
  std::string x834, x837, csv;
};
Files generated(const generate::Options& options) {
  Files files;
  const auto into = [](std::string& text) {
    return [&text](std::string_view part) { text.append(part); };
  };
  generate::write_834(options, into(files.x834));
  generate::write_837(options, into(files.x837));
  generate::write_csv(options, into(files.csv));
  return files;
}

ElementSet expected_elements(const generate::Person& person, const generate::Options& options) {
  ElementSet set = elements({Element::kName, Element::kDateOfBirth, Element::kAddress});
  const bool subscriber = generate::is_subscriber_of_claims(person, options);
  const bool numbered = person.in_834 || person.in_csv ||
                        (person.in_837 && !person.claims_under_parent) || subscriber;
  if (numbered) set.add(Element::kMemberId);
  if (person.in_834) set.add(elements({Element::kSsn, Element::kEligibility}));
  if (person.in_csv) set.add(Element::kEligibility);
  if (person.in_csv && person.index % 3 != 0) set.add(Element::kSsn);
  if (!person.phone.empty() && (person.in_834 || person.in_csv)) set.add(Element::kPhone);
  if (person.in_834 || person.in_837 || subscriber) set.add(Element::kDemographics);
  if (person.in_837) {
    set.add(elements({Element::kClaim, Element::kAccountNumber, Element::kDiagnosis,
                      Element::kProcedure, Element::kTreatingProvider}));
  }
  return set;
}

TEST(Generated, PersonsAndElementsAreTheTruth) {
  const generate::Options options{.people = kPeople, .seed = 11};
  const Files files = generated(options);
  const Exposure exposure = resolve_texts(
      {{"enrollment.834", files.x834}, {"claims.837", files.x837}, {"clients.csv", files.csv}});
  EXPECT_TRUE(exposure.complete());
  // Found persons by number, or by name and birth date for those who have none.
  std::map<std::string, std::vector<const Person*>> by_key;
  for (const Person* person : persons_of(exposure, Role::kMember)) {
    for (const PersonIdentifier& id : person->identifiers) {
      if (id.type == IdentifierType::kMemberId && id.label == "DCN")
        by_key[id.value].push_back(person);
    }
    for (const PersonName& name : person->names) {
      by_key[name.first + "|" + name.last + "|" + person->dates_of_birth.front()].push_back(person);
    }
  }
  std::uint64_t people = 0, related = 0;
  std::set<const Person*> seen;
  for (std::uint64_t i = 0; i < kPeople; ++i) {
    const generate::Person truth = generate::person_at(i, options.seed);
    related += truth.has_guardian ? 1 : 0;
    const bool present = truth.in_834 || truth.in_csv || truth.in_837 ||
                         generate::is_subscriber_of_claims(truth, options);
    if (!present) continue;
    ++people;
    const ElementSet expected = expected_elements(truth, options);
    const std::string birth = truth.birth("CCYYMMDD");
    const std::string last =
        truth.in_834 || truth.in_csv || truth.former_last.empty() ? truth.last : truth.former_last;
    const std::string key = expected.has(Element::kMemberId)
                                ? truth.dcn
                                : truth.first + "|" + last + "|" + birth.substr(0, 4) + "-" +
                                      birth.substr(4, 2) + "-" + birth.substr(6);
    ASSERT_EQ(by_key[key].size(), 1U) << "person " << i << " was split or not found";
    const Person* found = by_key[key].front();
    EXPECT_TRUE(seen.insert(found).second) << "person " << i << " was merged with another";
    EXPECT_EQ(words(found->elements), words(expected)) << "person " << i;
  }
  EXPECT_EQ(exposure.roles[0].count, people);
  EXPECT_EQ(exposure.roles[1].count, related);
  EXPECT_EQ(exposure.roles[2].count, 50U);
  EXPECT_LE(exposure.roles[0].lower, people);
  EXPECT_GE(exposure.roles[0].upper, people);
}

TEST(Generated, EvidenceIsThere) {
  const generate::Options options{.people = 400, .seed = 3};
  const Files files = generated(options);
  const std::vector<NamedText> texts = {
      {"enrollment.834", files.x834}, {"claims.837", files.x837}, {"clients.csv", files.csv}};
  const Exposure exposure = resolve_texts(texts);
  std::size_t checked = 0;
  const auto digits = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) out.push_back(c);
    }
    return out;
  };
  for (const Person& person : exposure.persons) {
    for (const FileExposure& file : person.exposures) {
      std::map<Element, int> places;
      ElementSet with_evidence;
      for (const PersonEvidence& place : file.evidence) {
        const std::string bytes = texts[file.file].text.substr(place.offset, place.length);
        EXPECT_LE(++places[place.element], 3);
        with_evidence.add(place.element);
        if (place.element == Element::kSsn) {
          EXPECT_TRUE(has_identifier(person, IdentifierType::kSsn, digits(bytes)));
        }
        if (place.element == Element::kMemberId) {
          EXPECT_TRUE(has_identifier(person, IdentifierType::kMemberId, digits(bytes)));
        }
        if (place.element == Element::kPhone) {
          EXPECT_EQ(person.phones, std::vector<std::string>{digits(bytes)});
        }
        if (place.element == Element::kName) {
          EXPECT_TRUE(
              std::any_of(person.names.begin(), person.names.end(),
                          [&](const PersonName& n) { return n.first == bytes || n.last == bytes; }))
              << bytes;
        }
        ++checked;
      }
      EXPECT_EQ(words(with_evidence),
                words(file.elements));  // nothing is claimed that cannot be shown
    }
  }
  EXPECT_GT(checked, 4000U);
}

TEST(Generated, TheSameOptionsGiveTheSameBytes) {
  const generate::Options options{.people = 100, .seed = 3};
  EXPECT_EQ(generated(options).x837, generated(options).x837);
  EXPECT_NE(generated(options).x834, generated({.people = 100, .seed = 4}).x834);
}

}  // namespace
}  // namespace bulkhead::exposure::test
