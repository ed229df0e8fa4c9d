// SHA-2, HMAC, HKDF (RFC 5869).
#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/secret.h"

struct evp_md_ctx_st;

namespace bulkhead::crypto {

using Sha256 = ByteArray<32>;

enum class HashAlgorithm { kSha1, kSha256, kSha384, kSha512 };
std::size_t digest_size(HashAlgorithm algorithm);

Sha256 sha256(ByteView bytes);
Bytes digest(HashAlgorithm algorithm, ByteView bytes);

// Incremental.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm = HashAlgorithm::kSha256);
  Hasher(Hasher&&) noexcept = default;
  Hasher& operator=(Hasher&&) noexcept = default;
  ~Hasher();

  void update(ByteView bytes);
  Bytes finish();          // then starts anew
  Sha256 finish_sha256();  // only with kSha256

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  HashAlgorithm algorithm_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256 hmac_sha256(ByteView key, ByteView message);

// HKDF-SHA256, extract and expand. `info` separates the uses of one key; out.size() <= 8160.
void hkdf_sha256(ByteView key, ByteView salt, ByteView info, MutableByteView out);

}  // namespace bulkhead::crypto
