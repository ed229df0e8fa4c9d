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
  for (const std::string_view name :
       sshwire::offered(sshwire::signature_names(), profile_offered(session))) {
    auto& names = *greeting->mutable_signature_algorithms();
    names.append(names.empty() ? "" : ",").append(name);
  }
  return answer;
}

Bytes Vault::fresh_kexinit(const Session& session, bool first) {
  const SshProfile profile = profile_offered(session);
  return sshwire::compose_kexinit(
      parts_.random.array<16>(),
      {.profile = profile,
       .host_key_algorithms = host_keys_.algorithms(profile, parts_.clock.now()),
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
  BH_TRY(const SshProfile profile, profile_needed(session, exchange));
  const auto& algorithm = *sshwire::find_host_key(exchange.host_key_algorithm());
  const auto shown = host_keys_.shown_as(algorithm, parts_.clock.now());
  if (!shown) return fail(ErrorCode::kUnsupported, "no host key of that kind");
  const ByteView host_key_blob = *shown;
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
  session.host_key_algorithm = algorithm.name;
  Answer answer;
  auto* signed_exchange = answer.reply.mutable_ssh_signed_exchange();
  signed_exchange->set_host_key_blob(to_string(host_key_blob));
  signed_exchange->set_exchange_hash(to_string(ByteView(*hash)));
  signed_exchange->set_signature_blob(to_string(ByteView(host_keys_.sign(algorithm, *hash))));
  return answer;
}

// OpenSSH's hostkeys-prove-00: the message is composed here, over keys of ours only.
Outcome Vault::on_ssh_prove_host_keys(Session& session, const channel::Request& request) {
  const auto& wanted = request.ssh_prove_host_keys().host_key();
  session.host_key_proofs += static_cast<std::uint32_t>(wanted.size());
  if (session.host_key_proofs > kMaxHostKeyProofsPerChannel)
    return fail(ErrorCode::kLimitExceeded, "too many proofs of host keys on one connection");
  // RSA keys sign as they did in the exchange, so that a client that cannot do better understands.
  const auto* exchanged = sshwire::find_host_key(session.host_key_algorithm);
  const std::string_view rsa_algorithm = exchanged != nullptr && exchanged->key_type == "ssh-rsa"
                                             ? exchanged->signature_algorithm
                                             : "rsa-sha2-512";
  Answer answer;
  for (const std::string& blob : wanted) {
    BH_TRY(const Bytes proof, host_keys_.prove(as_bytes(blob), session.session_id, rsa_algorithm));
    answer.reply.mutable_ssh_host_key_proofs()->add_signature_blob(to_string(ByteView(proof)));
  }
  return answer;
}

Status Vault::load_host_keys() {
  BH_TRY(std::vector<HostKeyRow> rows, parts_.catalogue.host_keys());
  BH_TRY(host_keys_, HostKeys::open(parts_.keys.system_key, std::move(rows)));
  return {};
}

}  // namespace bulkhead::vault
