// With keys made here; what must be refused is made with them, too.
#include "crypto/signature.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/library.h"
#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

const EVP_MD* md(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha1:
      return EVP_sha1();
    case HashAlgorithm::kSha256:
      return EVP_sha256();
    case HashAlgorithm::kSha384:
      return EVP_sha384();
    case HashAlgorithm::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

class RsaKey {
 public:
  explicit RsaKey(unsigned bits) : key_(EVP_RSA_gen(bits)) { BH_ASSERT(key_ != nullptr); }

  Bytes part(const char* name) const {
    BIGNUM* number = nullptr;
    BH_ASSERT(EVP_PKEY_get_bn_param(key_.get(), name, &number) == 1);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    BN_free(number);
    return bytes;
  }
  Bytes modulus() const { return part(OSSL_PKEY_PARAM_RSA_N); }
  Bytes exponent() const { return part(OSSL_PKEY_PARAM_RSA_E); }

  Bytes sign(HashAlgorithm hash, ByteView message, int padding = RSA_PKCS1_PADDING) const {
    const MdContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    BH_ASSERT(EVP_DigestSignInit(context.get(), &options, md(hash), nullptr, key_.get()) == 1);
    BH_ASSERT(EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1);
    std::size_t size = 0;
    BH_ASSERT(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
    Bytes signature(size);
    BH_ASSERT(EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                             message.size()) == 1);
    return signature;
  }

  // The private operation on a block that the caller padded himself.
  Bytes sign_raw(ByteView block) const {
    const PkeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    BH_ASSERT(EVP_PKEY_sign_init(context.get()) == 1);
    BH_ASSERT(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1);
    Bytes signature(block.size());
    std::size_t size = signature.size();
    BH_ASSERT(EVP_PKEY_sign(context.get(), signature.data(), &size, block.data(), block.size()) ==
              1);
    return signature;
  }

 private:
  PkeyPtr key_;
};

const RsaKey& rsa_key() {
  static const RsaKey key(2048);
  return key;
}

bool verify_with(const RsaKey& key, HashAlgorithm hash, std::string_view message,
                 ByteView signature) {
  return verify_rsa_pkcs1(key.modulus(), key.exponent(), hash, as_bytes(message), signature);
}

TEST(Rsa, VerifiesWithEachHashAndNoOther) {
  constexpr HashAlgorithm kAll[] = {HashAlgorithm::kSha1, HashAlgorithm::kSha256,
                                    HashAlgorithm::kSha384, HashAlgorithm::kSha512};
  for (HashAlgorithm signed_with : kAll) {
    const Bytes signature = rsa_key().sign(signed_with, as_bytes("message"));
    for (HashAlgorithm verified_with : kAll) {
      EXPECT_EQ(verify_with(rsa_key(), verified_with, "message", signature),
                signed_with == verified_with);
    }
    EXPECT_FALSE(verify_with(rsa_key(), signed_with, "massage", signature));
  }
}

TEST(Rsa, RefusesFlippedBitsOfSignatureAndKey) {
  SeededRandom random(12);
  Bytes signature = rsa_key().sign(HashAlgorithm::kSha256, as_bytes("m"));
  Bytes modulus = rsa_key().modulus();
  const Bytes exponent = rsa_key().exponent();
  for (int round = 0; round < 200; ++round) {
    const MutableByteView part =
        round % 2 == 0 ? MutableByteView(signature) : MutableByteView(modulus);
    const std::size_t bit = random.below(part.size() * 8);
    flip_bit(part, bit);
    EXPECT_FALSE(
        verify_rsa_pkcs1(modulus, exponent, HashAlgorithm::kSha256, as_bytes("m"), signature))
        << bit;
    flip_bit(part, bit);
  }
  EXPECT_TRUE(
      verify_rsa_pkcs1(modulus, exponent, HashAlgorithm::kSha256, as_bytes("m"), signature));
}

// RFC 4253 section 6.6: the signature is an integer "without lengths or padding".
TEST(Rsa, TakesASignatureWithoutItsLeadingZeros) {
  for (int i = 0; i < 5000; ++i) {
    const std::string message = std::to_string(i);
    const Bytes signature = rsa_key().sign(HashAlgorithm::kSha256, as_bytes(message));
    if (signature[0] != 0) continue;
    EXPECT_TRUE(verify_with(rsa_key(), HashAlgorithm::kSha256, message, signature));
    EXPECT_TRUE(
        verify_with(rsa_key(), HashAlgorithm::kSha256, message, ByteView(signature).subspan(1)));
    EXPECT_FALSE(
        verify_with(rsa_key(), HashAlgorithm::kSha256, message, ByteView(signature).subspan(2)));
    return;
  }
  FAIL() << "one signature in 256 starts with a zero byte";
}

TEST(Rsa, RefusesOtherSizes) {
  Bytes signature = rsa_key().sign(HashAlgorithm::kSha256, as_bytes("m"));
  EXPECT_FALSE(verify_with(rsa_key(), HashAlgorithm::kSha256, "m", {}));
  EXPECT_FALSE(verify_with(rsa_key(), HashAlgorithm::kSha256, "m", ByteView(signature).first(255)));
  signature.insert(signature.begin(), 0);
  EXPECT_FALSE(verify_with(rsa_key(), HashAlgorithm::kSha256, "m", signature));
}

TEST(Rsa, RefusesOtherPaddings) {
  EXPECT_FALSE(
      verify_with(rsa_key(), HashAlgorithm::kSha256, "m",
                  rsa_key().sign(HashAlgorithm::kSha256, as_bytes("m"), RSA_PKCS1_PSS_PADDING)));
  // RFC 8017 section 9.2: DigestInfo of SHA-256, then the hash, at the end of the block. What
  // Bleichenbacher's forgery needs is a verifier that lets something follow.
  const Bytes prefix = hex("3031300d060960864801650304020105000420");
  const Sha256 hash = sha256(as_bytes("m"));
  const auto block_with = [&](std::size_t after) {
    Bytes block = {0, 1};
    block.resize(256 - after - hash.size() - prefix.size() - 1, 0xff);
    block.push_back(0);
    block.insert(block.end(), prefix.begin(), prefix.end());
    block.insert(block.end(), hash.begin(), hash.end());
    block.resize(256, 0x11);
    return block;
  };
  EXPECT_TRUE(
      verify_with(rsa_key(), HashAlgorithm::kSha256, "m", rsa_key().sign_raw(block_with(0))));
  EXPECT_FALSE(
      verify_with(rsa_key(), HashAlgorithm::kSha256, "m", rsa_key().sign_raw(block_with(1))));
  EXPECT_FALSE(
      verify_with(rsa_key(), HashAlgorithm::kSha256, "m", rsa_key().sign_raw(block_with(190))));
  Bytes encryption_block = block_with(0);
  encryption_block[1] = 2;
  EXPECT_FALSE(
      verify_with(rsa_key(), HashAlgorithm::kSha256, "m", rsa_key().sign_raw(encryption_block)));
}

TEST(Rsa, RefusesKeysThatAreTooSmallOrNone) {
  const RsaKey small(1024);
  EXPECT_FALSE(verify_with(small, HashAlgorithm::kSha256, "m",
                           small.sign(HashAlgorithm::kSha256, as_bytes("m"))));

  const Bytes modulus = rsa_key().modulus();
  const Bytes exponent = rsa_key().exponent();
  // With the exponent 1 everybody can sign: the signature is the padded block itself.
  const Bytes signature = rsa_key().sign(HashAlgorithm::kSha256, as_bytes("m"));
  const auto refused = [&](const Bytes& n, const Bytes& e) {
    return !verify_rsa_pkcs1(n, e, HashAlgorithm::kSha256, as_bytes("m"), signature);
  };
  Bytes even = modulus;
  even.back() &= 0xfe;
  EXPECT_TRUE(refused(even, exponent));
  EXPECT_TRUE(refused(modulus, {}));
  EXPECT_TRUE(refused(modulus, {0}));
  EXPECT_TRUE(refused(modulus, {1}));
  EXPECT_TRUE(refused(modulus, {2}));
  EXPECT_TRUE(refused(modulus, modulus));
  EXPECT_TRUE(refused({}, exponent));
  EXPECT_TRUE(refused(Bytes(256, 0), exponent));
  EXPECT_TRUE(refused(Bytes(2049, 0xff), exponent));
  EXPECT_TRUE(refused(Bytes(1 << 20, 0xff), exponent));

  Bytes padded_modulus = modulus;  // as SSH's mpint has it
  padded_modulus.insert(padded_modulus.begin(), 0);
  EXPECT_FALSE(refused(padded_modulus, exponent));
}

TEST(Rsa, WithExponentOneNobodyCanForge) {
  Bytes block = {0, 1};
  const Bytes prefix = hex("3031300d060960864801650304020105000420");
  const Sha256 hash = sha256(as_bytes("m"));
  block.resize(256 - hash.size() - prefix.size() - 1, 0xff);
  block.push_back(0);
  block.insert(block.end(), prefix.begin(), prefix.end());
  block.insert(block.end(), hash.begin(), hash.end());
  EXPECT_FALSE(verify_rsa_pkcs1(rsa_key().modulus(), Bytes{1}, HashAlgorithm::kSha256,
                                as_bytes("m"), block));
}

}  // namespace
}  // namespace bulkhead::crypto
