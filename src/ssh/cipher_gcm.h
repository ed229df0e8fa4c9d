// aes128-gcm@openssh.com and aes256-gcm@openssh.com: RFC 5647 with the negotiation of OpenSSH's
// PROTOCOL, 1.6.
#pragma once

#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

std::unique_ptr<PacketSealer> make_gcm_sealer(const char* openssl_name, const ProtectionKeys& keys);
std::unique_ptr<PacketOpener> make_gcm_opener(const char* openssl_name, const ProtectionKeys& keys);

}  // namespace bulkhead::ssh
