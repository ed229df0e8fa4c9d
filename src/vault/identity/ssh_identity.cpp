// The vault's half of SSH's key exchange: it composes its own side, hashes, and signs only that
// hash; the edge's word counts for nothing. Who is there is verified in login.cpp.
#include "proto/journal.pb.h"
#include "sshwire/exchange_hash.h"
#include "sshwire/kexinit.h"
#include "sshwire/keys.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kServerVersion = "SSH-2.0-Bulkhead_" BULKHEAD_RELEASE;
constexpr std::string_view kHostKeyAlgorithm = "ssh-ed25519";

std::optional<sshwire::GroupRequest> group_request_of(const channel::SshExchange& exchange) {
  if (!exchange.has_group_request()) return std::nullopt;
  const auto& wanted = exchange.group_request();
  return sshwire::GroupRequest{wanted.min_bits(), wanted.preferred_bits(), wanted.max_bits()};
}

}  // namespace

Outcome Vault::on_ssh_greet(Session& session, const channel::Request&) {
  if (!session.server_kexinit.empty()) return fail(ErrorCode::kInvalidArgument, "greeted already");
  session.server_version = kServerVersion;
  session.server_kexinit = fresh_kexinit(session, true);
  Answer answer;
  auto* greeting = answer.reply.mutable_ssh_greeting();
  greeting->set_server_version(session.server_version);
  greeting->set_server_kexinit(to_string(ByteView(session.server_kexinit)));
  greeting->set_login_grace_ms(parts_.configuration.limits.login_grace_ms);
  greeting->set_idle_timeout_ms(parts_.configuration.limits.idle_timeout_ms);
  return answer;
}

Bytes Vault::fresh_kexinit(const Session& session, bool first) {
  return sshwire::compose_kexinit(parts_.random.array<16>(),
                                  {.profile = profile_offered(session),
                                   .host_key_algorithms = {kHostKeyAlgorithm},
                                   .first = first});
}

Outcome Vault::on_ssh_rekey(Session& session, const channel::Request&) {
  session.server_kexinit = fresh_kexinit(session, false);
  Answer answer;
  answer.reply.mutable_ssh_kexinit()->set_server_kexinit(
      to_string(ByteView(session.server_kexinit)));
  return answer;
}

Outcome Vault::on_ssh_exchange(Session& session, const channel::Request& request) {
  const channel::SshExchange& exchange = request.ssh_exchange();
  if (session.server_kexinit.empty())
    return fail(ErrorCode::kInvalidArgument, "no KEXINIT of ours is open");
  if (session.exchanges >= kMaxExchangesPerChannel) {
    return fail(ErrorCode::kLimitExceeded, "too many key exchanges on one connection");
  }
  if (exchange.host_key_algorithm() != kHostKeyAlgorithm) {
    return fail(ErrorCode::kUnsupported, "no host key of that kind");
  }
  BH_TRY(const SshProfile profile, profile_needed(session, exchange));
  const Bytes host_key_blob = sshwire::ed25519_key_blob(parts_.keys.host_key.public_key);
  auto hash = sshwire::exchange_hash(exchange.kex_algorithm(),
                                     {.client_version = exchange.client_version(),
                                      .server_version = session.server_version,
                                      .client_kexinit = as_bytes(exchange.client_kexinit()),
                                      .server_kexinit = session.server_kexinit,
                                      .host_key_blob = host_key_blob,
                                      .client_public = as_bytes(exchange.client_public()),
                                      .server_public = as_bytes(exchange.server_public()),
                                      .shared_secret = as_bytes(exchange.shared_secret()),
                                      .group_request = group_request_of(exchange)});
  if (!hash) return std::unexpected(std::move(hash).error());
  note_profile(session, profile, exchange);
  ++session.exchanges;
  session.server_kexinit.clear();  // one KEXINIT, one signature
  if (session.session_id.empty()) {
    session.session_id = *hash;
    session.phase = Phase::kExchanged;
  }
  const crypto::Ed25519Signature signature = parts_.keys.host_key.sign(*hash);
  Answer answer;
  auto* signed_exchange = answer.reply.mutable_ssh_signed_exchange();
  signed_exchange->set_host_key_blob(to_string(ByteView(host_key_blob)));
  signed_exchange->set_exchange_hash(to_string(ByteView(*hash)));
  signed_exchange->set_signature_blob(
      to_string(ByteView(sshwire::ed25519_signature_blob(signature))));
  return answer;
}

}  // namespace bulkhead::vault
