// AES-256-GCM (NIST SP 800-38D) with one key scheduled once and used for many messages.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/random.h"
#include "crypto/secret.h"

struct evp_cipher_ctx_st;

namespace bulkhead::crypto {

using AeadKey = Secret<32>;
using AeadNonce = ByteArray<12>;
using AeadTag = ByteArray<16>;
constexpr std::size_t kAeadNonceSize = 12;
constexpr std::size_t kAeadTagSize = 16;

// Not thread-safe: one per thread. Sealing never fails on valid sizes; opening fails with kCorrupt
// and wipes what it wrote. `out` may be the same memory as the input.
class Aes256Gcm {
 public:
  explicit Aes256Gcm(const AeadKey& key);
  Aes256Gcm(Aes256Gcm&&) noexcept = default;
  Aes256Gcm& operator=(Aes256Gcm&&) noexcept = default;
  ~Aes256Gcm();

  void seal(const AeadNonce& nonce, ByteView associated, ByteView plaintext,
            MutableByteView ciphertext, AeadTag& tag);
  Status open(const AeadNonce& nonce, ByteView associated, ByteView ciphertext, const AeadTag& tag,
              MutableByteView plaintext);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, Free> seal_;
  std::unique_ptr<evp_cipher_ctx_st, Free> open_;
};

// A small self-contained box: random nonce || ciphertext || tag. For names, wrapped keys, sealed
// fields.
Bytes seal_box(const AeadKey& key, ByteView associated, ByteView plaintext, Random& random);
Result<SecretBytes> open_box(const AeadKey& key, ByteView associated, ByteView box);
constexpr std::size_t kBoxOverhead = kAeadNonceSize + kAeadTagSize;

}  // namespace bulkhead::crypto
