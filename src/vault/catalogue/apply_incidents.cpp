// What is shut off, and what was opened again.
#include "vault/catalogue/events.h"

namespace bulkhead::vault::apply {

using journal::Entry;

namespace {

// What of the deployment is meant; only the field that the scope uses counts.
struct Subject {
  std::uint64_t id = 0;
  std::string_view listener;
};

template <typename Event>
Result<Subject> subject_of(Projection& p, const Event& event) {
  switch (event.scope()) {
    case journal::DEPLOYMENT:
      return Subject{};
    case journal::ONE_USER:
      BH_CHECK(check_user_known(p, UserId{event.user()}));
      return Subject{.id = event.user()};
    case journal::ONE_ORGANISATION:
      BH_CHECK(check_organisation(p, OrganisationId{event.organisation()}));
      return Subject{.id = event.organisation()};
    case journal::ONE_LISTENER:
      return Subject{.listener = event.listener()};
    default:
      return from_newer_release("the scope");
  }
}

}  // namespace

Status contained(Projection& p, const Entry& entry) {
  const auto& event = entry.contained();
  BH_TRY(const Subject subject, subject_of(p, event));
  return p.database.run(
      "INSERT OR REPLACE INTO containment(scope, subject, listener, keep_receiving) VALUES (?, ?, "
      "?, ?)",
      static_cast<std::int64_t>(event.scope()), subject.id, subject.listener,
      event.keep_receiving());
}

// A session's breaker ends with the session: nothing to look up later.
Status breaker_tripped(Projection& p, const Entry& entry) {
  const auto& event = entry.breaker_tripped();
  if (!journal::TripCause_IsValid(event.cause())) return from_newer_release("the cause");
  if (event.scope() == journal::ONE_SESSION) return {};
  BH_TRY(const Subject subject, subject_of(p, event));
  return p.database.run(
      "INSERT OR REPLACE INTO breakers(scope, subject, listener, tripped_at, cause, lifted_at, "
      "organisation, through) VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
      static_cast<std::int64_t>(event.scope()), subject.id, subject.listener, p.at,
      static_cast<std::int64_t>(event.cause()), event.organisation(),
      std::string_view(event.listener()));
}

Status canary_set(Projection& p, const Entry& entry) {
  const auto& event = entry.canary_set();
  BH_CHECK(find_node(p, NodeId{event.node()}));
  if (!event.set()) return p.database.run("DELETE FROM canaries WHERE node = ?", event.node());
  return p.database.run("INSERT OR IGNORE INTO canaries(node) VALUES (?)", event.node());
}

namespace {

// Lifting a breaker: what was counted so far is history, no longer counted against the principal.
Status lift_breaker(Projection& p, const journal::Lifted& event, const Subject& subject) {
  BH_TRY(const bool was_open,
         p.database.changed_one("UPDATE breakers SET lifted_at = ? WHERE scope = ? AND subject = ? "
                                "AND listener = ? AND lifted_at = 0",
                                p.at, static_cast<std::int64_t>(event.scope()), subject.id,
                                subject.listener));
  if (!was_open) return {};
  return p.database.run(
      "UPDATE spent SET forgiven = ? WHERE scope = ? AND subject = ? AND listener = ? AND "
      "forgiven = 0",
      p.index + 1, static_cast<std::int64_t>(event.scope()), subject.id, subject.listener);
}

}  // namespace

// Lifting what is not contained changes nothing.
Status lifted(Projection& p, const Entry& entry) {
  const auto& event = entry.lifted();
  BH_TRY(const Subject subject, subject_of(p, event));
  BH_CHECK(lift_breaker(p, event, subject));
  return p.database.run("DELETE FROM containment WHERE scope = ? AND subject = ? AND listener = ?",
                        static_cast<std::int64_t>(event.scope()), subject.id, subject.listener);
}

Status backup_made(Projection& p, const Entry&) {
  p.counters.backed_up_us = static_cast<std::uint64_t>(p.at);
  return {};
}

}  // namespace bulkhead::vault::apply
