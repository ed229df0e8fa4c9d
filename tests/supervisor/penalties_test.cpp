#include "supervisor/penalties.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

const std::string kAddress = "203.0.113.5";
const PenaltySettings kSettings{.no_login_ms = 1'000,
                                .failed_login_ms = 5'000,
                                .crash_ms = 90'000,
                                .enforced_from_ms = 15'000,
                                .most_ms = 600'000,
                                .addresses = 3};

TEST(Penalties, AddUpUntilTheyAreFeltAndEnd) {
  Penalties penalties;
  EXPECT_EQ(penalties.add(kAddress, Offence::kFailedLogin, kSettings, 0), 0u);
  EXPECT_EQ(penalties.add(kAddress, Offence::kFailedLogin, kSettings, 0), 0u);
  EXPECT_FALSE(penalties.refused(kAddress, 0));
  EXPECT_EQ(penalties.add(kAddress, Offence::kFailedLogin, kSettings, 0), 15'000u) << "it begins";
  EXPECT_TRUE(penalties.refused(kAddress, 14'999));
  EXPECT_FALSE(penalties.refused(kAddress, 15'000));
  EXPECT_FALSE(penalties.refused("203.0.113.6", 0));
}

TEST(Penalties, TheBeginningIsToldOnce) {
  Penalties penalties;
  EXPECT_EQ(penalties.add(kAddress, Offence::kCrash, kSettings, 0), 90'000u);
  EXPECT_EQ(penalties.add(kAddress, Offence::kCrash, kSettings, 10), 0u);
  EXPECT_TRUE(penalties.refused(kAddress, 179'999)) << "and yet it grew";
  EXPECT_EQ(penalties.add(kAddress, Offence::kCrash, kSettings, 180'000), 90'000u)
      << "after its end it begins anew";
}

TEST(Penalties, GrowToTheMost) {
  Penalties penalties;
  for (int i = 0; i < 100; ++i)
    penalties.add(kAddress, Offence::kCrash, kSettings, 0);
  EXPECT_TRUE(penalties.refused(kAddress, 599'999));
  EXPECT_FALSE(penalties.refused(kAddress, 600'000));
}

TEST(Penalties, SlowOffencesAreForgotten) {
  Penalties penalties;
  for (std::int64_t now_ms = 0; now_ms < 1'000'000; now_ms += 5'000)
    EXPECT_EQ(penalties.add(kAddress, Offence::kFailedLogin, kSettings, now_ms), 0u);
}

TEST(Penalties, MemoryIsBoundedAndKeepsTheWorst) {
  Penalties penalties;
  penalties.add("worst", Offence::kCrash, kSettings, 0);
  for (int i = 0; i < 1000; ++i) {
    penalties.add("address " + std::to_string(i), Offence::kFailedLogin, kSettings, 0);
    EXPECT_LE(penalties.size(), 3u);
  }
  EXPECT_TRUE(penalties.refused("worst", 1));
}

TEST(Penalties, CanBeSwitchedOff) {
  Penalties penalties;
  PenaltySettings off = kSettings;
  off.most_ms = 0;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(penalties.add(kAddress, Offence::kCrash, off, 0), 0u);
  EXPECT_FALSE(penalties.refused(kAddress, 0));
  EXPECT_EQ(penalties.size(), 0u);
}

}  // namespace
}  // namespace bulkhead::supervisor
