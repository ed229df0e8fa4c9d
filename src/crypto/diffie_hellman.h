// Diffie-Hellman in the safe-prime groups of RFC 3526 (generator 2), ephemeral keys only.
#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace bulkhead::crypto {

// By the bits of the prime: groups 14 to 18.
enum class DhGroup { k2048, k3072, k4096, k6144, k8192 };
const Bytes& dh_prime(DhGroup group);  // big-endian
constexpr Byte kDhGenerator = 2;

class DhKeyPair {
 public:
  // Draws from libcrypto's generator. The exponent has twice the bits of the group's strength.
  static DhKeyPair generate(DhGroup group);
  DhKeyPair(DhKeyPair&&) noexcept;
  ~DhKeyPair();

  const Bytes& public_key() const { return public_key_; }  // big-endian, no zeros in front
  // Big-endian, with the size of the prime. `theirs` may be hostile: nothing where it is not from 2
  // to p - 2 (RFC 4253 section 8 forbids what lies outside of 1 to p - 1; 1 and p - 1 give away the
  // secret).
  std::optional<SecretBytes> agree(ByteView theirs) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  DhKeyPair() = default;

  DhGroup group_ = DhGroup::k2048;
  std::unique_ptr<evp_pkey_st, Free> key_;
  Bytes public_key_;
};

}  // namespace bulkhead::crypto
