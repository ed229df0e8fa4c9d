// The deployment's SSH host keys (the first one came with the deployment and has the number 0), and
// those of the HTTPS listener.
#include <fmt/format.h>

#include "vault/catalogue/events.h"

namespace bulkhead::vault::apply {

using journal::Entry;

namespace {

Status check_there(Projection& p, std::uint64_t number) {
  BH_TRY(const auto there, p.database.first(
                               "SELECT 1 FROM host_keys WHERE number = ? AND removed = 0",
                               [](sqlite::Row& row) { return row.flag(); }, number));
  return there ? Status() : misfit(fmt::format("there is no host key {}", number));
}

}  // namespace

Status deployment_created(Projection& p, const Entry& entry) {
  return p.database.run(
      "INSERT INTO host_keys(number, kind, wrapped_key, certificate, valid_after_s, "
      "valid_before_s, removed) VALUES (0, ?, ?, x'', 0, 0, 0) ON CONFLICT DO NOTHING",
      static_cast<std::int64_t>(journal::ED25519),
      view_of(entry.deployment_created().wrapped_host_key_ed25519()));
}

Status host_key_added(Projection& p, const Entry& entry) {
  const auto& event = entry.host_key_added();
  BH_CHECK(check_number(event.number(), "host key"));
  return p.database.run(
      "INSERT INTO host_keys(number, kind, wrapped_key, certificate, valid_after_s, "
      "valid_before_s, removed) VALUES (?, ?, ?, x'', 0, 0, 0)",
      event.number(), static_cast<std::int64_t>(event.kind()), view_of(event.wrapped_key()));
}

// The row stays: its number is not used again.
Status host_key_removed(Projection& p, const Entry& entry) {
  const std::uint64_t number = entry.host_key_removed().number();
  BH_CHECK(check_there(p, number));
  return p.database.run("UPDATE host_keys SET removed = 1 WHERE number = ?", number);
}

Status host_certificate_set(Projection& p, const Entry& entry) {
  const auto& event = entry.host_certificate_set();
  BH_CHECK(check_there(p, event.number()));
  return p.database.run(
      "UPDATE host_keys SET certificate = ?, valid_after_s = ?, valid_before_s = ? WHERE number = "
      "?",
      view_of(event.certificate()), event.valid_after_s(), event.valid_before_s(), event.number());
}

Status tls_key_added(Projection& p, const Entry& entry) {
  const auto& event = entry.tls_key_added();
  BH_CHECK(check_number(event.number(), "TLS key"));
  return p.database.run(
      "INSERT INTO tls_keys(number, wrapped_key, certificates, not_after_s) VALUES (?, ?, x'', 0)",
      event.number(), view_of(event.wrapped_key()));
}

Status tls_certificate_set(Projection& p, const Entry& entry) {
  const auto& event = entry.tls_certificate_set();
  BH_TRY(const auto there, p.database.first(
                               "SELECT 1 FROM tls_keys WHERE number = ?",
                               [](sqlite::Row& row) { return row.flag(); }, event.number()));
  if (!there) return misfit(fmt::format("there is no TLS key {}", event.number()));
  BH_CHECK(p.database.run("DELETE FROM tls_keys WHERE number < ?", event.number()));
  return p.database.run("UPDATE tls_keys SET certificates = ?, not_after_s = ? WHERE number = ?",
                        view_of(event.SerializeAsString()), event.not_after_s(), event.number());
}

}  // namespace bulkhead::vault::apply
