#include "crypto/library.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>

#include "crypto/secret.h"

namespace bulkhead::crypto {
namespace {

constexpr std::size_t kMostPerUpdate = std::size_t{1} << 30;  // EVP counts in int

template <typename T>
T* found(T* algorithm) {
  BH_ASSERT(algorithm != nullptr);  // the default provider is part of libcrypto
  return algorithm;
}

Algorithms fetch_algorithms() {
  // No atexit: taking apart what the end of the process frees anyway is a tenth of a session's CPU
  // time. Keys are wiped by their owners.
  BH_ASSERT(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
                                    OPENSSL_INIT_NO_ATEXIT,
                                nullptr) == 1);
  const Algorithms fetched = {
      .sha1 = found(EVP_MD_fetch(nullptr, "SHA1", nullptr)),
      .sha256 = found(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
      .sha384 = found(EVP_MD_fetch(nullptr, "SHA384", nullptr)),
      .sha512 = found(EVP_MD_fetch(nullptr, "SHA512", nullptr)),
      .sha3_256 = found(EVP_MD_fetch(nullptr, "SHA3-256", nullptr)),
      .sha3_512 = found(EVP_MD_fetch(nullptr, "SHA3-512", nullptr)),
      .shake128 = found(EVP_MD_fetch(nullptr, "SHAKE128", nullptr)),
      .shake256 = found(EVP_MD_fetch(nullptr, "SHAKE256", nullptr)),
      .aes_256_gcm = found(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)),
      .chacha20_poly1305 = found(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)),
      .hmac = found(EVP_MAC_fetch(nullptr, "HMAC", nullptr)),
      .hkdf = found(EVP_KDF_fetch(nullptr, "HKDF", nullptr)),
      .ml_kem_768 = EVP_KEM_fetch(nullptr, "ML-KEM-768", nullptr),
  };
  ERR_clear_error();  // of what it does not have
  return fetched;
}

// `out` null: associated data.
bool update(EVP_CIPHER_CTX* context, ByteView in, Byte* out) {
  while (!in.empty()) {
    const ByteView part = in.first(std::min(in.size(), kMostPerUpdate));
    int written = 0;
    if (EVP_CipherUpdate(context, out, &written, part.data(), static_cast<int>(part.size())) != 1)
      return false;
    if (out != nullptr) out += part.size();
    in = in.subspan(part.size());
  }
  return true;
}

}  // namespace

const Algorithms& algorithms() {
  static const Algorithms fetched = fetch_algorithms();
  return fetched;
}

const char* digest_name(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha1:
      return "SHA1";
    case HashAlgorithm::kSha256:
      return "SHA256";
    case HashAlgorithm::kSha384:
      return "SHA384";
    case HashAlgorithm::kSha512:
      return "SHA512";
  }
  BH_ASSERT(false);
}

void forget_errors() {
  ERR_clear_error();
}

CipherContextPtr new_aead_context(const EVP_CIPHER* cipher, ByteView key, bool encrypting) {
  BH_ASSERT(static_cast<int>(key.size()) == EVP_CIPHER_get_key_length(cipher));
  CipherContextPtr context(EVP_CIPHER_CTX_new());
  BH_ASSERT(context != nullptr);
  BH_ASSERT(EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr, encrypting ? 1 : 0,
                               nullptr) == 1);
  return context;
}

void aead_seal(EVP_CIPHER_CTX* context, ByteView nonce, ByteView associated, ByteView in, Byte* out,
               MutableByteView tag) {
  Byte none[16];
  int written = 0;
  BH_ASSERT(static_cast<int>(nonce.size()) == EVP_CIPHER_CTX_get_iv_length(context));
  BH_ASSERT(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr) == 1);
  BH_ASSERT(update(context, associated, nullptr));
  BH_ASSERT(update(context, in, out));
  BH_ASSERT(EVP_CipherFinal_ex(context, none, &written) == 1);
  BH_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                                tag.data()) == 1);
}

bool aead_open(EVP_CIPHER_CTX* context, ByteView nonce, ByteView associated, ByteView in,
               ByteView tag, Byte* out) {
  Byte none[16];
  int written = 0;
  BH_ASSERT(static_cast<int>(nonce.size()) == EVP_CIPHER_CTX_get_iv_length(context));
  BH_ASSERT(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr) == 1);
  const bool verified =
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                          const_cast<Byte*>(tag.data())) == 1 &&
      update(context, associated, nullptr) && update(context, in, out) &&
      EVP_CipherFinal_ex(context, none, &written) == 1;
  if (!verified) {
    wipe({out, in.size()});
    forget_errors();
  }
  return verified;
}

}  // namespace bulkhead::crypto
