// ML-KEM-768 (FIPS 203): key encapsulation that is to withstand quantum computers. libcrypto's
// where it has one (OpenSSL 3.5 and later), ours otherwise.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

using MlKemEncapsulationKey = ByteArray<1184>;
using MlKemCiphertext = ByteArray<1088>;
using MlKemSharedSecret = Secret<32>;

struct MlKemEncapsulated {
  MlKemCiphertext ciphertext;
  MlKemSharedSecret shared;
};

// `key` may be hostile: nothing where it does not pass section 7.2's check of the modulus.
std::optional<MlKemEncapsulated> ml_kem_encapsulate(const MlKemEncapsulationKey& key,
                                                    Random& random);

struct MlKemKeyPair {
  MlKemEncapsulationKey encapsulation_key;
  Secret<2400> decapsulation_key;

  static MlKemKeyPair generate(Random& random);
  // `ciphertext` may be hostile: one that was not made with the encapsulation key gives a secret
  // that nobody else has (section 6.3, implicit rejection), in the same time.
  MlKemSharedSecret decapsulate(const MlKemCiphertext& ciphertext) const;
};

}  // namespace bulkhead::crypto
