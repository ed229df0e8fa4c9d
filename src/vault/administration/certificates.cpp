// Authorities of user certificates, and revocation.
#include "crypto/digest.h"
#include "proto/journal.pb.h"
#include "sshwire/keys.h"
#include "vault/administration/administration.h"

namespace bulkhead::vault {
namespace {

constexpr std::size_t kMaxAuthorities = 1000;
constexpr std::size_t kMaxKeyIdBytes = 1024;

}  // namespace

Result<CertificateAuthorityRow> Administration::authority_numbered(std::uint64_t id) {
  BH_TRY(const auto all, vault_.parts().catalogue.certificate_authorities());
  for (const CertificateAuthorityRow& row : all) {
    if (row.id == id) return row;
  }
  return fail(ErrorCode::kNotFound,
              "no certificate authority of that number: bulkhead ca list shows those there are");
}

Status Administration::add_certificate_authority(const admin::Request& request, const Send& send) {
  const auto& wanted = request.add_certificate_authority();
  auto& parts = vault_.parts();
  if (wanted.organisation().empty() == wanted.user().empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "an authority is trusted about an organisation's users or about one user: --org or "
                "--user");
  }
  BH_CHECK(sshwire::parse_public_key(as_bytes(wanted.public_key())));
  BH_TRY(const auto all, parts.catalogue.certificate_authorities());
  if (all.size() >= kMaxAuthorities)
    return fail(ErrorCode::kLimitExceeded, "there are too many certificate authorities");
  CertificateAuthorityRow row;
  BH_TRY(row.id, parts.catalogue.next_certificate_authority());
  if (!wanted.organisation().empty()) {
    BH_TRY(const OrganisationRow organisation, organisation_named(wanted.organisation()));
    row.organisation = organisation.id;
  } else {
    BH_TRY(const UserRow user, user_named(wanted.user()));
    row.user = user.id;
  }
  for (const CertificateAuthorityRow& other : all) {
    BH_TRY(const std::string blob, parts.names.open_box(Field::kPublicKey, other.key_box));
    if (blob == wanted.public_key() && other.organisation == row.organisation &&
        other.user == row.user) {
      return fail(ErrorCode::kAlreadyExists, "that key is an authority there already");
    }
  }
  journal::Entry entry;
  auto* added = entry.mutable_certificate_authority_added();
  added->set_authority(row.id);
  added->set_organisation(row.organisation.value);
  added->set_user(row.user.value);
  parts.names.seal(Field::kPublicKey, wanted.public_key(), added->mutable_public_key());
  vault_.record({}, std::move(entry));
  BH_TRY(row, authority_numbered(row.id));
  admin::Reply reply;
  BH_TRY(*reply.mutable_certificate_authority(), shown(row));
  send_when_durable(std::move(reply), send);
  return {};
}

Result<admin::CertificateAuthority> Administration::shown(const CertificateAuthorityRow& row) {
  admin::CertificateAuthority shown;
  shown.set_id(row.id);
  if (row.organisation) {
    BH_TRY(*shown.mutable_organisation(), name_of(row.organisation));
  }
  BH_TRY(*shown.mutable_user(), name_of(row.user));
  BH_TRY(const std::string blob, vault_.parts().names.open_box(Field::kPublicKey, row.key_box));
  shown.set_key_fingerprint(sshwire::key_fingerprint(as_bytes(blob)));
  return shown;
}

Status Administration::list_certificate_authorities(const admin::Request&, const Send& send) {
  auto& parts = vault_.parts();
  BH_TRY(const auto authorities, parts.catalogue.certificate_authorities());
  for (const CertificateAuthorityRow& row : authorities) {
    admin::Reply reply;
    reply.set_more(true);
    BH_TRY(*reply.mutable_certificate_authority(), shown(row));
    send(std::move(reply), {});
  }
  BH_TRY(const auto revocations, parts.catalogue.revocations());
  for (const RevocationRow& row : revocations) {
    admin::Reply reply;
    reply.set_more(true);
    auto* revocation = reply.mutable_revocation();
    revocation->set_authority(row.authority);
    revocation->set_first_serial(row.first_serial);
    revocation->set_last_serial(row.last_serial);
    if (!row.key_id_box.empty()) {
      BH_TRY(*revocation->mutable_key_id(),
             parts.names.open_box(Field::kCertificateKeyId, row.key_id_box));
    }
    if (!row.key_sha256.empty())
      revocation->set_key_fingerprint("SHA256:" + to_base64(row.key_sha256, false));
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

Status Administration::remove_certificate_authority(const admin::Request& request,
                                                    const Send& send) {
  BH_TRY(const CertificateAuthorityRow row,
         authority_numbered(request.remove_certificate_authority().authority()));
  journal::Entry entry;
  entry.mutable_certificate_authority_removed()->set_authority(row.id);
  vault_.record({}, std::move(entry));
  BH_CHECK(vault_.end_revoked());
  send_when_durable({}, send);
  return {};
}

Status Administration::revoke_certificates(const admin::Request& request, const Send& send) {
  const auto& wanted = request.revoke_certificates();
  const bool by_serial = wanted.last_serial() != 0;
  const bool by_key = !wanted.public_key().empty();
  if (int{by_serial} + int{by_key} + int{!wanted.key_id().empty()} != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "what is revoked is serials (from 1), a key id, or a key: one of them");
  }
  if (by_serial && (wanted.first_serial() == 0 || wanted.first_serial() > wanted.last_serial())) {
    return fail(ErrorCode::kInvalidArgument,
                "serials are revoked from a number above 0 to one that is not below it");
  }
  if (wanted.key_id().size() > kMaxKeyIdBytes)
    return fail(ErrorCode::kInvalidArgument, "the key id is too long");
  journal::Entry entry;
  auto* revoked = entry.mutable_certificates_revoked();
  if (by_key) {
    BH_CHECK(sshwire::parse_public_key(as_bytes(wanted.public_key())));
    revoked->set_key_sha256(to_string(ByteView(crypto::sha256(as_bytes(wanted.public_key())))));
  } else {
    BH_TRY(const CertificateAuthorityRow row, authority_numbered(wanted.authority()));
    revoked->set_authority(row.id);
    revoked->set_first_serial(wanted.first_serial());
    revoked->set_last_serial(wanted.last_serial());
  }
  if (!wanted.key_id().empty()) {
    const Names& names = vault_.parts().names;
    names.seal(Field::kCertificateKeyId, wanted.key_id(), revoked->mutable_key_id());
    revoked->mutable_key_id()->set_hash(
        to_string(ByteView(names.certificate_key_id_hash(wanted.authority(), wanted.key_id()))));
  }
  vault_.record({}, std::move(entry));
  BH_CHECK(vault_.end_revoked());
  send_when_durable({}, send);
  return {};
}

}  // namespace bulkhead::vault
