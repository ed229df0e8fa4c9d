// Private keys that sign for an SSH host: made, kept as bytes, used. What they sign with is
// verified by crypto/signature.h.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace bulkhead::crypto {

// The numbers are stored: one never means anything else.
enum class SigningKeyKind { kEd25519 = 1, kEcdsaP256 = 2, kRsa3072 = 3 };

// Not copyable. One thread at a time.
class SigningKey {
 public:
  // RSA takes some tenths of a second, now and then whole ones.
  static SigningKey generate(SigningKeyKind kind);
  // As private_bytes() gave them: authentic, not hostile. kCorrupt.
  static Result<SigningKey> from_private(SigningKeyKind kind, ByteView bytes);
  SecretBytes private_bytes() const;

  SigningKeyKind kind() const { return kind_; }
  // Of Ed25519 the 32 bytes of RFC 8032, of ECDSA the uncompressed point (SEC 1).
  Bytes public_point() const;
  // Of RSA, big-endian, unsigned.
  Bytes rsa_exponent() const;
  Bytes rsa_modulus() const;

  // Of Ed25519 (which has its own hash) the 64 bytes of RFC 8032; of ECDSA r and s, each of the
  // curve's size, one after the other; of RSA RSASSA-PKCS1-v1_5, as long as the modulus.
  Bytes sign(HashAlgorithm hash, ByteView message) const;
  // The same, of ECDSA as DER (RFC 3279 section 2.2.3), as X.509 and TLS have it.
  Bytes sign_der(HashAlgorithm hash, ByteView message) const;

  // For crypto's own files.
  evp_pkey_st* library_key() const { return key_.get(); }

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  SigningKey(SigningKeyKind kind, evp_pkey_st* key) : kind_(kind), key_(key) {}

  SigningKeyKind kind_;
  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace bulkhead::crypto
