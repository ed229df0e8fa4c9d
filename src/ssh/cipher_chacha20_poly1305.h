// chacha20-poly1305@openssh.com (OpenSSH's PROTOCOL.chacha20poly1305): the length is encrypted
// under a key of its own, the tag is over the ciphertext.
#pragma once

#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

std::unique_ptr<PacketSealer> make_chacha20_poly1305_sealer(const ProtectionKeys& keys);
std::unique_ptr<PacketOpener> make_chacha20_poly1305_opener(const ProtectionKeys& keys);

}  // namespace bulkhead::ssh
