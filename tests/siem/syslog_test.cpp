#include "siem/syslog.h"

#include <gtest/gtest.h>

namespace bulkhead::siem {
namespace {

// RFC 5424 section 6: <PRI>VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG.
TEST(Syslog, AMessage) {
  EXPECT_EQ(
      to_syslog("mft.example", 1'795'485'784'000'005, "login_failed", "{\"entry\":17}"),
      "<108>1 2026-11-24T02:03:04.000005Z mft.example bulkhead - login_failed - {\"entry\":17}");
}

TEST(Syslog, AnAlarmIsCritical) {
  EXPECT_EQ(to_syslog("h", 0, "contained", "x").substr(0, 5), "<106>");
  EXPECT_EQ(to_syslog("h", 0, "extents_released", "x").substr(0, 5), "<110>");
}

TEST(Syslog, TheHeaderHoldsNothingElse) {
  EXPECT_EQ(to_syslog("a b\n", 0, "", "x"),
            "<110>1 1970-01-01T00:00:00.000000Z ab bulkhead - - - x");
  EXPECT_EQ(to_syslog("", 0, std::string(40, 'e'), "x"),
            "<110>1 1970-01-01T00:00:00.000000Z - bulkhead - " + std::string(32, 'e') + " - x");
}

// RFC 5425 section 4.3: octets, not characters.
TEST(Syslog, AFrameCountsBytes) {
  EXPECT_EQ(framed("abc"), "3 abc");
  EXPECT_EQ(framed("\u00e4"), "2 \u00e4");
}

}  // namespace
}  // namespace bulkhead::siem
