#include "supervisor/refill_pace.h"

#include <algorithm>

namespace bulkhead::supervisor {
namespace {

constexpr std::int64_t kFirstDelayMs = 100;
constexpr std::int64_t kLongestDelayMs = 10'000;
constexpr std::uint32_t kMostDoublings = 7;

}  // namespace

bool RefillPace::may_start(ProcessKind kind, std::int64_t now_ms) const {
  const auto found = paces_.find(kind);
  return found == paces_.end() || now_ms >= found->second.not_before_ms;
}

void RefillPace::died_unused(ProcessKind kind, std::int64_t now_ms) {
  Pace& pace = paces_[kind];
  if (now_ms < pace.not_before_ms) return;  // one of those that were started together
  const std::int64_t delay_ms = kFirstDelayMs << std::min(pace.deaths, kMostDoublings);
  ++pace.deaths;
  pace.not_before_ms = now_ms + std::min(delay_ms, kLongestDelayMs);
}

void RefillPace::served(ProcessKind kind) {
  if (const auto found = paces_.find(kind); found != paces_.end()) found->second.deaths = 0;
}

std::int64_t RefillPace::next_ms(std::int64_t now_ms) const {
  std::int64_t next = INT64_MAX;
  for (const auto& [kind, pace] : paces_) {
    if (pace.not_before_ms > now_ms) next = std::min(next, pace.not_before_ms);
  }
  return next;
}

}  // namespace bulkhead::supervisor
