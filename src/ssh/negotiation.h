// What two KEXINITs agree on (RFC 4253 section 7.1). A pure function.
#pragma once

#include <string>

#include "ssh/disconnect.h"
#include "sshwire/kexinit.h"

namespace bulkhead::ssh {

struct DirectionAlgorithms {
  std::string cipher;
  std::string mac;  // empty where the cipher authenticates by itself
};

struct Negotiated {
  std::string kex;
  std::string host_key;
  DirectionAlgorithms client_to_server;
  DirectionAlgorithms server_to_client;
  bool wrong_guess = false;  // first_kex_packet_follows, and it is to be ignored
  bool client_strict_kex = false;
  bool client_ext_info = false;
};

// The client's preference decides in each list. kKeyExchangeFailed names the kind of algorithm that
// is not in common.
StepResult<Negotiated> negotiate(const sshwire::Kexinit& client, const sshwire::Kexinit& server);

}  // namespace bulkhead::ssh
