// Letters on their way, and what the call centre is told.
#include "notify/tracking/tracking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "helpers.h"
#include "notify/notify.h"
#include "notify/tracking/lookup.h"

namespace bulkhead::notify {
namespace {

using test::PersonLine;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr UnixMicros kNow = 1'700'000'000'000'000;

class Tracking : public testing::Test {
 protected:
  void draft_of(const std::vector<PersonLine>& people) {
    const auto outcome = draft({.persons = folder_.write("p.ndjson", people),
                                .facts = folder_.write("facts.yaml", test::facts_text()),
                                .out = out(),
                                .rules_folder = BULKHEAD_NOTIFY_DATA});
    ASSERT_TRUE(outcome) << outcome.error().message;
  }
  std::string out() const { return folder_.path("out"); }
  std::vector<TrackedLetter> letters() const {
    auto list = tracked_letters(out());
    EXPECT_TRUE(list) << list.error().message;
    return list ? *list : std::vector<TrackedLetter>();
  }
  MarkOutcome mark(LetterState to, std::vector<std::string> numbers = {}) const {
    const bool all = numbers.empty();
    auto outcome = mark_letters(out(), {.to = to,
                                        .numbers = std::move(numbers),
                                        .all_drafted = all,
                                        .batch = "B1",
                                        .by = "Anna",
                                        .at = kNow});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : MarkOutcome();
  }
  LookupRequest by_name(const std::string& name, UnixMicros at = kNow) const {
    return {.agent = "Cleo", .name = name, .born = "1974-03-09", .at = at};
  }

