// The owner's list: who a number is, and that nobody of it is ever counted.
#include "exposure/roster/roster.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster =
    "Member ID,SSN,Last Name,First Name,DOB,Address,City,State,Zip,Date of Death\n"
    "0055512345,,DOE,JANE,1974-03-09,1 NEW ST,ROLLA,MO,65401,\n"
    "66612345,,ROE,ANN,2015-01-02,2 OAK ST,ROLLA,MO,65401,\n"
    "77712345,212341234,POE,EDGAR,1940-01-19,3 ELM ST,SALEM,MO,65560,2022-10-07\n"
    "88812345,,NEW,NORA,1990-05-05,4 ASH ST,SALEM,MO,65560,\n"
    "99912345,,DOE,JANE,1974-03-09,1 NEW ST,ROLLA,MO,65401,\n";
constexpr const char* kClaims =
    "Member ID,Diagnosis Code,Date of Service\n"
    "55512345,E11.9,2023-05-01\n"
    "99912345,I10,2023-05-02\n"
    "66612345,J45,2023-05-03\n"
    "11112345,J45,2023-05-04\n";

std::shared_ptr<const Roster> roster_of(std::string_view text) {
  auto roster = Roster::create({"roster.csv", analyse_text(text, "roster.csv")}, {.as_of = kToday});
  EXPECT_TRUE(roster) << (roster ? "" : roster.error().message);
  return roster ? *roster : nullptr;
}

Resolution with_roster(const std::vector<NamedText>& texts, std::shared_ptr<const Roster> roster) {
  std::vector<NamedFindings> files;
  for (const NamedText& file : texts)
    files.push_back({file.name, analyse_text(file.text, file.name)});
  return Resolution(std::move(files), {}, {.as_of = kToday, .roster = std::move(roster)});
}

std::vector<Person> all_of(const Resolution& resolution) {
  std::vector<Person> persons;
  for (std::size_t i = 0; i < resolution.size(); ++i)
    persons.push_back(resolution.person(i));
  return persons;
}

const Person* with_name(const std::vector<Person>& persons, std::string_view first) {
  for (const Person& person : persons) {
    if (!person.names.empty() && person.names[0].first == first) return &person;
  }
  return nullptr;
}

TEST(Roster, ANumberAloneBecomesAPersonWhoCanBeWrittenTo) {
  const Resolution resolution = with_roster({{"claims.csv", kClaims}}, roster_of(kRoster));
  const std::vector<Person> persons = all_of(resolution);
  ASSERT_EQ(persons.size(), 3U) << "two of the four numbers are Jane's";
  const Person* jane = with_name(persons, "JANE");
  ASSERT_NE(jane, nullptr);
  EXPECT_EQ(jane->identifiable, Identifiable::kNamed);
  EXPECT_EQ(jane->address_status, "good");
  EXPECT_EQ(jane->addresses[0].lines[0], "1 NEW ST");
  EXPECT_EQ(jane->identifiers.size(), 2U);
  // What is known by the roster was not exposed.
  EXPECT_FALSE(jane->elements.has(Element::kName));
  EXPECT_FALSE(jane->elements.has(Element::kAddress));
  EXPECT_TRUE(jane->elements.has(Element::kDiagnosis));
  EXPECT_EQ(jane->from_roster, kRosterGaveName | kRosterGaveAddress | kRosterGaveBirthDate);
  const Person* ann = with_name(persons, "ANN");
  ASSERT_NE(ann, nullptr);
  EXPECT_EQ(ann->minor_on, kToday);
}

