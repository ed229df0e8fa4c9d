// Golden documents and the whole draft. BULKHEAD_WRITE_GOLDEN=1 writes the golden files anew: look
// at the difference before committing it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers.h"
#include "notify/notify.h"

namespace bulkhead::notify {
namespace {

using test::PersonLine;
using testing::HasSubstr;
using testing::Not;

std::vector<PersonLine> people(unsigned count) {
  std::vector<PersonLine> list;
  for (unsigned i = 1; i <= count; ++i) {
    PersonLine person{.number = i, .first = i % 3 == 0 ? "JOSÉ" : "MARY"};
    person.state = i % 4 == 0 ? "KS" : "MO";
    person.minor = i % 10 == 0;
    person.sensitive = i % 5 == 0;
    if (i % 10 == 0) person.related_to = {i - 1};
    if (i % 25 == 0) person.street = person.city = "";
    if (i % 2 == 0) person.elements = R"("name","ssn","diagnosis","address")";
    list.push_back(person);
  }
  return list;
}

Result<DraftOutcome> run(const test::Folder& folder, const std::string& out, unsigned count,
                         const std::string& facts, unsigned threads = 2,
                         const std::string& rules = BULKHEAD_NOTIFY_DATA) {
  return draft({.persons = folder.write("p.ndjson", people(count)),
                .facts = folder.write("facts.yaml", facts),
                .out = folder.path(out),
                .rules_folder = rules,
                .threads = threads});
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(BULKHEAD_TEST_DATA) + "/notify/golden/" + name;
  if (std::getenv("BULKHEAD_WRITE_GOLDEN") != nullptr)
    std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, test::read_text(path)) << name;
}

TEST(Draft, DocumentsAreAsTheGoldenOnes) {
  const test::Folder folder;
  const auto outcome = run(folder, "out", 1400, test::facts_text("", "  date: 2023-07-01\n"));
  ASSERT_TRUE(outcome) << outcome.error().message;
  for (const char* name :
       {"deadlines.json", "media.txt", "web.html", "risk-assessment.txt", "regulators/hhs.txt",
        "regulators/missouri-attorney-general.txt", "regulators/consumer-reporting-agencies.txt"}) {
    std::string golden = name;
    std::replace(golden.begin(), golden.end(), '/', '-');
    expect_golden(golden, test::read_text(folder.path(std::string("out/") + name)));
  }
}

TEST(Draft, TheSameBytesWhateverTheThreads) {
  const test::Folder folder;
  const std::string facts = test::facts_text("", "  date: 2023-07-01\n");
  ASSERT_TRUE(run(folder, "a", 600, facts, 1));
  ASSERT_TRUE(run(folder, "b", 600, facts, 3));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path("a"))) {
    if (!entry.is_regular_file()) continue;
    const auto relative = std::filesystem::relative(entry.path(), folder.path("a")).string();
    EXPECT_TRUE(test::read_text(entry.path()) == test::read_text(folder.path("b/" + relative)))
        << relative;
  }
}

TEST(Draft, NumbersStayWhenPersonsAreCorrected) {
  const test::Folder folder;
  const std::string facts = test::facts_text();
  ASSERT_TRUE(run(folder, "out", 20, facts));
  const std::string before = test::read_text(folder.path("out/mailing.csv"));
  ASSERT_TRUE(run(folder, "out", 21, facts));
  const std::string after = test::read_text(folder.path("out/mailing.csv"));
  EXPECT_NE(before, after);
  EXPECT_TRUE(after.starts_with(before.substr(0, before.find('\n', 200))));
}

TEST(Draft, AReportOfAnEarlierDraftDoesNotStay) {
  const test::Folder folder;
  ASSERT_TRUE(run(folder, "out", 1400, test::facts_text()));
  EXPECT_TRUE(std::filesystem::exists(folder.path("out/regulators/missouri-attorney-general.txt")));
  ASSERT_TRUE(run(folder, "out", 100, test::facts_text()));
  EXPECT_FALSE(
      std::filesystem::exists(folder.path("out/regulators/missouri-attorney-general.txt")));
}

