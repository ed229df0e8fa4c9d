#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

struct Ed25519Vector {
  std::string_view seed, public_key, message, signature;
};

// RFC 8032 section 7.1, tests 1 to 3
constexpr Ed25519Vector kEd25519[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655"
     "141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00"
     "d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc02"
     "7beceea1ec40a"},
};

TEST(Ed25519, AgreesWithRfc8032) {
  for (const Ed25519Vector& vector : kEd25519) {
    const auto pair = Ed25519KeyPair::from_seed(hex_secret<32>(vector.seed));
    EXPECT_EQ(to_hex(pair.public_key), vector.public_key);
    const Bytes message = hex(vector.message);
    EXPECT_EQ(to_hex(pair.sign(message)), vector.signature);
    EXPECT_TRUE(verify_ed25519(pair.public_key, message, hex(vector.signature)));
  }
}

TEST(Ed25519, RefusesEveryFlippedBitAndOtherSizes) {
  SeededRandom random(10);
  const auto pair = Ed25519KeyPair::generate(random);
  Bytes message = random.bytes(20);
  const auto signature = pair.sign(message);
  Bytes changed = to_bytes(signature);
  for (std::size_t bit = 0; bit < changed.size() * 8; ++bit) {
    flip_bit(changed, bit);
    EXPECT_FALSE(verify_ed25519(pair.public_key, message, changed)) << bit;
    flip_bit(changed, bit);
  }
  Ed25519PublicKey key = pair.public_key;
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    flip_bit(key, bit);
    EXPECT_FALSE(verify_ed25519(key, message, signature)) << bit;
    flip_bit(key, bit);
  }
  for (std::size_t size = 0; size < 64; ++size) {
    EXPECT_FALSE(verify_ed25519(key, message, ByteView(signature).first(size)));
  }
  changed.push_back(0);
  EXPECT_FALSE(verify_ed25519(key, message, changed));
  flip_bit(message, 3);
  EXPECT_FALSE(verify_ed25519(key, message, signature));
}

// RFC 8032 section 5.1.7: S is less than the group's order L, or one signature could be written in
// two ways.
TEST(Ed25519, RefusesTheSecondFormOfASignature) {
  SeededRandom random(11);
  const auto pair = Ed25519KeyPair::generate(random);
  Ed25519Signature signature = pair.sign(as_bytes("message"));
  const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = static_cast<Byte>(carry);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0u);
  EXPECT_FALSE(verify_ed25519(pair.public_key, as_bytes("message"), signature));
}

}  // namespace
}  // namespace bulkhead::crypto
