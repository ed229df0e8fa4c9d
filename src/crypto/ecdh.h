// Diffie-Hellman on the curves of NIST (SEC 1 section 3.3.1), ephemeral keys only.
#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "crypto/secret.h"
#include "crypto/signature.h"

struct evp_pkey_st;

namespace bulkhead::crypto {

class EcdhKeyPair {
 public:
  // Draws from libcrypto's generator, which is what system_random() draws from.
  static EcdhKeyPair generate(EcCurve curve);
  EcdhKeyPair(EcdhKeyPair&&) noexcept;
  ~EcdhKeyPair();

  const Bytes& public_key() const { return public_key_; }  // SEC 1, uncompressed
  // The shared x coordinate, with the size of the field. `theirs` may be hostile: nothing where it
  // is not an uncompressed point on the curve.
  std::optional<SecretBytes> agree(ByteView theirs) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  EcdhKeyPair() = default;

  EcCurve curve_ = EcCurve::kP256;
  std::unique_ptr<evp_pkey_st, Free> key_;
  Bytes public_key_;
};

}  // namespace bulkhead::crypto