TEST(Draft, APersonThatIsThereTwiceIsAnError) {
  const test::Folder folder;
  const std::string persons = folder.write("two.ndjson", std::vector<PersonLine>{{}, {}});
  const auto outcome = draft({.persons = persons,
                              .facts = folder.write("facts.yaml", test::facts_text()),
                              .out = folder.path("out"),
                              .rules_folder = BULKHEAD_NOTIFY_DATA});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("twice"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out/letters.pdf")));
}

// Whose data was in the files is told so; who was only enrolled is told that.
TEST(Draft, LettersOutOfCautionSayWhatTheyAre) {
  const test::Folder folder;
  DraftOptions options{.persons = folder.write("p.ndjson", people(20)),
                       .facts = folder.write("facts.yaml", test::facts_text()),
                       .out = folder.path("out"),
                       .rules_folder = BULKHEAD_NOTIFY_DATA};
  ASSERT_TRUE(draft(options));
  const std::string deadlines = test::read_text(folder.path("out/deadlines.json"));
  const std::string mailing = test::read_text(folder.path("out/mailing.csv"));
  options.roster_persons = folder.write(
      "r.ndjson",
      std::vector<PersonLine>{
          {.number = 1, .enrolled_only = true, .elements = ""},
          {.number = 901, .minor = true, .enrolled_only = true, .elements = ""},
          {.number = 902, .street = "", .city = "", .enrolled_only = true, .elements = ""}});
  const auto outcome = draft(options);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->enrolled, 3U);
  EXPECT_EQ(outcome->enrolled_written_to, 2U);
  EXPECT_EQ(outcome->persons, 20U);
  EXPECT_EQ(test::read_text(folder.path("out/deadlines.json")), deadlines) << "no number changes";
  EXPECT_EQ(test::read_text(folder.path("out/mailing.csv")), mailing);
  const std::string apart = test::read_text(folder.path("out/enrolled/mailing.csv"));
  // One person in both files would have two letters, with two numbers.
  EXPECT_NE(apart.substr(apart.find('\n') + 1, 14), mailing.substr(mailing.find('\n') + 1, 14));
  options.roster_persons.clear();
  ASSERT_TRUE(draft(options));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out/enrolled/letters.pdf")));
}

// The letters that lie there fit each other; a draft that fails replaces none of them.
TEST(Draft, NothingIsReplacedWhereTheRosterIsNotOne) {
  const test::Folder folder;
  DraftOptions options{
      .persons = folder.write("p.ndjson", people(5)),
      .roster_persons =
          folder.write("r.ndjson", std::vector<PersonLine>{{.number = 1, .enrolled_only = true}}),
      .facts = folder.write("facts.yaml", test::facts_text()),
      .out = folder.path("out"),
      .rules_folder = BULKHEAD_NOTIFY_DATA};
  ASSERT_TRUE(draft(options));
  const auto files = {"out/letters.ndjson", "out/mailing.csv", "out/enrolled/letters.ndjson"};
  std::vector<std::string> before;
  for (const char* name : files)
    before.push_back(test::read_text(folder.path(name)));
  folder.write("p.ndjson", people(9));
  for (const char* broken : {"no json\n", ""}) {
    if (*broken != 0)
      folder.write("r.ndjson", broken);
    else
      folder.write("r.ndjson", std::vector<PersonLine>{{.number = 1}});  // of the files
    ASSERT_FALSE(draft(options));
    std::size_t i = 0;
    for (const char* name : files)
      EXPECT_EQ(test::read_text(folder.path(name)), before[i++]) << name;
  }
}

TEST(Draft, WhatHappenedInOneDayHappenedOnThatDay) {
  const test::Folder folder;
  std::string facts = test::facts_text();
  const std::string until = "breach_until: 2023-06-02";
  facts.replace(facts.find(until), until.size(), "breach_until: 2023-05-28");
  const auto outcome = run(folder, "out", 10, facts);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(test::read_text(folder.path("out/web.html")),
              HasSubstr("This happened on May 28, 2023. "));
}

TEST(Draft, AnUnverifiedRuleIsOnEverythingThatItTouches) {
  const test::Folder folder;
  std::filesystem::copy(BULKHEAD_NOTIFY_DATA, folder.path("data"),
                        std::filesystem::copy_options::recursive);
  std::string text = test::read_text(folder.path("data/rules/hipaa.yaml"));
  const std::size_t at = text.find("verified:");
  text.erase(at, text.find("kinds:", at) - at);
  folder.write("data/rules/hipaa.yaml", text);
  const auto outcome = run(folder, "out", 1400, test::facts_text(), 1, folder.path("data"));
  ASSERT_TRUE(outcome) << outcome.error().message;
  for (const char* name : {"media.txt", "web.html", "deadlines.json", "regulators/hhs.txt"})
    EXPECT_THAT(test::read_text(folder.path(std::string("out/") + name)),
                HasSubstr("unverified, ask counsel"))
        << name;
  EXPECT_THAT(test::read_text(folder.path("out/regulators/missouri-attorney-general.txt")),
              Not(HasSubstr("unverified")));
}

TEST(Draft, ALetterThatDoesNotFitIsListedAndNotDropped) {
  const test::Folder folder;
  std::vector<PersonLine> list{{.number = 1}, {.number = 2, .last = std::string(300, 'W')}};
  const auto outcome = draft({.persons = folder.write("p.ndjson", list),
                              .facts = folder.write("facts.yaml", test::facts_text()),
                              .out = folder.path("out"),
                              .rules_folder = BULKHEAD_NOTIFY_DATA});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->letters, 1U);
  EXPECT_EQ(outcome->persons_not_written, 1U);
  EXPECT_THAT(test::read_text(folder.path("out/not-written.csv")), HasSubstr("envelope's window"));
}