TEST(Roster, ThreeNumbersAndAReasonForEachDifference) {
  const Resolution resolution = with_roster({{"claims.csv", kClaims}}, roster_of(kRoster));
  const RosterTotals& totals = resolution.totals().roster;
  EXPECT_EQ(totals.enrolled, 4U);
  EXPECT_EQ(totals.enrolled_in_files, 2U);
  EXPECT_EQ(totals.on_roster, 2U);
  EXPECT_EQ(totals.named_by_roster, 2U);
  EXPECT_EQ(totals.merged, 1U);
  EXPECT_EQ(totals.unnamed_not_on_roster, 1U);
  EXPECT_EQ(totals.to_be_notified(), 2U);
  const RoleTotals& members = resolution.totals().roles[0];
  EXPECT_EQ(totals.on_roster + totals.named_not_on_roster + totals.unnamed_not_on_roster,
            members.count);
  EXPECT_GE(members.upper, 4U) << "the bound holds what the roster put together";
  std::ostringstream table;
  print_table(resolution.totals(), table);
  EXPECT_THAT(table.str(), HasSubstr("are in none of these files"));
  EXPECT_THAT(table.str(), HasSubstr("nobody knows who they are"));
}

TEST(Roster, NobodyOfItIsCounted) {
  const std::string files =
      "SSN,Last Name,First Name,DOB\n212341234,POE,EDGAR,1940-01-19\n"
      "312341234,ROE,ZOE,1950-02-03\n";
  const Exposure without = resolve_text(files, "list.csv");
  const Resolution resolution = with_roster({{"list.csv", files}}, roster_of(kRoster));
  const Exposure& with = resolution.totals();
  for (std::size_t role = 0; role < kRoleCount; ++role)
    EXPECT_EQ(with.roles[role].count, without.roles[role].count);
  for (std::size_t e = 0; e < kElementCount; ++e)
    EXPECT_EQ(with.found_persons[e], without.found_persons[e]) << e;
  const std::vector<Person> persons = all_of(resolution);
  ASSERT_EQ(persons.size(), without.persons.size());
  for (std::size_t i = 0; i < persons.size(); ++i)
    EXPECT_EQ(persons[i].id, without.persons[i].id) << "ids hang on the files alone";
  const Person* edgar = with_name(persons, "EDGAR");
  EXPECT_TRUE(edgar->deceased);
  EXPECT_EQ(edgar->address_status, "good");
  EXPECT_EQ(with.roster.deceased, 1U);
}

TEST(Roster, SomebodyElsesNumberIsNotThem) {
  const std::string files = "Member ID,Last Name,First Name,DOB\n55512345,SMITH,BOB,1960-06-06\n";
  const Resolution resolution = with_roster({{"list.csv", files}}, roster_of(kRoster));
  const std::vector<Person> persons = all_of(resolution);
  ASSERT_EQ(persons.size(), 1U);
  EXPECT_EQ(persons[0].from_roster, 0);
  EXPECT_EQ(resolution.totals().roster.contradicted, 1U);
  EXPECT_EQ(resolution.totals().roster.named_not_on_roster, 1U);
}

TEST(Roster, ThoseInNoFileAreWrittenApartWithoutElements) {
  const Resolution resolution = with_roster({{"claims.csv", kClaims}}, roster_of(kRoster));
  std::string folder = (std::filesystem::temp_directory_path() / "bulkhead-roster.XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(resolution.write_enrolled_only(folder + "/out.ndjson"));
  std::ifstream file(folder + "/out.ndjson");
  std::ostringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  std::filesystem::remove_all(folder);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("NORA"));
  EXPECT_THAT(text, HasSubstr("\"enrolled_only\":true"));
  EXPECT_THAT(text, HasSubstr("\"elements\":[],\"possible\":[],\"masked\":[],\"exposures\":[]"));
  EXPECT_THAT(text, HasSubstr("\"identifiers\":[]"));
  EXPECT_THAT(text, Not(HasSubstr("JANE")));
}

TEST(Roster, AFileThatTellsNobodyIsRefused) {
  const auto roster = Roster::create(
      {"x.csv", analyse_text("Diagnosis Code,Date of Service\nI10,2023-01-01\n", "x.csv")},
      {.as_of = kToday});
  ASSERT_FALSE(roster);
  EXPECT_EQ(roster.error().code, ErrorCode::kMalformed);
}

}  // namespace
}  // namespace bulkhead::exposure::test
