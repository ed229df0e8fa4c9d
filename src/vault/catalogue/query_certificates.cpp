// Host keys, TLS keys; authorities of user certificates, and what of theirs was revoked.
#include "vault/catalogue/projection.h"
#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {
namespace {

using sqlite::Row;

std::uint64_t read_serial(Row& row) {
  const auto bytes = row.array<8>();
  return load_be<std::uint64_t>(bytes.data());
}

}  // namespace

Result<std::vector<HostKeyRow>> SqliteCatalogue::host_keys() {
  return database_.all(
      "SELECT number, kind, wrapped_key, certificate, valid_after_s, valid_before_s FROM host_keys "
      "WHERE removed = 0 ORDER BY number",
      [](Row& row) {
        HostKeyRow key{.number = row.u64(),
                       .kind = static_cast<std::uint32_t>(row.u64()),
                       .wrapped_key = row.bytes(),
                       .certificate = {}};
        key.certificate = {row.bytes(), row.i64(), row.i64()};
        return key;
      });
}

Result<std::uint64_t> SqliteCatalogue::next_host_key() {
  return database_.number("SELECT coalesce(max(number), 0) + 1 FROM host_keys");
}

Result<std::vector<TlsKeyRow>> SqliteCatalogue::tls_keys() {
  return database_.all(
      "SELECT number, wrapped_key, certificates, not_after_s FROM tls_keys ORDER BY number",
      [](Row& row) {
        return TlsKeyRow{.number = row.u64(),
                         .wrapped_key = row.bytes(),
                         .certificates = row.bytes(),
                         .not_after_s = row.i64()};
      });
}

Result<std::vector<CertificateAuthorityRow>> SqliteCatalogue::certificate_authorities() {
  return database_.all(
      "SELECT id, organisation, user, key_box FROM certificate_authorities WHERE removed = 0 "
      "ORDER BY id",
      [](Row& row) {
        return CertificateAuthorityRow{.id = row.u64(),
                                       .organisation = row.id<OrganisationId>(),
                                       .user = row.id<UserId>(),
                                       .key_box = row.bytes()};
      });
}

Result<std::uint64_t> SqliteCatalogue::next_certificate_authority() {
  return database_.number("SELECT coalesce(max(id), 0) + 1 FROM certificate_authorities");
}

Result<std::vector<RevocationRow>> SqliteCatalogue::revocations() {
  return database_.all(
      "SELECT authority, first_serial, last_serial, key_id_box, key_sha256 FROM revocations "
      "ORDER BY authority, first_serial, key_id_hash, key_sha256",
      [](Row& row) {
        return RevocationRow{.authority = row.u64(),
                             .first_serial = read_serial(row),
                             .last_serial = read_serial(row),
                             .key_id_box = row.bytes(),
                             .key_sha256 = row.bytes()};
      });
}

Result<bool> SqliteCatalogue::certificate_revoked(std::uint64_t authority, std::uint64_t serial,
                                                  const NameHash& key_id, ByteView key_sha256) {
  ByteArray<8> bytes;
  store_be(bytes.data(), serial);
  BH_TRY(const auto found,
         database_.first(
             "SELECT 1 FROM revocations WHERE authority = ?1 AND key_sha256 = x'' AND "
             "(key_id_hash = ?3 OR (key_id_hash = x'' AND first_serial <= ?2 AND last_serial >= "
             "?2)) LIMIT 1",
             [](Row& row) { return row.flag(); }, authority, bytes, key_id));
  if (found.has_value()) return true;
  return key_revoked(key_sha256);
}

Result<bool> SqliteCatalogue::key_revoked(ByteView key_sha256) {
  BH_TRY(const auto found,
         database_.first(
             "SELECT 1 FROM revocations WHERE authority = 0 AND key_sha256 = ? LIMIT 1",
             [](Row& row) { return row.flag(); }, key_sha256));
  return found.has_value();
}

}  // namespace bulkhead::vault
