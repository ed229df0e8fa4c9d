#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/library.h"

namespace bulkhead::crypto {

void HmacSha256::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(ByteView key) : context_(EVP_MAC_CTX_new(algorithms().hmac)) {
  static constexpr Byte kNoKey[1] = {};
  char sha256[] = "SHA256";  // OSSL_PARAM wants it mutable, and does not change it
  BH_ASSERT(context_ != nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key would mean "the key of before" and not "the empty key".
  BH_ASSERT(
      EVP_MAC_init(context_.get(), key.empty() ? kNoKey : key.data(), key.size(), parameters) == 1);
}

HmacSha256::~HmacSha256() = default;

Sha256 HmacSha256::of(ByteView message) {
  BH_ASSERT(message.empty() || EVP_MAC_update(context_.get(), message.data(), message.size()) == 1);
  Sha256 out;
  std::size_t size = 0;
  BH_ASSERT(EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 &&
            size == out.size());
  BH_ASSERT(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);  // the same key
  return out;
}

}  // namespace bulkhead::crypto
