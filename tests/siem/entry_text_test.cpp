#include "siem/entry_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::siem {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ShownEntry failed_login() {
  return {17,
          1'795'485'784'000'005,
          7,
          "login_failed",
          {{"name", "mallory"}, {"method", "password"}, {"reason", "wrong"}},
          Bytes{0xab, 0xcd}};
}

TEST(EntryText, Ndjson) {
  EXPECT_EQ(
      to_ndjson(failed_login()),
      R"({"entry":17,"at":"2026-11-24T02:03:04.000005Z","session":"s-7","event":"login_failed",)"
      R"("details":{"name":"mallory","method":"password","reason":"wrong"},"leaf_hash":"abcd"})");
}

TEST(EntryText, NdjsonOfHostileNamesIsOneLineOfJson) {
  ShownEntry entry = failed_login();
  entry.channel = 0;
  entry.details = {{"name", "a\"b\\c\nd\xff"}, {"session", "s-1"}, {"session", "s-2"}};
  const std::string text = to_ndjson(entry);
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, HasSubstr(R"("name":"a\"b\\c\nd)"));
  EXPECT_THAT(text, HasSubstr(R"("session":"s-1 s-2")"));
  EXPECT_THAT(text, Not(HasSubstr("\xff")));
}

TEST(EntryText, Cef) {
  EXPECT_EQ(
      to_cef(failed_login(), "0.1.0"),
      "CEF:0|Bulkhead|Bulkhead|0.1.0|login_failed|Login failed|5|rt=1795485784000 externalId=17 "
      "cs1Label=session cs1=s-7 suser=mallory cat=password reason=wrong bulkheadLeafHash=abcd");
}

// Nobody who picks a name can end the line, the field or the header.
TEST(EntryText, CefEscapesWhatOthersChose) {
  ShownEntry entry = failed_login();
  entry.event = "ev|il";
  entry.details = {{"name", "x act=granted\\ \n CEF:0|\r\x01|"}, {"bytes_not_understood", "3"}};
  const std::string text = to_cef(entry, "0|1");
  EXPECT_THAT(text, HasSubstr("|0\\|1|ev\\|il|Ev\\|il|3|"));
  EXPECT_THAT(text, HasSubstr("fname=x act\\=granted\\\\ \\n CEF:0|\\r |"));
  EXPECT_THAT(text, HasSubstr("bulkheadBytesNotUnderstood=3"));
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  entry.details = {{"name", "\xff\xfe"}};
  EXPECT_THAT(to_cef(entry, "1"), HasSubstr("fname=fffe"));
}

TEST(EntryText, TimesOutsideOfTheEverydayAreTimes) {
  EXPECT_EQ(utc_time(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(utc_time(-1), "1969-12-31T23:59:59.999999Z");
  for (const std::int64_t at : {INT64_MIN, INT64_MAX})
    EXPECT_THAT(utc_time(at), ::testing::EndsWith("Z"));
}

TEST(EntryText, AnAlarmCountsMoreThanTheEveryday) {
  EXPECT_GT(severity_of("contained"), severity_of("login_failed"));
  EXPECT_GT(severity_of("login_failed"), severity_of("extents_released"));
  EXPECT_EQ(severity_of("what comes later"), 3u);
}

}  // namespace
}  // namespace bulkhead::siem