  test::Folder folder_;
};

TEST_F(Tracking, NothingIsSentTwice) {
  draft_of({{.number = 1}, {.number = 2}, {.number = 3}});
  EXPECT_EQ(mark(LetterState::kSent, {letters()[0].number}).marked, 1U);
  EXPECT_EQ(mark(LetterState::kSent).marked, 2U);
  EXPECT_EQ(mark(LetterState::kSent).marked, 0U);
  std::string spoken = letters()[0].number;
  std::transform(spoken.begin(), spoken.end(), spoken.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  const MarkOutcome again = mark(LetterState::kSent, {spoken, spoken});
  EXPECT_EQ(again.marked, 0U);
  EXPECT_EQ(again.already, 1U);
}

TEST_F(Tracking, TheWayOfALetter) {
  draft_of({{.number = 1}});
  const std::string number = letters()[0].number;
  EXPECT_THAT(mark(LetterState::kReturned, {number}).refused, SizeIs(1));
  EXPECT_THAT(mark(LetterState::kResent, {number}).refused, SizeIs(1));
  for (const LetterState state :
       {LetterState::kSent, LetterState::kReturned, LetterState::kResent, LetterState::kReturned,
        LetterState::kResent, LetterState::kAnswered}) {
    const MarkOutcome outcome = mark(state, {number});
    EXPECT_THAT(outcome.refused, IsEmpty());
    EXPECT_EQ(outcome.marked, 1U) << to_string(state);
    EXPECT_EQ(letters()[0].state, state);
  }
  EXPECT_FALSE(mark_letters(out(), {.numbers = {"0000-0000-0001"}, .by = "Anna", .at = kNow}));
  EXPECT_FALSE(mark_letters(out(), {.numbers = {number}, .at = kNow}));
}

// Whatever part of the marks reached the disk, the next run marks the rest and nothing twice.
TEST_F(Tracking, ACrashInTheMiddleLosesNothing) {
  draft_of({{.number = 1}, {.number = 2}});
  const std::vector<TrackedLetter> before = letters();
  mark(LetterState::kSent, {before[0].number});
  const std::string path = out() + "/tracking.ndjson";
  const std::string first = test::read_text(path);
  mark(LetterState::kSent, {before[1].number});
  const std::string whole = test::read_text(path);
  for (std::size_t length = first.size(); length <= whole.size(); ++length) {
    folder_.write("out/tracking.ndjson", whole.substr(0, length));
    EXPECT_EQ(letters()[0].state, LetterState::kSent);
    EXPECT_EQ(mark(LetterState::kSent).marked, length == whole.size() ? 0U : 1U) << length;
    EXPECT_EQ(test::read_text(path), whole);
  }
}

TEST_F(Tracking, WhoWasToldBeforeACorrectionIsNotToldAnew) {
  draft_of({{.number = 1}, {.number = 2}});
  mark(LetterState::kSent);
  draft_of({{.number = 7, .formerly = {1, 2}}, {.number = 8}});
  const std::vector<TrackedLetter> now = letters();
  ASSERT_THAT(now, SizeIs(4));
  EXPECT_FALSE(now[0].told_as.empty());
  EXPECT_FALSE(now[2].in_draft);
  const MarkOutcome outcome = mark(LetterState::kSent);
  EXPECT_EQ(outcome.marked, 1U);
  ASSERT_THAT(outcome.refused, SizeIs(1));
  EXPECT_THAT(outcome.refused[0], HasSubstr("before a correction"));
}

// Two minors of one household get one letter, whose number stays when one more comes in.
TEST_F(Tracking, WhoComesIntoALetterThatWentIsTold) {
  const PersonLine guardian{.number = 9};
  const auto child = [](unsigned number) {
    return PersonLine{.number = number, .minor = true, .related_to = {9}};
  };
  draft_of({guardian, child(1)});
  EXPECT_EQ(mark(LetterState::kSent).marked, 2U);
  draft_of({guardian, child(1), child(2)});
  const std::vector<TrackedLetter> now = letters();
  ASSERT_THAT(now, SizeIs(2));
  const auto shared = std::find_if(now.begin(), now.end(), [](const TrackedLetter& letter) {
    return letter.persons.size() == 2;
  });
  ASSERT_NE(shared, now.end());
  EXPECT_EQ(shared->state, LetterState::kDrafted);
  const MarkOutcome outcome = mark(LetterState::kSent);
  EXPECT_EQ(outcome.marked, 1U);
  EXPECT_THAT(outcome.refused, IsEmpty());
  for (const TrackedLetter& letter : letters())
    EXPECT_EQ(letter.state, LetterState::kSent);
  EXPECT_EQ(mark(LetterState::kSent).marked, 0U);
  // The one by whom the letter was numbered is taken out: the other was told nevertheless.
  draft_of({guardian, child(2)});
  EXPECT_EQ(mark(LetterState::kSent).marked, 0U);
}

TEST_F(Tracking, AfterASplitNobodyIsRefusedForGood) {
  draft_of({{.number = 1}});
  mark(LetterState::kSent);
  draft_of({{.number = 3, .formerly = {1}}, {.number = 4, .formerly = {1}}});
  const MarkOutcome all = mark(LetterState::kSent);
  EXPECT_EQ(all.marked, 0U);
  ASSERT_THAT(all.refused, SizeIs(2));
  EXPECT_THAT(all.refused[0], HasSubstr("name it"));
  const std::string number = letters()[0].number;
  EXPECT_EQ(mark(LetterState::kSent, {number}).marked, 1U);
  EXPECT_EQ(letters()[0].state, LetterState::kSent);
}

// A line that cannot be read back would cost the whole file.
TEST_F(Tracking, WhatCannotBeReadBackIsNotWritten) {
  draft_of({{.number = 1}});
  for (const std::string& odd :
       {std::string("An\tna"), std::string(5000, 'A'), std::string("\xFF")}) {
    EXPECT_FALSE(mark_letters(out(), {.all_drafted = true, .by = odd, .at = kNow}));
    EXPECT_FALSE(mark_letters(out(), {.all_drafted = true, .batch = odd, .by = "A", .at = kNow}));
    EXPECT_FALSE(mark_letters(out(), {.all_drafted = true, .by = "A", .note = odd, .at = kNow}));
    EXPECT_FALSE(look_up(out(), {.agent = odd, .letter = letters()[0].number, .at = kNow}));
  }
  EXPECT_EQ(mark(LetterState::kSent).marked, 1U);
}

// Word for word and byte for byte the same, for somebody in the files and for somebody else.
TEST_F(Tracking, ANameIsNeverToldAnything) {
  draft_of({{.number = 1}});
  const auto there = look_up(out(), by_name("Mary Jones"));
  const auto nobody = look_up(out(), by_name("Nora Nobody"));
  ASSERT_TRUE(there && nobody);
  EXPECT_EQ(there->text, nobody->text);
  EXPECT_FALSE(there->by_letter);
  EXPECT_THAT(there->text, Not(HasSubstr(letters()[0].number)));
  // But the one who is there gets a letter where they live.
  const auto requested = requested_letters(out());
  ASSERT_TRUE(requested);
  EXPECT_THAT(*requested, testing::ElementsAre(letters()[0].number));
  const std::string journal = test::read_text(out() + "/lookups.ndjson");
  EXPECT_EQ(std::count(journal.begin(), journal.end(), '\n'), 2);
  EXPECT_THAT(journal, Not(HasSubstr("Jones")));
  EXPECT_THAT(test::read_text(out() + "/lookup.index"), Not(HasSubstr("JONES")));
}

// A caller says neither middle name nor suffix, and accents are not spelt.
TEST_F(Tracking, ANameIsFoundAsItIsSpoken) {
  draft_of({{.number = 1, .first = "JOSÉ"}});
  ASSERT_TRUE(look_up(out(), by_name("Jose Jones")));
  const auto requested = requested_letters(out());
  ASSERT_TRUE(requested);
  EXPECT_THAT(*requested, SizeIs(1));
}

TEST_F(Tracking, WhoHoldsTheLetterIsAnswered) {
  draft_of({{.number = 1}});
  const std::string number = letters()[0].number;
  const auto answer = look_up(out(), {.agent = "Cleo", .letter = number, .at = kNow});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->by_letter);
  EXPECT_THAT(answer->text, HasSubstr("is not sent yet"));
  EXPECT_THAT(answer->text, Not(HasSubstr("JONES")));
  const auto misread = look_up(out(), {.agent = "Cleo", .letter = "7K2P", .at = kNow});
  ASSERT_TRUE(misread);
  EXPECT_FALSE(misread->by_letter);
  EXPECT_FALSE(look_up(out(), {.agent = "Cleo", .at = kNow}));
  EXPECT_FALSE(look_up(out(), {.letter = number, .at = kNow}));
}

// One call centre, one key, two folders of letters; what they say is not the same.
TEST_F(Tracking, LettersOutOfCautionAreLookedUpToo) {
  const std::vector<PersonLine> enrolled_people = {
      {.number = 2, .first = "RUTH", .enrolled_only = true, .elements = ""}};
  DraftOptions options{.persons = folder_.write("p.ndjson", std::vector<PersonLine>{{.number = 1}}),
                       .facts = folder_.write("facts.yaml", test::facts_text()),
                       .out = out(),
                       .rules_folder = BULKHEAD_NOTIFY_DATA};
  options.roster_persons = folder_.write("r.ndjson", enrolled_people);
  const auto outcome = draft(options);
  ASSERT_TRUE(outcome) << outcome.error().message;
  const auto enrolled = tracked_letters(out() + "/enrolled");
  ASSERT_TRUE(enrolled);
  ASSERT_THAT(*enrolled, SizeIs(1));
  for (const std::string& folder : {out(), out() + "/enrolled"}) {
    const auto answer =
        look_up(folder, {.agent = "Cleo", .letter = enrolled->front().number, .at = kNow});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->by_letter);
    EXPECT_THAT(answer->text, HasSubstr("cannot be excluded"));
    EXPECT_THAT(answer->text, Not(HasSubstr("What it lists was in the files")));
  }
  ASSERT_TRUE(look_up(out(), by_name("Ruth Jones")));
  for (const std::string& folder : {out(), out() + "/enrolled"})
    EXPECT_THAT(*requested_letters(folder), testing::ElementsAre(enrolled->front().number));
  EXPECT_FALSE(std::filesystem::exists(out() + "/enrolled/lookups.ndjson"));
}

TEST_F(Tracking, TooManyQuestionsAreRefusedWhoeverTheyAreAbout) {
  draft_of({{.number = 1}});
  for (const char* name : {"Mary Jones", "Nora Nobody"}) {
    const UnixMicros at = kNow + (name[0] == 'M' ? 0 : 2 * 3600 * kMicrosPerSecond);
    for (std::uint64_t i = 0; i < kLookupsAnHour; ++i)
      ASSERT_TRUE(look_up(out(), by_name(name, at))) << i;
    const auto refused = look_up(out(), by_name(name, at));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRefused);
  }
}

}  // namespace
}  // namespace bulkhead::notify