// Who could not be written to keeps what they are: a deceased one does not count for a notice in
// their stead, and nobody becomes a member by a long name.
TEST(Draft, WhoseLetterDoesNotFitStaysWhoTheyAre) {
  const test::Folder folder;
  const std::string wide(300, 'W');
  std::vector<PersonLine> list;
  for (unsigned i = 1; i <= 12; ++i) {
    list.push_back({.number = i, .last = "JONES", .deceased = true, .related_to = {100}});
    list.back().state = "MO";
  }
  list.push_back({.number = 100, .role = "related", .first = wide, .last = wide});
  const auto outcome = draft({.persons = folder.write("p.ndjson", list),
                              .facts = folder.write("facts.yaml", test::facts_text()),
                              .out = folder.path("out"),
                              .rules_folder = BULKHEAD_NOTIFY_DATA});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->persons_not_written, 13U);
  const std::string rows = test::read_text(folder.path("out/not-written.csv"));
  EXPECT_THAT(rows, HasSubstr(test::person_id(100) + "," + wide + " " + wide + ",related,MO"));
  EXPECT_THAT(rows, HasSubstr(test::person_id(1) + ",MARY JONES,member,MO"));
  // Ten living people without an address make a substitute notice due; twelve dead ones do not.
  EXPECT_THAT(test::read_text(folder.path("out/deadlines.json")),
              HasSubstr("hipaa-substitute-many"));
  for (const std::string& due : outcome->due)
    EXPECT_THAT(due, Not(HasSubstr("164.404(d)(2)(ii)"))) << "a substitute notice for 10 or more";
}

// A name that no font has (a private use character), of one child and of a guardian: the others of
// the household are written to all the same.
TEST(Draft, ANameThatCannotBeSetCostsNobodyElseTheirLetter) {
  const test::Folder folder;
  const std::string no_font = "\xEE\x80\x80\xEE\x80\x81";
  std::vector<PersonLine> list{
      {.number = 1, .first = "GRACE", .minor = true, .related_to = {10}},
      {.number = 2, .first = no_font, .minor = true, .related_to = {10}},
      {.number = 3, .first = "HENRY", .minor = true, .related_to = {10}},
      {.number = 10, .role = "related", .first = "ANN"},
      // The first guardian cannot be written to, the other one can; without another, the parents.
      {.number = 4, .first = "IRIS", .minor = true, .related_to = {11, 12}},
      {.number = 5, .first = "JACK", .minor = true, .related_to = {11}},
      {.number = 11, .role = "related", .first = no_font},
      {.number = 12, .role = "related", .first = "BEN", .last = "OCHOA", .street = "7 ELM ST"}};
  const auto outcome = draft({.persons = folder.write("p.ndjson", list),
                              .facts = folder.write("facts.yaml", test::facts_text()),
                              .out = folder.path("out"),
                              .rules_folder = BULKHEAD_NOTIFY_DATA});
  ASSERT_TRUE(outcome) << outcome.error().message;
  const std::string letters = test::read_text(folder.path("out/letters.ndjson"));
  const auto shared = "\"persons\":[\"" + test::person_id(1) + "\",\"" + test::person_id(3) + "\"]";
  EXPECT_THAT(letters, HasSubstr(shared));
  EXPECT_THAT(letters, HasSubstr("[\"" + test::person_id(4) + "\"]"));
  EXPECT_THAT(letters, HasSubstr("[\"" + test::person_id(5) + "\"]"));
  EXPECT_THAT(letters, Not(HasSubstr(test::person_id(2))));
  const std::string mailing = test::read_text(folder.path("out/mailing.csv"));
  EXPECT_THAT(mailing, HasSubstr(",BEN OCHOA,7 ELM ST,"));
  EXPECT_THAT(mailing, HasSubstr("JACK JONES,100 MAIN ST,")) << "to their parents";
  const std::string rows = test::read_text(folder.path("out/not-written.csv"));
  EXPECT_THAT(rows, HasSubstr(test::person_id(2)));
  EXPECT_THAT(rows, HasSubstr("the installed fonts lack letters of the name"));
  EXPECT_EQ(outcome->persons_not_written + outcome->persons_written_to, list.size());
}

TEST(Draft, StatesAreCountedByTheirCodeHoweverAddressesWriteThem) {
  const test::Folder folder;
  std::vector<PersonLine> list{{.number = 1, .state = "Missouri"}, {.number = 2, .state = "mo"}};
  const auto outcome = draft({.persons = folder.write("p.ndjson", list),
                              .facts = folder.write("facts.yaml", test::facts_text()),
                              .out = folder.path("out"),
                              .rules_folder = BULKHEAD_NOTIFY_DATA});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->letters, 2U);
  EXPECT_THAT(test::read_text(folder.path("out/deadlines.json")), Not(HasSubstr("MISSOURI")));
}

}  // namespace
}  // namespace bulkhead::notify
