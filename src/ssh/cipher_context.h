// A libcrypto cipher context with its key scheduled, for the packet ciphers.
#pragma once

#include <openssl/evp.h>

#include <memory>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::ssh {

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

// `key` and `iv` have the sizes that the cipher wants: they come from our own tables.
inline CipherContext make_cipher_context(const char* openssl_name, ByteView key, ByteView iv,
                                         bool encrypt) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, openssl_name, nullptr);
  BH_ASSERT(cipher != nullptr);
  BH_ASSERT(static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)) == key.size());
  BH_ASSERT(static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher)) == iv.size());
  CipherContext context(EVP_CIPHER_CTX_new());
  BH_ASSERT(context != nullptr);
  BH_ASSERT(EVP_CipherInit_ex2(context.get(), cipher, key.data(), iv.data(), encrypt ? 1 : 0,
                               nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);  // SSH pads by itself
  EVP_CIPHER_free(cipher);
  return context;
}

// In place.
inline void cipher_update(EVP_CIPHER_CTX* context, MutableByteView bytes) {
  int written = 0;
  BH_ASSERT(EVP_CipherUpdate(context, bytes.data(), &written, bytes.data(),
                             static_cast<int>(bytes.size())) == 1);
  BH_ASSERT(static_cast<std::size_t>(written) == bytes.size());
}

}  // namespace bulkhead::ssh
