// Who was connected, when, and who they proved to be.
#include <fmt/format.h>

#include "vault/catalogue/events.h"

namespace bulkhead::vault::apply {

using journal::Entry;

// Sessions do not outlive the vault that served them: after a crash nobody else writes down their
// end.
Status vault_started_or_stopped(Projection& p, const Entry&) {
  return p.database.run("UPDATE sessions SET ended_at = ? WHERE ended_at = 0", p.at);
}

Status session_opened(Projection& p, const Entry& entry) {
  const auto& event = entry.session_opened();
  BH_CHECK(check_number(p.channel.value, "channel"));
  return p.database.run(
      "INSERT INTO sessions(channel, user, peer_box, listener, kind, method, opened_at, ended_at, "
      "network) VALUES (?, 0, ?, ?, ?, '', ?, 0, ?)",
      p.channel, view_of(event.peer_address().box()), std::string_view(event.listener()),
      std::string_view(event.kind()), p.at, view_of(event.peer_address().hash()));
}

namespace {

// A code is accepted once, and none that came before it; a security key's counter only grows.
template <typename Event>
Status remember_proof(Projection& p, const Event& event) {
  if (event.totp_step() != 0) {
    BH_CHECK(check_number(event.totp_step(), "time step"));
    BH_CHECK(p.database.run("UPDATE users SET totp_step = max(totp_step, ?) WHERE id = ?",
                            event.totp_step(), event.user()));
  }
  if (event.security_key_counter() == 0) return {};
  if (event.key_sha256().size() != sizeof(crypto::Sha256))
    return misfit("a security key's counter has no key");
  return p.database.run(
      "INSERT INTO security_key_counters(user, key_sha256, counter) VALUES (?, ?, ?) "
      "ON CONFLICT DO UPDATE SET counter = max(counter, excluded.counter)",
      event.user(), view_of(event.key_sha256()), event.security_key_counter());
}

}  // namespace

Status login_step_passed(Projection& p, const Entry& entry) {
  const auto& event = entry.login_step_passed();
  BH_CHECK(check_user_present(p, UserId{event.user()}));
  return remember_proof(p, event);
}

Status login_succeeded(Projection& p, const Entry& entry) {
  const auto& event = entry.login_succeeded();
  BH_CHECK(check_user_present(p, UserId{event.user()}));
  BH_TRY(const bool known,
         p.database.changed_one("UPDATE sessions SET user = ?1, method = ?2 "
                                "WHERE channel = ?3 AND user IN (0, ?1)",
                                event.user(), std::string_view(event.method()), p.channel));
  if (!known)
    return misfit(
        fmt::format("no session without another user is open on channel {}", p.channel.value));
  BH_CHECK(remember_proof(p, event));
  return p.database.run(
      "INSERT OR IGNORE INTO known_networks(user, network, first_at) "
      "SELECT ?, network, ? FROM sessions WHERE channel = ? AND length(network) > 0",
      event.user(), p.at, p.channel);
}

Status session_ended(Projection& p, const Entry&) {
  BH_TRY(const bool known,
         p.database.changed_one("UPDATE sessions SET ended_at = ? WHERE channel = ?", p.at,
                                p.channel));
  if (!known) return misfit(fmt::format("no session was opened on channel {}", p.channel.value));
  return {};
}

}  // namespace bulkhead::vault::apply
