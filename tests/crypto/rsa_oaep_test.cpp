#include "crypto/rsa_oaep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <memory>

#include "crypto/library.h"

namespace bulkhead::crypto {
namespace {

// The private half, as a token would have it: libcrypto's own decryption is the other side.
class RsaKey {
 public:
  explicit RsaKey(unsigned bits) : key_(EVP_RSA_gen(bits)) { BH_ASSERT(key_ != nullptr); }
  Bytes number(const char* name) const {
    BIGNUM* value = nullptr;
    BH_ASSERT(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value)));
    BN_bn2bin(value, bytes.data());
    BN_free(value);
    return bytes;
  }
  Bytes modulus() const { return number(OSSL_PKEY_PARAM_RSA_N); }
  Bytes exponent() const { return number(OSSL_PKEY_PARAM_RSA_E); }
  // Empty: it does not open.
  Bytes decrypt(const char* hash, ByteView box) const {
    const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    BH_ASSERT(EVP_PKEY_decrypt_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), hash, nullptr) == 1 &&
              EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(), hash, nullptr) == 1);
    Bytes out(box.size());
    std::size_t size = out.size();
    if (EVP_PKEY_decrypt(context.get(), out.data(), &size, box.data(), box.size()) != 1) return {};
    out.resize(size);
    return out;
  }

 private:
  PkeyPtr key_;
};

TEST(RsaOaep, OpensWithThePrivateKeyAndTheSameHashOnly) {
  const RsaKey key(2048);
  const Bytes message(32, Byte{0x42});
  const auto seal = [&](HashAlgorithm hash) {
    return rsa_oaep_encrypt(key.modulus(), key.exponent(), hash, message).value();
  };
  EXPECT_EQ(key.decrypt("SHA256", seal(HashAlgorithm::kSha256)), message);
  EXPECT_EQ(key.decrypt("SHA1", seal(HashAlgorithm::kSha1)), message);
  EXPECT_TRUE(key.decrypt("SHA1", seal(HashAlgorithm::kSha256)).empty());
  EXPECT_TRUE(RsaKey(2048).decrypt("SHA256", seal(HashAlgorithm::kSha256)).empty());
  EXPECT_NE(seal(HashAlgorithm::kSha256), seal(HashAlgorithm::kSha256)) << "each is another one";
  EXPECT_EQ(seal(HashAlgorithm::kSha256).size(), 256u);
}

TEST(RsaOaep, KeysThatAreShortOrNoneAndLongMessagesAreRefused) {
  const RsaKey key(2048);
  const RsaKey brief(1024);
  const Bytes message(32);
  const auto refused = [](ByteView modulus, ByteView exponent, ByteView text) {
    const auto made = rsa_oaep_encrypt(modulus, exponent, HashAlgorithm::kSha256, text);
    return !made && made.error().code == ErrorCode::kUnsupported;
  };
  EXPECT_TRUE(refused(brief.modulus(), brief.exponent(), message));
  EXPECT_TRUE(refused({}, key.exponent(), message));
  EXPECT_TRUE(refused(key.modulus(), {}, message));
  EXPECT_TRUE(refused(key.modulus(), Bytes{1}, message));
  EXPECT_FALSE(refused(key.modulus(), key.exponent(), Bytes(256 - 2 * 32 - 2)));
  EXPECT_TRUE(refused(key.modulus(), key.exponent(), Bytes(256 - 2 * 32 - 1)));
}

}  // namespace
}  // namespace bulkhead::crypto
