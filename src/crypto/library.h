// Inside crypto only: libcrypto's algorithms, looked up once, and the owners of its objects.
//
// OpenSSL 3.0 looks an algorithm up again wherever it is named by EVP_sha256() and its like, under
// a lock: slower than hashing a small message. What is used often is therefore fetched once and
// kept.
#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"

namespace bulkhead::crypto {

// Calls the C function that frees T.
template <auto kFunction>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    kFunction(object);
  }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeBy<EVP_CIPHER_CTX_free>>;

struct Algorithms {
  EVP_MD* sha1;
  EVP_MD* sha256;
  EVP_MD* sha384;
  EVP_MD* sha512;
  EVP_MD* sha3_256;
  EVP_MD* sha3_512;
  EVP_MD* shake128;
  EVP_MD* shake256;
  EVP_CIPHER* aes_256_gcm;
  EVP_CIPHER* chacha20_poly1305;
  EVP_MAC* hmac;
  EVP_KDF* hkdf;
  EVP_KEM* ml_kem_768;  // null before OpenSSL 3.5
};

// Never null members but the one above, never freed. The first call initialises libcrypto without
// its configuration file, which could load providers from anywhere; so whatever of crypto calls
// libcrypto calls this first. Thread-safe.
const Algorithms& algorithms();

const char* digest_name(HashAlgorithm hash);  // "SHA256"

// Forgets what libcrypto queued about an input that was refused: the queue is per thread and grows
// into other calls' error texts.
void forget_errors();

// AEAD with a context whose key is set, one message a call (contexts as in Aes256Gcm). `out` may be
// `in`.
CipherContextPtr new_aead_context(const EVP_CIPHER* cipher, ByteView key, bool encrypting);
void aead_seal(EVP_CIPHER_CTX* context, ByteView nonce, ByteView associated, ByteView in, Byte* out,
               MutableByteView tag);
// False when it does not verify; then `out` holds zeros.
bool aead_open(EVP_CIPHER_CTX* context, ByteView nonce, ByteView associated, ByteView in,
               ByteView tag, Byte* out);

}  // namespace bulkhead::crypto
