// How weak the algorithms of a connection may be: the listener's profile bounds what is offered to
// a stranger, the user's what they may have used once it is known who they are.
//
// Which cipher and MAC were negotiated is the edge's word. One that lies gains nothing: it holds
// the keys of that connection anyway.
#include <fmt/format.h>

#include <algorithm>

#include "proto/journal.pb.h"
#include "sshwire/names.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

struct Negotiated {
  std::string_view name;
  std::optional<SshProfile> least;  // nothing: not in the table
};

template <typename Row>
Negotiated negotiated(std::string_view name, const Row* row) {
  return {name, row == nullptr ? std::nullopt : std::optional(row->least)};
}

std::vector<Negotiated> algorithms_of(const channel::SshExchange& exchange) {
  std::vector<Negotiated> all = {
      negotiated(exchange.kex_algorithm(), sshwire::find_kex(exchange.kex_algorithm())),
      negotiated(exchange.host_key_algorithm(),
                 sshwire::find_host_key(exchange.host_key_algorithm()))};
  for (const auto* direction : {&exchange.client_to_server(), &exchange.server_to_client()}) {
    all.push_back(negotiated(direction->cipher(), sshwire::find_cipher(direction->cipher())));
    if (!direction->mac().empty())
      all.push_back(negotiated(direction->mac(), sshwire::find_mac(direction->mac())));
  }
  return all;
}

}  // namespace

SshProfile Vault::profile_offered(const Session& session) const {
  if (session.kind == ProcessKind::kHttpsSession) return kProfileOfTls;
  return parts_.configuration.listen.sftp_profile;
}

SshProfile Vault::profile_allowed(const Session& session, const std::string& user_name) const {
  return std::min(profile_offered(session), parts_.configuration.ssh_profile_of(user_name));
}

Result<SshProfile> Vault::profile_needed(const Session& session,
                                         const channel::SshExchange& exchange) const {
  const SshProfile most =
      session.user ? profile_allowed(session, session.user_name) : profile_offered(session);
  SshProfile needed = SshProfile::kPostQuantum;
  for (const Negotiated& each : algorithms_of(exchange)) {
    if (!each.least || *each.least > most) {
      return fail(ErrorCode::kRefused,
                  fmt::format("{} is not in the profile {}", each.name, name_of(most)));
    }
    needed = std::max(needed, *each.least);
  }
  return needed;
}

void Vault::note_profile(Session& session, SshProfile needed,
                         const channel::SshExchange& exchange) {
  if (needed <= session.profile_used) return;
  session.profile_used = needed;
  if (needed <= SshProfile::kModern) return;
  journal::Entry entry;
  auto* used = entry.mutable_weak_algorithms_used();
  used->set_profile(std::string(name_of(needed)));
  for (const Negotiated& each : algorithms_of(exchange)) {
    const auto& known = used->algorithm();
    if (*each.least > SshProfile::kModern && std::ranges::find(known, each.name) == known.end())
      used->add_algorithm(std::string(each.name));
  }
  record(session.id, std::move(entry));
}

void Vault::note_weak_signature(Session& session, std::string_view algorithm) {
  const auto* row = sshwire::find_signature(algorithm, SshProfile::kLegacy);
  if (row == nullptr || row->least <= SshProfile::kModern) return;
  journal::Entry entry;
  entry.mutable_weak_algorithms_used()->set_profile(std::string(name_of(row->least)));
  entry.mutable_weak_algorithms_used()->add_algorithm(std::string(algorithm) + " of the user");
  record(session.id, std::move(entry));
}

}  // namespace bulkhead::vault
