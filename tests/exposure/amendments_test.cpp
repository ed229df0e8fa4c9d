// Corrections, as they change who is who and what is said of them.
#include <gmock/gmock.h>

#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kList =
    "Member ID,SSN,Last Name,First Name,DOB,Address,City,State,Zip\n"
    "M1,212341234,DOE,JANE,1974-03-09,1 ELM ST,ROLLA,MO,65401\n"
    "M2,,ROE,ANN,1980-01-02,2 OAK ST,ROLLA,MO,65401\n"
    "M3,,ROE,ANNE,1980-02-01,3 OAK ST,ROLLA,MO,65401\n"
    "M4,,TEST,TEST,1990-01-01,,,,\n";

struct Corrected {
  std::vector<NamedText> files{{"list.csv", kList}};
  std::vector<Correction> corrections;
  std::uint64_t waiting = 0;

  Exposure resolve() const {
    std::vector<NamedFindings> findings;
    for (const NamedText& file : files)
      findings.push_back({file.name, analyse_text(file.text, file.name)});
    auto all = std::make_shared<Corrections>();
    all->in_force = corrections;
    all->waiting = waiting;
    for (std::size_t i = 0; i < all->in_force.size(); ++i)
      all->in_force[i].number = i + 1;
    return exposure::resolve(std::move(findings), {}, {.as_of = kToday, .corrections = all});
  }
  // As somebody who looks at the result so far names a person.
  CorrectedPerson named(std::string_view first, std::string_view last) const {
    const Exposure now = resolve();
    const Person* person = find_named(now, first, last);
    EXPECT_NE(person, nullptr);
    CorrectedPerson wanted{.person = person->id, .places = {}};
    for (const FileExposure& place : person->exposures)
      wanted.places.push_back({now.files[place.file].file, place.first_offset});
    return wanted;
  }
  std::uint64_t offset_of(std::string_view text) const { return files[0].text.find(text); }
};

TEST(Amendments, AMergeIsOnePersonWhoWasTwo) {
  Corrected run;
  const std::string ann = run.named("ANN", "ROE").person;
  const std::string anne = run.named("ANNE", "ROE").person;
  run.corrections = {{.kind = CorrectionKind::kMerge,
                      .persons = {run.named("ANN", "ROE"), run.named("ANNE", "ROE")}}};
  const Exposure merged = run.resolve();
  EXPECT_EQ(merged.persons.size(), 3U);
  EXPECT_EQ(merged.roles[0].count, 3U);
  const Person* person = find_named(merged, "ANN", "ROE");
  ASSERT_NE(person, nullptr);
  EXPECT_TRUE(has_identifier(*person, IdentifierType::kMemberId, "M2"));
  EXPECT_TRUE(has_identifier(*person, IdentifierType::kMemberId, "M3"));
  EXPECT_EQ(person->exposures[0].records, 2U);
  // Neither id stays: the anchor is made of both. Both lead to who they are now.
  EXPECT_THAT(person->formerly, UnorderedElementsAre(ann, anne));
  EXPECT_EQ(merged.corrections.applied, 1U);
  EXPECT_THAT(merged.corrections.without_effect, IsEmpty());
}

// What was removed of one says nothing of what another of them has, whichever is named first.
TEST(Amendments, AMergeKeepsWhatOnlyOneOfThemHadRemoved) {
  for (const bool turned : {false, true}) {
    Corrected run;
    run.files[0].text =
        "Member ID,SSN,Last Name,First Name,DOB\n"
        "M2,212341234,ROE,ANN,1980-01-02\n"
        "M3,312341234,ROE,ANNE,1980-02-01\n";
    const CorrectedPerson ann = run.named("ANN", "ROE"), anne = run.named("ANNE", "ROE");
    run.corrections = {{.kind = CorrectionKind::kRemoveElement,
                        .persons = {ann},
                        .elements = elements({Element::kSsn, Element::kDateOfBirth})},
                       {.kind = CorrectionKind::kRemoveElement,
                        .persons = {anne},
                        .elements = elements({Element::kDateOfBirth})},
                       {.kind = CorrectionKind::kMerge, .persons = {ann, anne}}};
    if (turned) std::swap(run.corrections[2].persons[0], run.corrections[2].persons[1]);
    const Exposure merged = run.resolve();
    ASSERT_EQ(merged.persons.size(), 1U);
    EXPECT_TRUE(merged.persons[0].elements.has(Element::kSsn)) << turned;
    EXPECT_TRUE(merged.persons[0].exposures[0].elements.has(Element::kSsn)) << turned;
    EXPECT_FALSE(merged.persons[0].elements.has(Element::kDateOfBirth)) << "removed of both";
    EXPECT_THAT(merged.corrections.look_again,
                ElementsAre(AllOf(HasSubstr("correction 3 (merge)"), HasSubstr("ssn"))));
  }
}

