#include "cli/times.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

constexpr UnixMicros kNovember24 = 1'795'485'784LL * kMicrosPerSecond;  // 2026-11-24T02:03:04Z

class Times : public testing::Test {
 protected:
  ~Times() override { (void)use_zone("UTC"); }

  static UnixMicros read(std::string_view text, DayEdge edge = DayEdge::kFirst) {
    const auto time = read_time(text, edge);
    EXPECT_TRUE(time) << text << ": " << (time ? "" : time.error().message);
    return time.value_or(-1);
  }
  static std::string refusal(std::string_view text) {
    const auto time = read_time(text);
    EXPECT_FALSE(time) << text;
    if (time) return {};
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
    return time.error().message;
  }
};

TEST_F(Times, Rfc3339WithAnOffset) {
  EXPECT_EQ(read("2026-11-24T02:03:04Z"), kNovember24);
  EXPECT_EQ(read("2026-11-24t02:03:04z"), kNovember24);
  EXPECT_EQ(read("2026-11-24T02:03:04+00:00"), kNovember24);
  EXPECT_EQ(read("2026-11-23T20:03:04-06:00"), kNovember24);
  EXPECT_EQ(read("2026-11-24T07:48:04+05:45"), kNovember24);
  EXPECT_EQ(read("2026-11-24T02:03:04.5Z"), kNovember24 + 500'000);
  EXPECT_EQ(read("2026-11-24T02:03:04.1234567891Z"), kNovember24 + 123'456);
  EXPECT_EQ(read("2016-12-31T23:59:60Z"), read("2017-01-01T00:00:00Z"));  // a leap second
  EXPECT_EQ(read("1969-12-31T23:59:59Z"), -kMicrosPerSecond);
}

TEST_F(Times, ShorterFormsInUtc) {
  EXPECT_EQ(read("2026-11-24T02:03:04"), kNovember24);
  EXPECT_EQ(read("2026-11-24 02:03"), kNovember24 - 4 * kMicrosPerSecond);
  EXPECT_EQ(read("2026-11-24"), kNovember24 - (2 * 3600 + 3 * 60 + 4) * kMicrosPerSecond);
}

TEST_F(Times, ADayEndsWithItsLastMicrosecond) {
  EXPECT_EQ(read("2026-11-24", DayEdge::kLast), read("2026-11-25") - 1);
  EXPECT_EQ(read("2026-11-24T00:00", DayEdge::kLast), read("2026-11-24"));  // a time is a time
}

TEST_F(Times, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "yesterday",
                           "2026",
                           "2026-11",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-11-31",
                           "26-11-24",
                           "2026-11-24T",
                           "2026-11-24T24:00",
                           "2026-11-24T12:60",
                           "2026-11-24T12",
                           "2026-11-24T12:00:61",
                           "2026-11-24T12:00:00.",
                           "2026-11-24T12:00+0600",
                           "2026-11-24T12:00+24:00",
                           "2026-11-24Z",
                           "2026-11-24T12:00:00Z ",
                           " 2026-11-24",
                           "2026-11-24T12:00:00ZZ",
                           "+026-11-24",
                           "2026-1 -24"}) {
    EXPECT_NE(refusal(text).find("is not a time"), std::string::npos) << text;
  }
}

TEST_F(Times, ZoneWithSummerTime) {
  ASSERT_TRUE(use_zone("America/Chicago"));
  EXPECT_EQ(read("2026-11-23T20:03:04"), kNovember24);
  EXPECT_EQ(read("2026-07-01T00:00:00"), read("2026-07-01T05:00:00Z"));
  EXPECT_EQ(read("2026-11-24T02:03:04Z"), kNovember24);  // an offset wins over the zone
  EXPECT_EQ(show_time(kNovember24), "2026-11-23T20:03:04-06:00");
  EXPECT_EQ(show_time(read("2026-07-01T05:00:00.25Z")), "2026-07-01T00:00:00.250000-05:00");
  // The day on which clocks go back has 25 hours.
  EXPECT_EQ(read("2026-11-01", DayEdge::kLast) - read("2026-11-01"),
            25 * 3600 * kMicrosPerSecond - 1);
}

TEST_F(Times, HoursThatWereNotOrWereTwice) {
  ASSERT_TRUE(use_zone("America/Chicago"));
  EXPECT_NE(refusal("2026-03-08T02:30:00").find("did not happen in America/Chicago"),
            std::string::npos);
  EXPECT_NE(refusal("2026-11-01T01:30:00").find("happened twice in America/Chicago"),
            std::string::npos);
  EXPECT_EQ(read("2026-11-01T01:30:00-05:00") + 3600 * kMicrosPerSecond,
            read("2026-11-01T01:30:00-06:00"));
  EXPECT_EQ(read("2026-03-08T03:00:00"), read("2026-03-08T08:00:00Z"));
  EXPECT_EQ(read("2026-11-01T02:00:00"), read("2026-11-01T08:00:00Z"));
}

TEST_F(Times, ZonesWithOddOffsets) {
  ASSERT_TRUE(use_zone("Asia/Kathmandu"));
  EXPECT_EQ(read("2026-11-24T07:48:04"), kNovember24);
  EXPECT_EQ(show_time(kNovember24), "2026-11-24T07:48:04+05:45");
}

TEST_F(Times, RefusesZonesThatAreNone) {
  for (const char* zone : {"", "Mars/Olympus", "../../../etc/passwd", "/etc/localtime", "America",
                           "CST6CDT,M3;rm", ":UTC"}) {
    const Status used = use_zone(zone);
    ASSERT_FALSE(used) << zone;
    EXPECT_EQ(used.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(show_time(kNovember24), "2026-11-24T02:03:04Z");
}

}  // namespace
}  // namespace bulkhead::cli
