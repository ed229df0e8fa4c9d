// Authorities of user certificates, and what of theirs was revoked. Serials are kept as eight
// bytes, big-endian: SQLite's numbers end at 2^63.
#include <fmt/format.h>

#include "vault/catalogue/events.h"

namespace bulkhead::vault::apply {

using journal::Entry;

namespace {

ByteArray<8> serial_bytes(std::uint64_t serial) {
  ByteArray<8> bytes;
  store_be(bytes.data(), serial);
  return bytes;
}

Result<bool> known_authority(Projection& p, std::uint64_t authority) {
  BH_CHECK(check_number(authority, "authority"));
  BH_TRY(const auto known, p.database.first(
                               "SELECT 1 FROM certificate_authorities WHERE id = ? AND removed = 0",
                               [](sqlite::Row& row) { return row.flag(); }, authority));
  return known.has_value();
}

}  // namespace

Status certificate_authority_added(Projection& p, const Entry& entry) {
  const auto& event = entry.certificate_authority_added();
  BH_CHECK(check_number(event.authority(), "authority"));
  if ((event.organisation() == 0) == (event.user() == 0))
    return misfit("the authority is of neither an organisation nor a user, or of both");
  if (event.organisation() != 0)
    BH_CHECK(check_organisation(p, OrganisationId{event.organisation()}));
  if (event.user() != 0) BH_CHECK(check_user_present(p, UserId{event.user()}));
  return p.database.run(
      "INSERT INTO certificate_authorities(id, organisation, user, key_box, removed) "
      "VALUES (?, ?, ?, ?, 0)",
      event.authority(), event.organisation(), event.user(), view_of(event.public_key().box()));
}

// The row stays: log-ins of the past name it.
Status certificate_authority_removed(Projection& p, const Entry& entry) {
  const std::uint64_t authority = entry.certificate_authority_removed().authority();
  BH_TRY(const bool known, known_authority(p, authority));
  if (!known) return misfit(fmt::format("there is no certificate authority {}", authority));
  return p.database.run("UPDATE certificate_authorities SET removed = 1 WHERE id = ?", authority);
}

Status certificates_revoked(Projection& p, const Entry& entry) {
  const auto& event = entry.certificates_revoked();
  if (event.key_sha256().empty()) {
    BH_TRY(const bool known, known_authority(p, event.authority()));
    if (!known)
      return misfit(fmt::format("there is no certificate authority {}", event.authority()));
  } else if (event.key_sha256().size() != sizeof(crypto::Sha256)) {
    return misfit("the revoked key has no SHA-256");
  }
  if (event.first_serial() > event.last_serial()) return misfit("the revoked serials are none");
  return p.database.run(
      "INSERT INTO revocations(authority, first_serial, last_serial, key_id_hash, key_id_box, "
      "key_sha256) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      event.authority(), serial_bytes(event.first_serial()), serial_bytes(event.last_serial()),
      view_of(event.key_id().hash()), view_of(event.key_id().box()), view_of(event.key_sha256()));
}

}  // namespace bulkhead::vault::apply
