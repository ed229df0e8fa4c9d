// Method "publickey" with a user certificate (OpenSSH's PROTOCOL.certkeys). The edge took it apart;
// here it is put together again, and what the authority signed is verified over those bytes: a
// field that the edge made up makes other bytes.
#include <algorithm>

#include "base/address_list.h"
#include "crypto/digest.h"
#include "proto/journal.pb.h"
#include "sshwire/certificates.h"
#include "sshwire/keys.h"
#include "sshwire/names.h"
#include "sshwire/writer.h"
#include "vault/identity/login_methods.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

// The only command that there is here.
constexpr std::string_view kOnlyCommand = "internal-sftp";

std::vector<sshwire::CertificateOption> options_of(
    const google::protobuf::RepeatedPtrField<channel::SshCertificateOption>& options) {
  std::vector<sshwire::CertificateOption> all;
  for (const channel::SshCertificateOption& option : options)
    all.push_back({option.name(), to_bytes(as_bytes(option.data()))});
  return all;
}

sshwire::Certificate certificate_of(std::string_view type, const channel::SshCertificate& parts) {
  return {.type = std::string(type),
          .nonce = to_bytes(as_bytes(parts.nonce())),
          .key_fields = to_bytes(as_bytes(parts.key_fields())),
          .serial = parts.serial(),
          .kind = parts.kind(),
          .key_id = parts.key_id(),
          .principals = {parts.principal().begin(), parts.principal().end()},
          .valid_after_s = parts.valid_after_s(),
          .valid_before_s = parts.valid_before_s(),
          .critical_options = options_of(parts.critical_option()),
          .extensions = options_of(parts.extension()),
          .reserved = to_bytes(as_bytes(parts.reserved())),
          .authority_key = to_bytes(as_bytes(parts.authority_key())),
          .signature = to_bytes(as_bytes(parts.signature()))};
}

// Not with SHA-1, whatever users may sign with.
bool signed_by_authority(const sshwire::Certificate& certificate) {
  const auto key = sshwire::parse_public_key(certificate.authority_key);
  const auto* algorithm =
      sshwire::find_signature(sshwire::signature_algorithm(certificate.signature));
  return key && algorithm != nullptr && algorithm->hash != crypto::HashAlgorithm::kSha1 &&
         sshwire::verify_signature(algorithm->name, *key,
                                   sshwire::certificate_signed_part(certificate),
                                   certificate.signature);
}

// The data of an option that has a value is one string (PROTOCOL.certkeys, "Critical options").
bool is_value(ByteView data, std::string_view value) {
  return equal(sshwire::Writer().string(value).view(), data);
}

// One row an option: what is wrong with it, or nothing. Options that are not here refuse.
struct OptionRow {
  std::string_view name;
  std::string_view (*judge)(ByteView data, std::string_view peer_address, OfferedKey& key);
};

std::string_view judge_source_address(ByteView data, std::string_view peer_address, OfferedKey&) {
  const std::string_view list = as_text(data).substr(std::min<std::size_t>(4, data.size()));
  if (!is_value(data, list)) return "the certificate's source-address is malformed";
  const auto inside = address_in_list(peer_address, list);
  if (!inside) return "the certificate's source-address is malformed";
  return *inside ? "" : "the certificate is not for the address that it was used from";
}

std::string_view judge_force_command(ByteView data, std::string_view, OfferedKey&) {
  return is_value(data, kOnlyCommand) ? ""
                                      : "the certificate forces a command, and there is no shell";
}

// Other kinds of keys cannot say who used them.
std::string_view judge_verify_required(ByteView data, std::string_view, OfferedKey& key) {
  if (!data.empty()) return "the certificate's verify-required is malformed";
  key.verify_required = true;
  const auto public_key = sshwire::parse_public_key(key.key_blob);
  return public_key && std::holds_alternative<sshwire::SecurityKey>(*public_key)
             ? ""
             : "the certificate requires verification, which only security keys do";
}

constexpr OptionRow kOptions[] = {
    {sshwire::kSourceAddressOption, judge_source_address},
    {sshwire::kForceCommandOption, judge_force_command},
    {sshwire::kVerifyRequiredOption, judge_verify_required},
};

