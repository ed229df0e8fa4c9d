// A principal's breaker. Nothing runs in the background: which state it is in follows from when and
// why it was opened, whether it was lifted, and the time.
//
//   closed ── tripped ──► open ── lifted by an officer, or, for budgets only, after a day ──►
//   half-open
//     ▲                     ▲                                                                    │
//     │ │                     └───────────── over budget once, or a tripwire
//     ──────────────────────┘ │ └──────────────────────────────────── a day without
//     ─────────────────────────────────────────┘
#pragma once

#include "base/clock.h"

namespace bulkhead::policy {

enum class BreakerState { kClosed, kOpen, kHalfOpen };

// Numbers of proto/journal.proto.
enum class TripCause {
  kOverBudget = 0,  // again and again
  kCanary = 1,
  kOldFiles = 2,
  kEverything = 3,
  kManyAccounts = 4,  // accounts beneath it were stopped
};

struct Breaker {
  UnixMicros tripped_at = 0;
  TripCause cause = TripCause::kOverBudget;
  UnixMicros lifted_at = 0;  // 0: not since it tripped
};

BreakerState state_of(const Breaker& breaker, UnixMicros now);

}  // namespace bulkhead::policy
