// AES in counter mode (RFC 4344 section 4) or, for clients that are past help, in CBC mode (RFC
// 4253 section 6.3), with an HMAC (RFC 6668, RFC 4253), either encrypt-then-MAC as in OpenSSH's
// PROTOCOL, 1.5, or encrypt-and-MAC as in RFC 4253 section 6.4.
#pragma once

#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

struct MacRow {
  std::string_view name;
  const char* digest;
  std::size_t size;  // of key and tag
  bool encrypt_then_mac;
};

struct BlockCipher {
  const char* openssl_name;
  bool chained;  // CBC
};

std::unique_ptr<PacketSealer> make_mac_sealer(const BlockCipher& cipher, const MacRow& mac,
                                              const ProtectionKeys& keys);
std::unique_ptr<PacketOpener> make_mac_opener(const BlockCipher& cipher, const MacRow& mac,
                                              const ProtectionKeys& keys);

}  // namespace bulkhead::ssh
