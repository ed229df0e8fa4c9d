// Budgets are counted in whole hours.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "vault/catalogue/catalogue.h"

namespace bulkhead::vault {

// Rounded down, before 1970 too.
constexpr std::int64_t hour_of(UnixMicros time) {
  constexpr std::int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
  const std::int64_t hour = time / kMicrosPerHour;
  return time % kMicrosPerHour < 0 ? hour - 1 : hour;
}

}  // namespace bulkhead::vault
