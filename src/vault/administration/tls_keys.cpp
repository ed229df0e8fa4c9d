// The HTTPS listener's key and certificate. Certificates are opaque here: they come from an
// administrator, and are looked at by sessions and clients only.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/x509.h"
#include "proto/journal.pb.h"
#include "vault/administration/administration.h"
#include "vault/limits.h"

namespace bulkhead::vault {
namespace {

admin::Reply shown_tls_key(const TlsIdentity& tls) {
  admin::Reply reply;
  reply.mutable_tls_key();
  for (const std::string& certificate : tls.certificates())
    reply.mutable_tls_key()->add_certificate(certificate);
  return reply;
}

constexpr std::int64_t kRemindDays = 21;

}  // namespace

void Administration::warn_of_certificate(admin::DeploymentStatus& status) {
  auto& parts = vault_.parts();
  if (parts.configuration.listen.https.empty()) return;
  if (vault_.tls().certificates().empty()) {
    status.add_warning("listen.https is set and there is no certificate: bulkhead certificate");
    return;
  }
  const std::int64_t left_s = vault_.tls().not_after_s() - parts.clock.now() / kMicrosPerSecond;
  if (left_s < 0) status.add_warning("the certificate for HTTPS has expired");
  if (left_s >= 0 && left_s < kRemindDays * 86'400)
    status.add_warning(
        fmt::format("the certificate for HTTPS expires in {} days", left_s / 86'400));
}

Status Administration::show_tls_key(const admin::Request&, const Send& send) {
  send(shown_tls_key(vault_.tls()), {});
  return {};
}

Status Administration::prepare_tls_key(const admin::Request& request, const Send& send) {
  const auto& wanted = request.prepare_tls_key();
  const std::vector<std::string> names(wanted.name().begin(), wanted.name().end());
  BH_CHECK(crypto::check_certificate_names(names));
  auto& parts = vault_.parts();
  const auto& keys = vault_.tls().keys();
  if (wanted.new_key() || keys.empty()) {
    if (keys.size() > 1)
      return fail(ErrorCode::kConflict,
                  "a new key waits for its certificate already: leave --new-key out");
    journal::Entry entry;
    make_tls_key(parts.keys.system_key, keys.empty() ? 1 : keys.back().number + 1, parts.random,
                 entry);
    vault_.record({}, std::move(entry));
    BH_CHECK(vault_.load_tls_identity());
  }
  const TlsIdentity::Key& key = vault_.tls().keys().back();
  std::string signing_request;
  if (wanted.self_signed()) {
    journal::Entry entry;
    make_self_signed(key.key, key.number, names, parts.clock.now(), entry);
    vault_.record({}, std::move(entry));
    BH_CHECK(vault_.load_tls_identity());
  } else {
    signing_request = to_string(crypto::certificate_request(key.key, names));
  }
  admin::Reply reply = shown_tls_key(vault_.tls());
  reply.mutable_tls_key()->set_request(std::move(signing_request));
  send_when_durable(std::move(reply), send);
  return {};
}

Status Administration::set_tls_certificate(const admin::Request& request, const Send& send) {
  const auto& wanted = request.set_tls_certificate();
  std::size_t bytes = 0;
  for (const std::string& certificate : wanted.certificate())
    bytes += certificate.size();
  if (bytes == 0 || bytes > kMaxTlsCertificateBytes)
    return fail(ErrorCode::kInvalidArgument, "the certificates are none, or too large");
  // Whose key it is can be seen without taking it apart: it holds these bytes as they are.
  const auto& keys = vault_.tls().keys();
  const auto certified = std::ranges::find_if(keys, [&](const TlsIdentity::Key& key) {
    return wanted.certificate(0).find(to_string(crypto::subject_public_key_info(key.key))) !=
           std::string::npos;
  });
  if (certified == keys.end())
    return fail(ErrorCode::kInvalidArgument,
                "the certificate is not one of a key of ours: bulkhead certificate request has one "
                "made, and the server's own certificate must come first");
  journal::Entry entry;
  entry.mutable_tls_certificate_set()->set_number(certified->number);
  *entry.mutable_tls_certificate_set()->mutable_certificate() = wanted.certificate();
  entry.mutable_tls_certificate_set()->set_not_after_s(wanted.not_after_s());
  vault_.record({}, std::move(entry));
  BH_CHECK(vault_.load_tls_identity());
  send_when_durable(shown_tls_key(vault_.tls()), send);
  return {};
}

}  // namespace bulkhead::vault
