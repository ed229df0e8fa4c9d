// The deployment's SSH host keys, and their certificates.
#include <algorithm>
#include <limits>
#include <optional>

#include "proto/journal.pb.h"
#include "sshwire/certificates.h"
#include "sshwire/keys.h"
#include "sshwire/names.h"
#include "vault/administration/administration.h"
#include "vault/identity/host_keys.h"
#include "vault/limits.h"

namespace bulkhead::vault {
namespace {

std::int64_t bounded(std::uint64_t seconds) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(seconds, kMost));
}

admin::HostKey shown_host_key(const HostKeys::Key& key) {
  admin::HostKey shown;
  if (const auto type = sshwire::public_key_type(key.blob)) shown.set_type(std::string(*type));
  shown.set_key_fingerprint(sshwire::key_fingerprint(key.blob));
  shown.set_public_key(to_string(ByteView(key.blob)));
  shown.set_signs(key.signs);
  if (key.certificate.blob.empty()) return shown;
  if (const auto certificate = sshwire::parse_certificate(key.certificate.blob))
    shown.set_certificate_key_id(certificate->key_id);
  shown.set_certificate_valid_before_s(static_cast<std::uint64_t>(key.certificate.valid_before_s));
  return shown;
}

// It comes from an administrator, who could do worse; what clients would not take is refused all
// the same.
Status check_host_certificate(const sshwire::Certificate& certificate, std::int64_t now_s) {
  const auto refused = [](const char* why) { return fail(ErrorCode::kInvalidArgument, why); };
  if (certificate.kind != sshwire::kHostCertificate)
    return refused("it is a user's certificate: ssh-keygen -h makes hosts' certificates");
  if (!certificate.critical_options.empty())
    return refused("the certificate has critical options, which hosts' certificates have not");
  if (now_s >= bounded(certificate.valid_before_s)) return refused("the certificate has expired");
  const auto key = sshwire::parse_public_key(certificate.authority_key);
  const bool signed_by_authority =
      key && sshwire::verify_signature(sshwire::signature_algorithm(certificate.signature), *key,
                                       sshwire::certificate_signed_part(certificate),
                                       certificate.signature);
  return signed_by_authority ? Status() : refused("the authority's signature is not valid");
}

}  // namespace

// On a worker: RSA takes its time, and clients should not wait for it.
Status Administration::add_host_key(const admin::Request& request, const Send& send) {
  BH_TRY(const crypto::SigningKeyKind kind, host_key_kind_named(request.add_host_key().kind()));
  if (vault_.host_keys().all().size() >= kMaxHostKeys)
    return fail(ErrorCode::kLimitExceeded, "there are too many host keys: remove old ones");
  const auto made = std::make_shared<std::optional<crypto::SigningKey>>();
  return vault_.parts().workers.submit(
      [made, kind] { made->emplace(crypto::SigningKey::generate(kind)); },
      [this, made, send] { host_key_made(std::move(**made), send); });
}

void Administration::host_key_made(crypto::SigningKey key, const Send& send) {
  auto& parts = vault_.parts();
  const Bytes blob = host_key_blob(key);
  const auto record = [&]() -> Status {
    BH_TRY(const std::uint64_t number, parts.catalogue.next_host_key());
    journal::Entry entry;
    make_host_key(parts.keys.system_key, key, number, parts.random,
                  *entry.mutable_host_key_added());
    vault_.record({}, std::move(entry));
    return answer_with(blob, send);
  };
  const Status done = record();
  if (done) return;
  admin::Reply reply;
  reply.set_code(1 + static_cast<std::uint32_t>(done.error().code));
  reply.set_message(done.error().message);
  send(std::move(reply), {});
}

Status Administration::answer_with(ByteView blob, const Send& send) {
  BH_CHECK(vault_.load_host_keys());
  admin::Reply reply;
  for (const HostKeys::Key& key : vault_.host_keys().all()) {
    if (equal(key.blob, blob)) *reply.mutable_host_key() = shown_host_key(key);
  }
  send_when_durable(std::move(reply), send);
  return {};
}

Status Administration::list_host_keys(const admin::Request&, const Send& send) {
  for (const HostKeys::Key& key : vault_.host_keys().all()) {
    admin::Reply reply;
    reply.set_more(true);
    *reply.mutable_host_key() = shown_host_key(key);
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

Result<const HostKeys::Key*> Administration::host_key_with(std::string_view fingerprint) {
  for (const HostKeys::Key& key : vault_.host_keys().all()) {
    if (sshwire::key_fingerprint(key.blob) == fingerprint) return &key;
  }
  return fail(ErrorCode::kNotFound,
              "no host key has that fingerprint: bulkhead host-key list shows those there are");
}

Status Administration::remove_host_key(const admin::Request& request, const Send& send) {
  BH_TRY(const HostKeys::Key* key, host_key_with(request.remove_host_key().key_fingerprint()));
  if (vault_.host_keys().all().size() == 1)
    return fail(ErrorCode::kRefused, "it is the only host key: add another one first");
  journal::Entry entry;
  entry.mutable_host_key_removed()->set_number(key->number);
  vault_.record({}, std::move(entry));
  return answer_with({}, send);
}

Status Administration::set_host_certificate(const admin::Request& request, const Send& send) {
  const auto& wanted = request.set_host_certificate();
  journal::Entry entry;
  auto* set = entry.mutable_host_certificate_set();
  Bytes blob;
  if (wanted.certificate().empty()) {
    BH_TRY(const HostKeys::Key* key, host_key_with(wanted.key_fingerprint()));
    set->set_number(key->number);
    blob = key->blob;
  } else {
    BH_TRY(const sshwire::Certificate certificate,
           sshwire::parse_certificate(as_bytes(wanted.certificate())));
    BH_CHECK(check_host_certificate(certificate, vault_.parts().clock.now() / kMicrosPerSecond));
    blob = sshwire::certified_key(certificate);
    const auto key = host_key_with(sshwire::key_fingerprint(blob));
    if (!key)
      return fail(ErrorCode::kInvalidArgument, "the certificate is not one of a host key of ours");
    set->set_number((*key)->number);
    set->set_certificate(wanted.certificate());
    set->set_valid_after_s(bounded(certificate.valid_after_s));
    set->set_valid_before_s(bounded(certificate.valid_before_s));
  }
  vault_.record({}, std::move(entry));
  return answer_with(blob, send);
}

}  // namespace bulkhead::vault
