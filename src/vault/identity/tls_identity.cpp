#include "vault/identity/tls_identity.h"

#include "crypto/x509.h"
#include "proto/journal.pb.h"
#include "vault/identity/login_methods.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kKeyUse = "bulkhead tls key ecdsa-p256 v1";
constexpr std::uint32_t kSelfSignedDays = 365;
// RFC 8446 section 4.4.3.
constexpr std::size_t kSpaces = 64;
constexpr std::string_view kContext{"TLS 1.3, server CertificateVerify\0", 34};
constexpr std::size_t kSha256Bytes = 32;  // of the cipher suites' hashes (appendix B.4)
constexpr std::size_t kSha384Bytes = 48;

bool is_certificate_verify(std::string_view content) {
  if (content.size() != kSpaces + kContext.size() + kSha256Bytes &&
      content.size() != kSpaces + kContext.size() + kSha384Bytes)
    return false;
  return content.substr(0, kSpaces) == std::string(kSpaces, ' ') &&
         content.substr(kSpaces, kContext.size()) == kContext;
}

}  // namespace

crypto::SigningKey make_tls_key(const crypto::AeadKey& system_key, std::uint64_t number,
                                crypto::Random& random, journal::Entry& entry) {
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::SigningKeyKind::kEcdsaP256);
  auto* added = entry.mutable_tls_key_added();
  added->set_number(number);
  added->set_wrapped_key(to_string(
      crypto::seal_box(system_key, as_bytes(kKeyUse), key.private_bytes().view(), random)));
  added->set_public_key(to_string(crypto::subject_public_key_info(key)));
  return key;
}

void make_self_signed(const crypto::SigningKey& key, std::uint64_t number,
                      const std::vector<std::string>& names, UnixMicros now,
                      journal::Entry& entry) {
  auto* set = entry.mutable_tls_certificate_set();
  set->set_number(number);
  set->add_certificate(
      to_string(crypto::self_signed_certificate(key, names, now, kSelfSignedDays)));
  set->set_not_after_s(now / kMicrosPerSecond + std::int64_t{kSelfSignedDays} * 86'400);
}

Result<TlsIdentity> TlsIdentity::open(const crypto::AeadKey& system_key,
                                      const std::vector<TlsKeyRow>& rows) {
  TlsIdentity identity;
  for (const TlsKeyRow& row : rows) {
    BH_TRY(const crypto::SecretBytes bytes,
           crypto::open_box(system_key, as_bytes(kKeyUse), row.wrapped_key));
    BH_TRY(crypto::SigningKey key,
           crypto::SigningKey::from_private(crypto::SigningKeyKind::kEcdsaP256, bytes.view()));
    identity.keys_.push_back({row.number, std::move(key)});
    if (row.certificates.empty()) continue;
    journal::TlsCertificateSet set;
    if (!set.ParseFromArray(row.certificates.data(), static_cast<int>(row.certificates.size())))
      return fail(ErrorCode::kCorrupt, "the catalogue's certificate of the HTTPS listener");
    identity.certificates_.assign(set.certificate().begin(), set.certificate().end());
    identity.not_after_s_ = row.not_after_s;
  }
  return identity;
}

Result<Bytes> TlsIdentity::sign(std::string_view content) const {
  if (!is_certificate_verify(content))
    return fail(ErrorCode::kRefused, "what is to be signed is no server's CertificateVerify");
  BH_ASSERT(!certificates_.empty());  // the oldest key is the one that they are of
  return keys_.front().key.sign_der(crypto::HashAlgorithm::kSha256, as_bytes(content));
}

Status Vault::load_tls_identity() {
  BH_TRY(const std::vector<TlsKeyRow> rows, parts_.catalogue.tls_keys());
  BH_TRY(tls_, TlsIdentity::open(parts_.keys.system_key, rows));
  return {};
}

Outcome Vault::on_tls_greet(Session&, const channel::Request&) {
  if (tls_.certificates().empty())
    return fail(ErrorCode::kNotFound,
                "there is no certificate for HTTPS: bulkhead certificate self-signed makes one");
  Answer answer;
  auto* greeting = answer.reply.mutable_tls_greeting();
  for (const std::string& certificate : tls_.certificates())
    greeting->add_certificate(certificate);
  greeting->set_login_grace_ms(parts_.configuration.limits.login_grace_ms);
  greeting->set_idle_timeout_ms(parts_.configuration.limits.idle_timeout_ms);
  return answer;
}

// One signature: from then on the channel is in a phase that has no such message.
Outcome Vault::on_tls_sign(Session& session, const channel::Request& request) {
  if (tls_.certificates().empty()) return fail(ErrorCode::kNotFound, "there is no certificate");
  const auto signature = tls_.sign(request.tls_sign().content());
  if (!signature) {
    misbehaves(session, "tls_sign", signature.error());
    return std::nullopt;
  }
  session.phase = Phase::kExchanged;
  session.profile_used = kProfileOfTls;
  Answer answer;
  answer.reply.mutable_tls_signature()->set_signature(to_string(ByteView(*signature)));
  return answer;
}

// A password is the method of that name, a password and a code, or a code after a password that was
// not enough, are keyboard-interactive: accounts say by these names what they want.
Outcome Vault::on_log_in(Session& session, const channel::Request& request) {
  const channel::LogIn& wanted = request.log_in();
  if (session.login_failures >= parts_.configuration.limits.login_attempts)
    return fail(ErrorCode::kLimitExceeded, "too many failed attempts to log in");
  LoginSecrets secrets{
      .user_name = wanted.user_name(),
      .method = wanted.code().empty() ? kPasswordMethod : kKeyboardInteractiveMethod,
      .password = std::nullopt,
      .code = std::nullopt};
  if (!wanted.password().empty() || wanted.code().empty())
    secrets.password.emplace(as_bytes(wanted.password()));
  if (!wanted.code().empty()) secrets.code.emplace(as_bytes(wanted.code()));
  return check_secrets(session, request.id(), std::move(secrets));
}

}  // namespace bulkhead::vault
