#include "ssh/negotiation.h"

#include <fmt/format.h>

#include "ssh/packet_protection.h"

namespace bulkhead::ssh {
namespace {
using sshwire::Kexinit;
using sshwire::KexinitList;

constexpr std::array<std::string_view, sshwire::kKexinitLists> kListNames = {
    "key exchange method",
    "host key algorithm",
    "cipher from client to server",
    "cipher from server to client",
    "MAC from client to server",
    "MAC from server to client",
    "compression from client to server",
    "compression from server to client",
    "language from client to server",
    "language from server to client",
};

StepResult<std::string> choose(const Kexinit& client, const Kexinit& server, KexinitList list) {
  std::string chosen;
  sshwire::any_name(client.lists[list], [&](std::string_view name) {
    if (!sshwire::has_name(server.lists[list], name)) return false;
    chosen = name;
    return true;
  });
  if (chosen.empty()) {
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      fmt::format("Client and server have no {} in common; the server offers {}",
                                  kListNames[list], server.lists[list]));
  }
  return chosen;
}

StepResult<DirectionAlgorithms> choose_direction(const Kexinit& client, const Kexinit& server,
                                                 KexinitList cipher, KexinitList mac,
                                                 KexinitList compression) {
  DirectionAlgorithms chosen;
  BH_TRY(chosen.cipher, choose(client, server, cipher));
  if (!cipher_authenticates(chosen.cipher)) {
    BH_TRY(chosen.mac, choose(client, server, mac));
  }
  BH_CHECK(choose(client, server, compression));
  return chosen;
}

std::string_view first_of(std::string_view list) {
  return list.substr(0, list.find(','));
}

// The indicators are names that both could list without ever meaning a method.
bool is_indicator(std::string_view name) {
  return name == sshwire::kExtInfoClient || name == sshwire::kStrictKexClient ||
         name == sshwire::kStrictKexServer || name == "ext-info-s";
}
}  // namespace

StepResult<Negotiated> negotiate(const Kexinit& client, const Kexinit& server) {
  Negotiated result;
  BH_TRY(result.kex, choose(client, server, sshwire::kKexAlgorithms));
  if (is_indicator(result.kex)) {
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      "Client and server have no key exchange method in common");
  }
  BH_TRY(result.host_key, choose(client, server, sshwire::kServerHostKeyAlgorithms));
  BH_TRY(result.client_to_server,
         choose_direction(client, server, sshwire::kEncryptionClientToServer,
                          sshwire::kMacClientToServer, sshwire::kCompressionClientToServer));
  BH_TRY(result.server_to_client,
         choose_direction(client, server, sshwire::kEncryptionServerToClient,
                          sshwire::kMacServerToClient, sshwire::kCompressionServerToClient));
  // RFC 4253 section 7: the guess is right only if both sides' first choices agree, for method and
  // host key.
  const auto guess_right = [&](KexinitList list) {
    return first_of(client.lists[list]) == first_of(server.lists[list]);
  };
  result.wrong_guess =
      client.first_kex_packet_follows &&
      !(guess_right(sshwire::kKexAlgorithms) && guess_right(sshwire::kServerHostKeyAlgorithms));
  const std::string_view client_kex = client.lists[sshwire::kKexAlgorithms];
  result.client_strict_kex = sshwire::has_name(client_kex, sshwire::kStrictKexClient);
  result.client_ext_info = sshwire::has_name(client_kex, sshwire::kExtInfoClient);
  return result;
}

}  // namespace bulkhead::ssh