// The other never had it: what was found wrong does not come back.
TEST(Amendments, AMergeWithSomebodyWithoutAnElementDoesNotBringItBack) {
  for (const bool turned : {false, true}) {
    Corrected run;
    const CorrectedPerson jane = run.named("JANE", "DOE"), ann = run.named("ANN", "ROE");
    run.corrections = {{.kind = CorrectionKind::kRemoveElement,
                        .persons = {jane},
                        .elements = elements({Element::kSsn})},
                       {.kind = CorrectionKind::kMerge, .persons = {jane, ann}}};
    if (turned) std::swap(run.corrections[1].persons[0], run.corrections[1].persons[1]);
    const Exposure merged = run.resolve();
    EXPECT_EQ(merged.found_persons[static_cast<std::size_t>(Element::kSsn)], 0U) << turned;
    EXPECT_THAT(merged.corrections.look_again, IsEmpty());
  }
}

TEST(Amendments, ASplitGivesEachTheirOwn) {
  Corrected run;
  run.files[0].text =
      "Member ID,SSN,Last Name,First Name,DOB\n"
      "M1,212341234,DOE,JANE,1974-03-09\n"
      "M1,,DOE,JANE,1974-03-09\n"
      "M1,,DOE,JANET,1974-03-09\n";
  const CorrectedPerson jane = run.named("JANE", "DOE");
  const std::size_t before = run.resolve().persons.size();
  run.corrections = {{.kind = CorrectionKind::kSplit,
                      .persons = {jane},
                      .others = {{"list.csv", run.offset_of("212341234")}}}};
  const Exposure split = run.resolve();
  ASSERT_EQ(split.persons.size(), before + 1);
  EXPECT_THAT(split.corrections.without_effect, IsEmpty());
  int with_ssn = 0;
  for (const Person& person : split.persons) {
    with_ssn += person.elements.has(Element::kSsn) ? 1 : 0;
    // A letter that went out under the old id finds whoever it may have been about.
    EXPECT_TRUE(person.id == jane.person ||
                std::find(person.formerly.begin(), person.formerly.end(), jane.person) !=
                    person.formerly.end());
  }
  EXPECT_EQ(with_ssn, 1);
}

TEST(Amendments, AnExcludedPersonIsInNoNumber) {
  Corrected run;
  run.corrections = {{.kind = CorrectionKind::kExclude, .persons = {run.named("TEST", "TEST")}}};
  const Exposure result = run.resolve();
  EXPECT_EQ(result.persons.size(), 3U);
  EXPECT_EQ(result.roles[0].count, 3U);
  EXPECT_EQ(result.files[0].persons[0], 3U);
  EXPECT_EQ(find_named(result, "TEST", "TEST"), nullptr);
  EXPECT_EQ(result.corrections.excluded_persons, 1U);
}

TEST(Amendments, ElementsAreAddedAndRemoved) {
  Corrected run;
  run.corrections = {{.kind = CorrectionKind::kRemoveElement,
                      .persons = {run.named("JANE", "DOE")},
                      .elements = elements({Element::kSsn})},
                     {.kind = CorrectionKind::kAddElement,
                      .persons = {run.named("ANN", "ROE")},
                      .elements = elements({Element::kDiagnosis})}};
  const Exposure result = run.resolve();
  EXPECT_EQ(result.found_persons[static_cast<std::size_t>(Element::kSsn)], 0U);
  EXPECT_EQ(result.found_persons[static_cast<std::size_t>(Element::kDiagnosis)], 1U);
  const Person* jane = find_named(result, "JANE", "DOE");
  EXPECT_FALSE(jane->elements.has(Element::kSsn));
  EXPECT_FALSE(jane->exposures[0].elements.has(Element::kSsn));
  EXPECT_FALSE(jane->exposures[0].evidence.empty());
  for (const PersonEvidence& place : jane->exposures[0].evidence)
    EXPECT_NE(place.element, Element::kSsn);
  EXPECT_TRUE(find_named(result, "ANN", "ROE")->exposures[0].elements.has(Element::kDiagnosis));
}

TEST(Amendments, AddressesAndDeath) {
  Corrected run;
  const CorrectedAddress moved{{"9 NEW RD"}, "SALEM", "MO", "65560"};
  const CorrectedAddress safe{{"PO BOX 1409"}, "JEFFERSON CITY", "MO", "65102"};
  run.corrections = {
      {.kind = CorrectionKind::kAddress, .persons = {run.named("ANN", "ROE")}, .address = moved},
      {.kind = CorrectionKind::kProtectedAddress,
       .persons = {run.named("JANE", "DOE")},
       .address = safe},
      {.kind = CorrectionKind::kDeceased, .persons = {run.named("ANNE", "ROE")}}};
  const Exposure result = run.resolve();
  const Person* ann = find_named(result, "ANN", "ROE");
  ASSERT_EQ(ann->addresses.size(), 2U);
  EXPECT_EQ(ann->addresses[0].city, "SALEM");
  const Person* jane = find_named(result, "JANE", "DOE");
  ASSERT_EQ(jane->addresses.size(), 1U) << "no file's address beside a protected one";
  EXPECT_EQ(jane->addresses[0].postal_code, "65102");
  EXPECT_TRUE(find_named(result, "ANNE", "ROE")->deceased);
}

