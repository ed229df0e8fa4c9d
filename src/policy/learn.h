// What is usual for a principal, learned from its own past.
//
// Whoever uses a stolen account also writes its history. So what was learned can grow only by half
// in a week and by half in four weeks: each figure is the least of what the last 28 days say and
// 1.5 times what the days before the last week, and before the last four weeks, said.
#pragma once

#include <cstdint>
#include <span>

#include "policy/traffic.h"

namespace bulkhead::policy {

constexpr std::int64_t kHistoryDays = 57;  // how far back learn() looks

struct Usual {
  // On enough days to say anything. Otherwise the rest is 0.
  bool experienced = false;
  // On a busy day (the 90th percentile of the days on which anything was read), and on a middling
  // one.
  std::uint64_t busy_bytes = 0;
  std::uint64_t busy_files = 0;
  std::uint64_t busy_names = 0;
  std::uint64_t middling_files = 0;
  // In 28 days, those of the four weeks before the last four; a recent file counts a quarter.
  std::uint64_t old_files = 0;
  std::uint32_t hours = 0;  // bit h: at h o'clock UTC, or an hour to either side, on several days
};

// `history` in any order; what is of the last 24 hours is not learned from.
Usual learn(std::span<const HourOfTraffic> history, std::int64_t now_hour);

}  // namespace bulkhead::policy
