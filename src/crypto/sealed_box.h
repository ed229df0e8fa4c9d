// One message to whoever holds a private key, from nobody in particular: libsodium's sealed boxes
// (an ephemeral X25519 key, XSalsa20-Poly1305). For a secret that has to travel through a process
// which need not see it.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

using SealedBoxPublicKey = ByteArray<32>;
constexpr std::size_t kSealedBoxOverhead = 48;

class SealedBoxKeyPair {
 public:
  static SealedBoxKeyPair generate();
  const SealedBoxPublicKey& public_key() const { return public_key_; }
  // kCorrupt where it was not sealed to this key, or was changed.
  Result<SecretBytes> open(ByteView box) const;

 private:
  SealedBoxKeyPair() = default;
  Secret<32> private_key_;
  SealedBoxPublicKey public_key_{};
};

Bytes seal_to(const SealedBoxPublicKey& public_key, ByteView plaintext);

}  // namespace bulkhead::crypto
