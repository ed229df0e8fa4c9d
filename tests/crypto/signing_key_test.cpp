#include "crypto/signing_key.h"

#include <gtest/gtest.h>

#include "crypto/signature.h"

namespace bulkhead::crypto {
namespace {

class SigningKeyTest : public testing::TestWithParam<SigningKeyKind> {
 protected:
  static bool verifies(const SigningKey& key, HashAlgorithm hash, ByteView message,
                       ByteView signature) {
    switch (key.kind()) {
      case SigningKeyKind::kEd25519: {
        Ed25519PublicKey point;
        std::ranges::copy(key.public_point(), point.begin());
        return verify_ed25519(point, message, signature);
      }
      case SigningKeyKind::kEcdsaP256:
        return signature.size() == 64 &&
               verify_ecdsa(EcCurve::kP256, key.public_point(), hash, message, signature.first(32),
                            signature.subspan(32));
      case SigningKeyKind::kRsa3072:
        return signature.size() == 384 &&
               verify_rsa_pkcs1(key.rsa_modulus(), key.rsa_exponent(), hash, message, signature);
    }
    return false;
  }
};

TEST_P(SigningKeyTest, WhatItSignsVerifiesAlsoAfterItWasKept) {
  const SigningKey made = SigningKey::generate(GetParam());
  const auto kept = SigningKey::from_private(GetParam(), made.private_bytes().view());
  ASSERT_TRUE(kept) << kept.error().message;
  for (const HashAlgorithm hash :
       {HashAlgorithm::kSha1, HashAlgorithm::kSha256, HashAlgorithm::kSha512}) {
    for (int i = 0; i < 4; ++i) {
      const Bytes message(static_cast<std::size_t>(20 + i), static_cast<Byte>(i));
      const Bytes signature = kept->sign(hash, message);
      EXPECT_TRUE(verifies(made, hash, message, signature));
      EXPECT_FALSE(verifies(made, hash, as_bytes("another"), signature));
      EXPECT_FALSE(
          verifies(SigningKey::generate(SigningKeyKind::kEd25519), hash, message, signature));
    }
  }
}

TEST_P(SigningKeyTest, WhatIsNotWholeIsNoKey) {
  const SecretBytes bytes = SigningKey::generate(GetParam()).private_bytes();
  EXPECT_FALSE(SigningKey::from_private(GetParam(), {}));
  EXPECT_FALSE(SigningKey::from_private(GetParam(), bytes.view().first(bytes.size() - 1)));
  Bytes longer = to_bytes(bytes.view());
  longer.push_back(0);
  EXPECT_FALSE(SigningKey::from_private(GetParam(), longer));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SigningKeyTest,
                         testing::Values(SigningKeyKind::kEd25519, SigningKeyKind::kEcdsaP256,
                                         SigningKeyKind::kRsa3072));

}  // namespace
}  // namespace bulkhead::crypto
