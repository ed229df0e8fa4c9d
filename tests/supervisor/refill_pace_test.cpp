#include "supervisor/refill_pace.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

TEST(RefillPace, EverLaterUntilSomebodyIsServed) {
  RefillPace pace;
  EXPECT_TRUE(pace.may_start(SFTP_SESSION, 0));
  EXPECT_EQ(pace.next_ms(0), INT64_MAX);
  std::int64_t now_ms = 1000;
  for (const std::int64_t delay_ms : {100, 200, 400, 800, 1600, 3200, 6400, 10'000, 10'000}) {
    pace.died_unused(SFTP_SESSION, now_ms);
    pace.died_unused(SFTP_SESSION, now_ms + 1);  // was started together with it
    EXPECT_EQ(pace.next_ms(now_ms), now_ms + delay_ms);
    EXPECT_FALSE(pace.may_start(SFTP_SESSION, now_ms + delay_ms - 1));
    now_ms += delay_ms;
    EXPECT_TRUE(pace.may_start(SFTP_SESSION, now_ms));
    EXPECT_EQ(pace.next_ms(now_ms), INT64_MAX);
  }
  pace.served(SFTP_SESSION);
  pace.died_unused(SFTP_SESSION, now_ms);
  EXPECT_EQ(pace.next_ms(now_ms), now_ms + 100);
}

TEST(RefillPace, OneKindDoesNotSlowAnother) {
  RefillPace pace;
  std::int64_t now_ms = 0;
  for (int i = 0; i < 10; ++i) {
    pace.died_unused(HTTPS_SESSION, now_ms);
    EXPECT_TRUE(pace.may_start(SFTP_SESSION, now_ms));
    now_ms = pace.next_ms(now_ms);
  }
  pace.died_unused(HTTPS_SESSION, now_ms);
  // Nor does one that serves make another's deaths forgotten.
  pace.served(SFTP_SESSION);
  pace.died_unused(SFTP_SESSION, now_ms);
  EXPECT_EQ(pace.next_ms(now_ms), now_ms + 100) << "of the two the sooner";
  EXPECT_TRUE(pace.may_start(SFTP_SESSION, now_ms + 100));
  EXPECT_FALSE(pace.may_start(HTTPS_SESSION, now_ms + 9'999));
  EXPECT_TRUE(pace.may_start(HTTPS_SESSION, now_ms + 10'000));
}

}  // namespace
}  // namespace bulkhead::supervisor
