// Property 4, the pure half: what is learned, what a principal may still have, when it is stopped.
#include "policy/ledger.h"

#include <gtest/gtest.h>

#include <vector>

#include "policy/breaker.h"

namespace bulkhead::policy {
namespace {

constexpr std::int64_t kNow = 500'000;  // an hour
constexpr UnixMicros kHour = 3600LL * kMicrosPerSecond;

struct Past {
  std::vector<HourOfTraffic> hours;
  // `files` an hour at the same hour of each of those days, counted back.
  Past& days(std::int64_t from, std::int64_t to, std::uint64_t files) {
    for (std::int64_t day = from; day < to; ++day)
      hours.push_back(
          {.hour = kNow - 24 * (day + 1), .bytes = files * 1000, .files = files, .names = files});
    return *this;
  }
};

struct LedgerTest : ::testing::Test {
  Configuration configuration;
  Ledger of(const Past& past, Width width = Width::kUser, std::int64_t hour = kNow) {
    return Ledger(
        past.hours, hour,
        {.width = width, .budget = configuration.budget, .configuration = &configuration});
  }
};

TEST_F(LedgerTest, WhoIsNewMayDoLittleAndWhoIsKnownFourTimesABusyDay) {
  EXPECT_EQ(of({}).limits({}).files_per_day, 200u);
  EXPECT_FALSE(of(Past().days(0, 4, 1000)).usual().experienced) << "four days say nothing yet";
  EXPECT_EQ(of(Past().days(1, 57, 100)).limits({}).files_per_day, 400u);
  EXPECT_EQ(of(Past().days(1, 57, 10)).limits({}).files_per_day, 200u) << "never below the floor";
  EXPECT_EQ(of(Past().days(1, 57, 1'000'000)).limits({}).files_per_day, 20'000u)
      << "never above what is configured";
}

TEST_F(LedgerTest, ASlowThiefCannotTeachMoreThanHalfInAMonth) {
  // Four weeks at a hundred, then four weeks at all that was allowed, and ten times that.
  for (const std::uint64_t taught : {400u, 4000u}) {
    const Ledger ledger = of(Past().days(29, 57, 100).days(1, 29, taught));
    EXPECT_EQ(ledger.limits({}).files_per_day, 4u * 150u) << taught;
  }
  // And of one week, when there were only two before it.
  EXPECT_EQ(of(Past().days(8, 22, 100).days(1, 8, 4000)).limits({}).files_per_day, 4u * 150u);
}

TEST_F(LedgerTest, TheLastDayTeachesNothing) {
  EXPECT_EQ(of(Past().days(1, 57, 100)).usual().busy_files,
            of(Past().days(0, 57, 100)).usual().busy_files);
  Past past;
  past.days(1, 57, 100);
  past.hours.push_back({.hour = kNow - 1, .files = 10'000});
  EXPECT_EQ(of(past).usual().busy_files, 100u);
}

TEST_F(LedgerTest, ANewAddressAndAnUnusualHourHalveEach) {
  const Past past = Past().days(1, 57, 400);
  EXPECT_EQ(of(past).limits({}).files_per_day, 1600u);
  EXPECT_EQ(of(past).limits({.new_address = true}).files_per_day, 800u);
  EXPECT_EQ(of(past, Width::kUser, kNow + 1).limits({}).files_per_day, 1600u) << "an hour late";
  EXPECT_EQ(of(past, Width::kUser, kNow + 7).limits({}).files_per_day, 800u);
  EXPECT_EQ(of(past, Width::kUser, kNow + 7).limits({.new_address = true}).files_per_day, 400u);
}

TEST_F(LedgerTest, WhatIsSaidByNameIsNotLowered) {
  configuration.budget.fixed_files = true;
  EXPECT_EQ(of({}).limits({}).files_per_day, 20'000u);
  EXPECT_EQ(of({}).limits({}).bytes_per_day, 2ULL << 30) << "the other numbers are";
}

TEST_F(LedgerTest, EveryBudgetOfTheHourAndTheDayIsHeldToTheLastUnit) {
  configuration.budget = {.bytes_per_hour = 10,
                          .bytes_per_day = 20,
                          .files_per_hour = 10,
                          .files_per_day = 20,
                          .names_per_hour = 10,
                          .names_per_day = 20};
  const auto wants = [](Measure measure, std::uint64_t n) {
    return Wanted{.bytes = measure == Measure::kBytes ? n : 0,
                  .files = measure == Measure::kFiles ? n : 0,
                  .names = measure == Measure::kNames ? n : 0};
  };
  for (const Measure measure : {Measure::kBytes, Measure::kFiles, Measure::kNames}) {
    Past past;
    past.hours.push_back({.hour = kNow - 24, .bytes = 15, .files = 15, .names = 15});
    past.hours.push_back({.hour = kNow - 25, .bytes = 99, .files = 99, .names = 99});
    EXPECT_FALSE(of(past).judge({}, wants(measure, 5), {}));
    const auto day = of(past).judge({}, wants(measure, 6), {});
    ASSERT_TRUE(day);
    EXPECT_EQ(day->measure, measure);
    EXPECT_EQ(day->hours, 24u);
    EXPECT_FALSE(day->tripwire);
    const auto hour = of({}).judge({.bytes = 8, .files = 8, .names = 8}, wants(measure, 3), {});
    ASSERT_TRUE(hour);
    EXPECT_EQ(hour->hours, 1u);
    EXPECT_TRUE(of({}).judge({}, wants(measure, UINT64_MAX), {})) << "no overflow";
    past.hours[0].forgiven = true;
    EXPECT_FALSE(of(past).judge({}, wants(measure, 6), {})) << "what an officer lifted";
  }
}

TEST_F(LedgerTest, OldFilesAreATripwire) {
  Past past = Past().days(1, 57, 20);
  past.hours.push_back({.hour = kNow - 20 * 24, .recent_files = 40, .old_files = 40});
  const Wanted old{.bytes = 1, .files = 1, .age = FileAge::kOld};
  // 50 may be: 40, and 40 recent ones that count a quarter each.
  const auto found = of(past).judge({}, old, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->measure, Measure::kOldFiles);
  EXPECT_TRUE(found->tripwire);
  EXPECT_FALSE(of(past).judge({}, {.bytes = 1, .files = 1}, {})) << "fresh ones go on";
  past.hours.back().old_files = 39;
  EXPECT_FALSE(of(past).judge({}, old, {}));
  EXPECT_TRUE(of(past).judge({.old_files = 1}, old, {})) << "this hour counts too";
}

TEST_F(LedgerTest, ANightlyPullDoesNotMeetTheOneBefore) {
  Past past = Past().days(0, 57, 100);
  EXPECT_FALSE(of(past).judge({}, {.files = 400}, {})) << "learned: four busy days in one";
  EXPECT_TRUE(of(past).judge({}, {.files = 401}, {}));
  configuration.budget.files_per_day = 300;  // configured: never more in 24 hours
  EXPECT_FALSE(of(past).judge({}, {.files = 200}, {}));
  EXPECT_TRUE(of(past).judge({}, {.files = 201}, {}));
}

TEST_F(LedgerTest, NamesOfOtherFoldersAreFewForWhoHasHabits) {
  const Ledger ledger = of(Past().days(1, 57, 100));
  EXPECT_FALSE(ledger.judge({}, {.names = 600}, {})) << "the usual folders";
  EXPECT_FALSE(ledger.judge({}, {.names = 500, .new_names = 500}, {}));
  EXPECT_TRUE(ledger.judge({.new_names = 1}, {.names = 500, .new_names = 500}, {}));
  EXPECT_FALSE(of({}).judge({}, {.names = 600, .new_names = 600}, {})) << "all is new at first";
}

TEST_F(LedgerTest, EverythingAtOnceIsATripwireForWhoNeverDid) {
  const Ledger ledger = of(Past().days(1, 57, 3));
  EXPECT_FALSE(ledger.much_more_than_usual({.files = 10}));
  ASSERT_TRUE(ledger.much_more_than_usual({.files = 49}));
  EXPECT_FALSE(ledger.judge_everything({.files = 49}, 100));
  EXPECT_TRUE(ledger.judge_everything({.files = 50}, 100));
  EXPECT_FALSE(of({}).much_more_than_usual({.files = 199})) << "the first pull of a new partner";
  EXPECT_FALSE(of(Past().days(1, 57, 60)).much_more_than_usual({.files = 80})) << "who always does";
}

TEST(Breaker, OpensHalfOpensAndCloses) {
  const UnixMicros at = 1'000'000 * kHour;
  const Breaker over{.tripped_at = at, .cause = TripCause::kOverBudget};
  EXPECT_EQ(state_of(over, at), BreakerState::kOpen);
  EXPECT_EQ(state_of(over, at + 23 * kHour), BreakerState::kOpen);
  EXPECT_EQ(state_of(over, at + 24 * kHour), BreakerState::kHalfOpen);
  EXPECT_EQ(state_of(over, at + 48 * kHour), BreakerState::kClosed);
  for (const TripCause cause : {TripCause::kCanary, TripCause::kOldFiles, TripCause::kEverything,
                                TripCause::kManyAccounts}) {
    Breaker breaker{.tripped_at = at, .cause = cause};
    EXPECT_EQ(state_of(breaker, at + 1000 * kHour), BreakerState::kOpen) << "until somebody looks";
    breaker.lifted_at = at + 1000 * kHour;
    EXPECT_EQ(state_of(breaker, at + 1000 * kHour), BreakerState::kHalfOpen);
    EXPECT_EQ(state_of(breaker, at + 1024 * kHour), BreakerState::kClosed);
  }
}

}  // namespace
}  // namespace bulkhead::policy
