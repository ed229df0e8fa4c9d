// What left to one principal (a user, an organisation's users, a listener, everybody), in clock
// hours: counted by the catalogue from the journal, judged by ledger.h.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace bulkhead::policy {

constexpr std::int64_t kHoursPerDay = 24;

// Rounded down, before 1970 too.
constexpr std::int64_t hour_of(UnixMicros time) {
  constexpr std::int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
  const std::int64_t hour = time / kMicrosPerHour;
  return time % kMicrosPerHour < 0 ? hour - 1 : hour;
}

struct HourOfTraffic {
  std::int64_t hour = 0;  // since 1970, UTC
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t names = 0;
  std::uint64_t new_names = 0;  // of those, in folders that the user never listed before
  // Of the files, those whose reading is less usual the more there are.
  std::uint64_t recent_files = 0;  // some days old, or read before
  std::uint64_t old_files = 0;     // older, or both
  std::uint64_t refused = 0;       // requests over a budget
  // Before an officer lifted a breaker: the principal's history, no longer counted against it.
  bool forgiven = false;
};

enum class FileAge { kFresh, kRecent, kOld };

// Of a file read at `at`, whose contents came at `committed_at`. `read_before`: by the same user,
// more than an hour ago.
constexpr FileAge age_of(UnixMicros at, UnixMicros committed_at, bool read_before) {
  constexpr UnixMicros kDay = kHoursPerDay * 3600 * kMicrosPerSecond;
  const UnixMicros age = at - committed_at;
  const bool some_days = age > 3 * kDay;
  if (age > 8 * kDay || (some_days && read_before)) return FileAge::kOld;
  return some_days || read_before ? FileAge::kRecent : FileAge::kFresh;
}

}  // namespace bulkhead::policy