// The heart of it: a file more changes ids, and no correction is lost.
TEST(Amendments, NoneIsLostWhenAFileIsAdded) {
  Corrected run;
  run.files[0].text =
      "SSN,Last Name,First Name,DOB\n212341234,,,\n,ROE,ANN,1980-01-02\n"
      ",TEST,TEST,1990-01-01\n";
  const Exposure before = run.resolve();
  const auto numbered =
      std::find_if(before.persons.begin(), before.persons.end(),
                   [](const Person& p) { return p.identifiable == Identifiable::kNumberOnly; });
  ASSERT_NE(numbered, before.persons.end());
  const CorrectedPerson number_only{numbered->id,
                                    {{"list.csv", numbered->exposures[0].first_offset}}};
  run.corrections = {{.kind = CorrectionKind::kAddElement,
                      .persons = {number_only},
                      .elements = elements({Element::kClaim}),
                      .file = "list.csv"},
                     {.kind = CorrectionKind::kExclude, .persons = {run.named("TEST", "TEST")}},
                     {.kind = CorrectionKind::kRemoveElement,
                      .persons = {run.named("ANN", "ROE")},
                      .elements = elements({Element::kDateOfBirth})}};
  const Exposure alone = run.resolve();
  EXPECT_EQ(alone.corrections.applied, 3U);
  // A name for the number: another id.
  run.files.push_back({"more.csv",
                       "SSN,Last Name,First Name,DOB\n212341234,DOE,JANE,1974-03-09\n"
                       ",ROE,ANN,1980-01-02\n312341234,TEST,TEST,1990-01-01\n"});
  const Exposure both = run.resolve();
  EXPECT_EQ(both.corrections.applied, 3U)
      << (both.corrections.without_effect.empty() ? "" : both.corrections.without_effect[0]);
  EXPECT_EQ(find_named(both, "TEST", "TEST"), nullptr);
  EXPECT_EQ(both.corrections.excluded_persons, 1U);
  const Person* jane = find_named(both, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  EXPECT_TRUE(jane->elements.has(Element::kClaim));
  EXPECT_NE(jane->id, number_only.person) << "the test no longer changes an id";
  EXPECT_THAT(jane->formerly, ElementsAre(number_only.person));
  // Of what was taken away somebody has to look at the new file too.
  EXPECT_EQ(both.corrections.look_again.size(), 2U);
}

TEST(Amendments, LaterOnesStandOnEarlierOnes) {
  Corrected run;
  run.corrections = {{.kind = CorrectionKind::kMerge,
                      .persons = {run.named("ANN", "ROE"), run.named("ANNE", "ROE")}}};
  const CorrectedPerson merged = run.named("ANN", "ROE");
  run.corrections.push_back({.kind = CorrectionKind::kSplit,
                             .persons = {merged},
                             .others = {{"list.csv", run.offset_of("ANNE")}}});
  const CorrectedPerson anne = run.named("ANNE", "ROE");
  EXPECT_EQ(run.resolve().persons.size(), 4U);
  run.corrections.push_back({.kind = CorrectionKind::kExclude, .persons = {anne}});
  const Exposure result = run.resolve();
  EXPECT_EQ(result.corrections.applied, 3U);
  EXPECT_EQ(find_named(result, "ANNE", "ROE"), nullptr);
  EXPECT_NE(find_named(result, "ANN", "ROE"), nullptr);
}

TEST(Amendments, ThoseThatMeetNobodyAreNamed) {
  Corrected run;
  run.corrections = {{.kind = CorrectionKind::kExclude,
                      .persons = {{"p-00000000000000000000000000000000", {{"gone.csv", 5}}}}},
                     {.kind = CorrectionKind::kRemoveElement,
                      .persons = {run.named("ANN", "ROE")},
                      .elements = elements({Element::kSsn})},
                     {.kind = CorrectionKind::kSplit,
                      .persons = {run.named("ANN", "ROE")},
                      .others = {{"list.csv", std::uint64_t{99'999}}}}};
  run.waiting = 2;
  const Exposure result = run.resolve();
  EXPECT_EQ(result.corrections.applied, 0U);
  EXPECT_THAT(result.corrections.without_effect,
              ElementsAre(HasSubstr("none of these files"), HasSubstr("not found"),
                          HasSubstr("no record of that person")));
  EXPECT_THAT(summary_json(result), HasSubstr("\"waiting_for_a_second_person\":2"));
  EXPECT_EQ(result.persons.size(), 4U);
}

TEST(Amendments, ANamedGuardianIsRelated) {
  Corrected run;
  const std::string jane = run.named("JANE", "DOE").person;
  run.corrections = {{.kind = CorrectionKind::kGuardian,
                      .persons = {run.named("ANN", "ROE"), run.named("JANE", "DOE")}}};
  const Exposure result = run.resolve();
  EXPECT_THAT(find_named(result, "ANN", "ROE")->related_to, ElementsAre(jane));
}

}  // namespace
}  // namespace bulkhead::exposure::test
