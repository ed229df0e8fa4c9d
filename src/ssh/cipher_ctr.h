// AES in counter mode (RFC 4344 section 4) with HMAC-SHA2 (RFC 6668), either encrypt-then-MAC as in
// OpenSSH's PROTOCOL, 1.5, or encrypt-and-MAC as in RFC 4253 section 6.4.
#pragma once

#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

struct MacRow {
  std::string_view name;
  const char* digest;
  std::size_t size;  // of key and tag
  bool encrypt_then_mac;
};

std::unique_ptr<PacketSealer> make_ctr_sealer(const char* openssl_name, const MacRow& mac,
                                              const ProtectionKeys& keys);
std::unique_ptr<PacketOpener> make_ctr_opener(const char* openssl_name, const MacRow& mac,
                                              const ProtectionKeys& keys);

}  // namespace bulkhead::ssh
