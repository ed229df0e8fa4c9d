#include "crypto/rsa_oaep.h"

#include <openssl/rsa.h>

#include "crypto/rsa_library.h"

namespace bulkhead::crypto {

Result<Bytes> rsa_oaep_encrypt(ByteView modulus, ByteView exponent, HashAlgorithm hash,
                               ByteView message) {
  algorithms();
  const PkeyPtr key = rsa_public_key(modulus, exponent);
  if (!key) {
    forget_errors();
    return fail(ErrorCode::kUnsupported, "the RSA key has less than 2048 bits, or is none");
  }
  const char* const name = digest_name(hash);
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_encrypt_init(context.get()) == 1 &&
            EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), name, nullptr) == 1 &&
            EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(), name, nullptr) == 1);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  if (EVP_PKEY_encrypt(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    forget_errors();
    return fail(ErrorCode::kUnsupported, "the message is too long for the RSA key");
  }
  out.resize(size);
  return out;
}

}  // namespace bulkhead::crypto
