#include "policy/breaker.h"

namespace bulkhead::policy {
namespace {

constexpr UnixMicros kDay = 24LL * 3600 * kMicrosPerSecond;

}  // namespace

BreakerState state_of(const Breaker& breaker, UnixMicros now) {
  UnixMicros half_open_at = breaker.lifted_at;
  if (half_open_at == 0) {
    // What trips for any other reason wants somebody to look.
    if (breaker.cause != TripCause::kOverBudget || now < breaker.tripped_at + kDay)
      return BreakerState::kOpen;
    half_open_at = breaker.tripped_at + kDay;
  }
  return now < half_open_at + kDay ? BreakerState::kHalfOpen : BreakerState::kClosed;
}

}  // namespace bulkhead::policy
