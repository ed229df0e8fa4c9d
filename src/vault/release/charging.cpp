// Budgets, tripwires and breakers, applied: what the guard says is journalled and done.
//
// They hold across restarts because they are counted from the journal; and as each entry is applied
// before the next request is looked at, concurrency does not outrun them.
#include "base/log.h"
#include "vault/catalogue/traffic.h"
#include "vault/vault.h"

namespace bulkhead::vault {

Status Vault::charge(Session& session, const ReleaseGuard::Wanted& wanted) {
  BH_TRY(auto refusal, guard_.judge({.channel = session.id,
                                     .user = session.user->id,
                                     .organisation = session.user->organisation,
                                     .user_name = session.user_name,
                                     .organisation_name = session.organisation_name,
                                     .listener = session.listener},
                                    wanted));
  if (!refusal) return {};
  for (journal::Entry& entry : refusal->entries) {
    const std::uint64_t entries = record(session.id, entry);
    if (entry.has_breaker_tripped()) breaker_tripped(entry, entries);
  }
  return fail(std::move(refusal->error));
}

void Vault::breaker_tripped(const journal::Entry& entry, std::uint64_t entries) {
  const auto& event = entry.breaker_tripped();
  guard_.breakers_changed();
  log_warning("a breaker tripped: bulkhead incident status",
              {{"scope", journal::Scope_Name(event.scope())},
               {"cause", journal::TripCause_Name(event.cause())},
               {"user", event.user()}});
  // Who only asks for too much is refused. Who does what only thieves do is cut off: what was
  // granted already shall not be used up.
  if (event.scope() != journal::ONE_USER || event.cause() == journal::OVER_BUDGET) return;
  when_durable(entries, [this, user = UserId{event.user()}] { end_user(user); });
}

}  // namespace bulkhead::vault
