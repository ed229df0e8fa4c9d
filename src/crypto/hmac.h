// HMAC-SHA256 with one key again and again: looking the algorithm up and setting the key cost more
// than a short message does. For one message there is hmac_sha256() in digest.h.
#pragma once

#include <memory>

#include "crypto/digest.h"

struct evp_mac_ctx_st;

namespace bulkhead::crypto {

// One thread at a time.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  HmacSha256(HmacSha256&&) noexcept = default;
  HmacSha256& operator=(HmacSha256&&) noexcept = default;
  ~HmacSha256();  // wipes the key

  Sha256 of(ByteView message);

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

}  // namespace bulkhead::crypto
