// How one direction's packets are encrypted and authenticated (RFC 4253 section 6), a seam with one
// implementation per construction: none, AES-GCM, ChaCha20-Poly1305, AES-CTR or AES-CBC with HMAC.
//
// Everything happens in place. A packet lies in memory as on the wire:
//     uint32 packet_length | byte padding_length | payload | padding | tag
// Contexts are set up once per key; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/secret.h"

namespace bulkhead::ssh {

struct Framing {
  std::size_t block_bytes = 8;  // what padding rounds up to
  std::size_t tag_bytes = 0;
  bool length_in_blocks =
      true;  // the rounding counts the length field (not with GCM and encrypt-then-MAC)
  std::size_t bytes_for_length = 4;  // so much of a packet must be there to tell its length
  // Whatever does not open must come to the same: with CBC, when a connection ends would otherwise
  // tell what a block of somebody else's decrypts to (Albrecht, Paterson, Watson: Plaintext
  // Recovery Attacks Against SSH, 2009).
  bool hide_length = false;
};

class PacketSealer {
 public:
  explicit PacketSealer(Framing framing) : framing_(framing) {}
  virtual ~PacketSealer() = default;
  const Framing& framing() const { return framing_; }
  // `packet` is complete but for encryption and tag.
  virtual void seal(MutableByteView packet, std::uint32_t sequence) = 0;

 private:
  Framing framing_;
};

class PacketOpener {
 public:
  explicit PacketOpener(Framing framing) : framing_(framing) {}
  virtual ~PacketOpener() = default;
  const Framing& framing() const { return framing_; }
  // Called once per packet, with its first bytes_for_length bytes; may decrypt them in place.
  virtual std::uint32_t packet_length(MutableByteView start, std::uint32_t sequence) = 0;
  // `packet` is whole, its length has been read. False: its tag is wrong.
  virtual bool open(MutableByteView packet, std::uint32_t sequence) = 0;

 private:
  Framing framing_;
};

// The names negotiated for one direction. `mac` says nothing where the cipher authenticates by
// itself.
struct ProtectionNames {
  std::string_view cipher;
  std::string_view mac;
};
// How much key material (RFC 4253 section 7.2) the names take.
struct ProtectionSizes {
  std::size_t iv_bytes = 0;
  std::size_t key_bytes = 0;
  std::size_t mac_key_bytes = 0;
};
struct ProtectionKeys {
  crypto::SecretBytes iv;
  crypto::SecretBytes key;
  crypto::SecretBytes mac_key;
};

// kUnsupported for names that no row of the tables has.
Result<ProtectionSizes> protection_sizes(const ProtectionNames& names);
bool cipher_authenticates(std::string_view cipher);  // then no MAC is negotiated
Result<std::unique_ptr<PacketSealer>> make_sealer(const ProtectionNames& names,
                                                  const ProtectionKeys& keys);
Result<std::unique_ptr<PacketOpener>> make_opener(const ProtectionNames& names,
                                                  const ProtectionKeys& keys);
std::unique_ptr<PacketSealer> make_plain_sealer();
std::unique_ptr<PacketOpener> make_plain_opener();

// The two makers as a value, so that a fuzzer can go on in plain text behind the key exchange.
struct Protection {
  std::function<Result<std::unique_ptr<PacketSealer>>(const ProtectionNames&,
                                                      const ProtectionKeys&)>
      sealer = make_sealer;
  std::function<Result<std::unique_ptr<PacketOpener>>(const ProtectionNames&,
                                                      const ProtectionKeys&)>
      opener = make_opener;
};

}  // namespace bulkhead::ssh
