// How often each user logs in: so many in a minute, and no burst beyond that.
//
// In memory; bounded by the number of users.
#pragma once

#include <cstdint>
#include <map>

#include "vault/ids.h"

namespace bulkhead::vault {

class LoginRates {
 public:
  // Whether one more is within the limit; then it is counted. Time is of Clock::monotonic_ms().
  bool take(UserId user, std::uint32_t per_minute, std::int64_t now_ms) {
    Bucket& bucket = buckets_[user];
    const std::int64_t most = std::int64_t{per_minute} * kMinuteMs;
    // Filled at `per_minute` a minute, in parts of one log-in; the first one finds it full.
    bucket.spent -= (now_ms - bucket.at_ms) * per_minute;
    if (bucket.at_ms == 0 || bucket.spent < 0) bucket.spent = 0;
    bucket.at_ms = now_ms;
    if (bucket.spent + kMinuteMs > most) return false;
    bucket.spent += kMinuteMs;
    return true;
  }

 private:
  static constexpr std::int64_t kMinuteMs = 60'000;
  struct Bucket {
    std::int64_t spent = 0;
    std::int64_t at_ms = 0;
  };
  std::map<UserId, Bucket> buckets_;
};

}  // namespace bulkhead::vault
