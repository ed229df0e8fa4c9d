// KEXINIT, and what it negotiates to against everything that the server offers.
#include "sshwire/kexinit.h"
#include "base/error.h"
#include "ssh/negotiation.h"
#include "ssh/packet_protection.h"
#include "sshwire/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  static const Bytes kServer = sshwire::compose_kexinit(
      {}, {.profile = sshwire::Profile::kLegacy, .host_key_algorithms = {"ssh-ed25519"}});
  const auto client = sshwire::parse_kexinit({data, size});
  if (!client) return 0;
  const auto server = sshwire::parse_kexinit(kServer);
  const auto agreed = ssh::negotiate(*client, *server);
  if (!agreed) return 0;
  // What was agreed on is always something that both listed and that is implemented.
  BH_ASSERT(sshwire::find_kex(agreed->kex) != nullptr);
  BH_ASSERT(sshwire::has_name(client->lists[sshwire::kKexAlgorithms], agreed->kex));
  BH_ASSERT(agreed->host_key == "ssh-ed25519");
  BH_ASSERT(ssh::protection_sizes({agreed->client_to_server.cipher, agreed->client_to_server.mac}));
  BH_ASSERT(ssh::protection_sizes({agreed->server_to_client.cipher, agreed->server_to_client.mac}));
  return 0;
}
