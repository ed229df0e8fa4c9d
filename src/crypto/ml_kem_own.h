// Inside crypto only: our own ML-KEM-768 without its randomness (FIPS 203 section 6), for OpenSSL
// before 3.5, and for tests.
//
// The seeds are secret, and so are the halves of the decapsulation key that are not the
// encapsulation key: no branch and no index depends on them.
#pragma once

#include <optional>

#include "crypto/ml_kem_768.h"

namespace bulkhead::crypto::ml_kem {

using Seed = Secret<32>;

// Algorithm 16: ML-KEM.KeyGen_internal(d, z).
MlKemKeyPair key_pair_from(const Seed& d, const Seed& z);
// The same from what algorithm 13 hashes d into: rho becomes part of the public key, sigma does
// not.
MlKemKeyPair key_pair_from_expanded(ByteView rho, ByteView sigma, const Seed& z);
// Algorithm 17, behind the check of section 7.2.
std::optional<MlKemEncapsulated> encapsulate(const MlKemEncapsulationKey& key, const Seed& m);
// Algorithm 18.
MlKemSharedSecret decapsulate(const Secret<2400>& key, const MlKemCiphertext& ciphertext);

}  // namespace bulkhead::crypto::ml_kem
