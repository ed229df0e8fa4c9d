// Counting what leaves, for each principal and clock hour.
#pragma once

#include "policy/traffic.h"
#include "vault/catalogue/projection.h"

namespace bulkhead::vault {

Status count_traffic(Projection& p, const Principal& who, const policy::HourOfTraffic& more);

// How unusual it is that the user reads the version then. Version 0, an upload that goes on, is
// fresh.
Result<policy::FileAge> release_age(sqlite::Database& database, UserId user, VersionId version,
                                    UnixMicros at);

// Of an entry about a breaker or a budget: the field that its scope uses.
template <typename Event>
Result<Principal> principal_of(const Event& event) {
  switch (event.scope()) {
    case journal::DEPLOYMENT:
      return Principal{};
    case journal::ONE_USER:
      return Principal{journal::ONE_USER, event.user(), ""};
    case journal::ONE_ORGANISATION:
      return Principal{journal::ONE_ORGANISATION, event.organisation(), ""};
    case journal::ONE_LISTENER:
      return Principal{journal::ONE_LISTENER, 0, event.listener()};
    default:
      return from_newer_release("the scope");
  }
}

}  // namespace bulkhead::vault
