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

// Lifting what is not contained changes nothing.
Status lifted(Projection& p, const Entry& entry) {
  const auto& event = entry.lifted();
  BH_TRY(const Subject subject, subject_of(p, event));
  return p.database.run("DELETE FROM containment WHERE scope = ? AND subject = ? AND listener = ?",
                        static_cast<std::int64_t>(event.scope()), subject.id, subject.listener);
}

}  // namespace bulkhead::vault::apply
