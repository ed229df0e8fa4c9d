// X25519 key agreement (RFC 7748).
#pragma once

#include <optional>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

using X25519PublicKey = ByteArray<32>;

struct X25519KeyPair {
  Secret<32> private_key;
  X25519PublicKey public_key;

  static X25519KeyPair generate(Random& random);
  static X25519KeyPair from_private(Secret<32> private_key);
  // Nothing when the result is all zero (RFC 7748 section 6.1: a low-order point was sent).
  std::optional<Secret<32>> agree(const X25519PublicKey& theirs) const;
};

}  // namespace bulkhead::crypto
