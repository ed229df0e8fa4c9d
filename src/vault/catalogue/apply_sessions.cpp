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

// A code is accepted once, and none that came before it.
Status use_totp_step(Projection& p, std::uint64_t user, std::uint64_t step) {
  if (step == 0) return {};
  BH_CHECK(check_number(step, "time step"));
  return p.database.run("UPDATE users SET totp_step = max(totp_step, ?) WHERE id = ?", step, user);
}

}  // namespace

Status login_step_passed(Projection& p, const Entry& entry) {
  const auto& event = entry.login_step_passed();
  BH_CHECK(check_user_present(p, UserId{event.user()}));
  return use_totp_step(p, event.user(), event.totp_step());
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
  BH_CHECK(use_totp_step(p, event.user(), event.totp_step()));
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
