// Ed25519 signing (RFC 8032), and verifying signatures of the key kinds that SSH users bring.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

using Ed25519PublicKey = ByteArray<32>;
using Ed25519Signature = ByteArray<64>;

struct Ed25519KeyPair {
  Secret<32> seed;  // RFC 8032 section 5.1.5: the private key
  Ed25519PublicKey public_key;

  static Ed25519KeyPair generate(Random& random);
  static Ed25519KeyPair from_seed(Secret<32> seed);
  Ed25519Signature sign(ByteView message) const;
};

// Each returns whether the signature is valid; malformed keys and signatures are simply not valid.
bool verify_ed25519(const Ed25519PublicKey& key, ByteView message, ByteView signature);
// `modulus` and `exponent` big-endian; RSASSA-PKCS1-v1_5. Keys under 2048 or over 16384 bits are
// not valid. Leading zeros do not matter, also missing ones of the signature (RFC 4253 section 6.6:
// an integer "without lengths or padding").
bool verify_rsa_pkcs1(ByteView modulus, ByteView exponent, HashAlgorithm hash, ByteView message,
                      ByteView signature);
enum class EcCurve { kP256, kP384, kP521 };
// `point` uncompressed (SEC 1: 04 || x || y); r and s big-endian unsigned.
bool verify_ecdsa(EcCurve curve, ByteView point, HashAlgorithm hash, ByteView message, ByteView r,
                  ByteView s);

}  // namespace bulkhead::crypto