std::string_view judge_options(const sshwire::Certificate& certificate,
                               std::string_view peer_address, OfferedKey& key) {
  for (const sshwire::CertificateOption& option : certificate.critical_options) {
    const auto* const row = std::ranges::find_if(
        kOptions, [&](const OptionRow& each) { return each.name == option.name; });
    if (row == std::end(kOptions)) return "the certificate has a critical option that is not known";
    const std::string_view wrong = row->judge(option.data, peer_address, key);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

Result<Answer> Vault::authenticate_certificate(Session& session,
                                               const channel::SshAuthenticate& wanted) {
  const sshwire::CertificateName* name = sshwire::find_certificate(wanted.public_key().algorithm());
  if (name == nullptr) return fail(ErrorCode::kUnsupported, "no certificate has that algorithm");
  const sshwire::Certificate certificate =
      certificate_of(name->type, wanted.public_key().certificate());
  std::string_view reason;
  std::optional<UserRow> user = user_who_may_log_in(session, wanted.user_name(), &reason);
  OfferedKey key{.blob = sshwire::certificate_blob(certificate),
                 .key_blob = sshwire::certified_key(certificate),
                 .signature_algorithm = name->signature_algorithm,
                 .verify_required = user && user->verify_required,
                 .certificate = std::nullopt};
  if (user) {
    BH_TRY(reason, judge_certificate(session, *user, wanted.user_name(), certificate, key));
  }
  return sign_in_with(session, std::move(user), wanted, key, reason);
}

// What is wrong with it; empty: nothing.
Result<std::string_view> Vault::judge_certificate(const Session& session, const UserRow& user,
                                                  std::string_view user_name,
                                                  const sshwire::Certificate& certificate,
                                                  OfferedKey& key) {
  BH_TRY(const std::uint64_t authority, authority_of(user, certificate.authority_key));
  if (authority == 0) return "nobody trusts the certificate's authority about this account";
  // Before any field is believed: only if the key is exactly one of its type, the bytes have one
  // way to be taken apart.
  if (!sshwire::parse_public_key(key.key_blob)) return "the certificate's key is malformed";
  if (!signed_by_authority(certificate)) return "the authority's signature is not valid";
  if (certificate.kind != sshwire::kUserCertificate) return "it is not a user's certificate";
  const auto now_s = static_cast<std::uint64_t>(parts_.clock.now() / kMicrosPerSecond);
  if (now_s < certificate.valid_after_s) return "the certificate is not valid yet";
  if (now_s >= certificate.valid_before_s) return "the certificate has expired";
  if (std::ranges::find(certificate.principals, user_name) == certificate.principals.end())
    return "the certificate does not name this user";
  const std::string_view wrong = judge_options(certificate, session.peer_address, key);
  if (!wrong.empty()) return wrong;
  BH_TRY(const bool revoked,
         parts_.catalogue.certificate_revoked(
             authority, certificate.serial,
             parts_.names.certificate_key_id_hash(authority, certificate.key_id),
             crypto::sha256(key.key_blob)));
  if (revoked) return "the certificate was revoked";
  key.certificate = {authority, certificate.serial, certificate.key_id};
  return std::string_view();
}

// 0: nobody trusts that key about this user. The user's own authorities come before the
// organisation's.
Result<std::uint64_t> Vault::authority_of(const UserRow& user, ByteView key_blob) {
  BH_TRY(const auto authorities, parts_.catalogue.certificate_authorities());
  std::uint64_t found = 0;
  for (const CertificateAuthorityRow& row : authorities) {
    if (row.user != user.id && row.organisation != user.organisation) continue;
    BH_TRY(const std::string blob, parts_.names.open_box(Field::kPublicKey, row.key_box));
    if (!equal(as_bytes(blob), key_blob)) continue;
    if (row.user == user.id) return row.id;
    found = row.id;
  }
  return found;
}

Status Vault::end_revoked() {
  BH_TRY(const auto authorities, parts_.catalogue.certificate_authorities());
  std::vector<ChannelId> channels;
  for (const auto& [id, session] : sessions_) {
    if (session.phase == Phase::kEnded || session.login.key_sha256.empty()) continue;
    BH_TRY(bool revoked, parts_.catalogue.key_revoked(session.login.key_sha256));
    if (const auto& used = session.login.certificate) {
      BH_TRY(const bool certificate_revoked,
             parts_.catalogue.certificate_revoked(
                 used->authority, used->serial,
                 parts_.names.certificate_key_id_hash(used->authority, used->key_id),
                 session.login.key_sha256));
      const bool gone = std::ranges::none_of(authorities, [&](const CertificateAuthorityRow& row) {
        return row.id == used->authority;
      });
      revoked = revoked || certificate_revoked || gone;
    }
    if (revoked) channels.push_back(id);
  }
  if (!channels.empty()) parts_.processes.kill(std::move(channels), [](std::uint32_t) {});
  return {};
}

}  // namespace bulkhead::vault
