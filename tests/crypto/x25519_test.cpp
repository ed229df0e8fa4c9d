#include "crypto/x25519.h"

#include <gtest/gtest.h>

#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

std::string agreed(const X25519KeyPair& pair, const X25519PublicKey& theirs) {
  const auto shared = pair.agree(theirs);
  return shared ? to_hex(shared->view()) : "nothing";
}

// RFC 7748 section 5.2
TEST(X25519, AgreesWithRfc7748) {
  const auto first = X25519KeyPair::from_private(
      hex_secret<32>("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
  EXPECT_EQ(agreed(first, hex_array<32>(
                              "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  const auto second = X25519KeyPair::from_private(
      hex_secret<32>("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"));
  EXPECT_EQ(agreed(second, hex_array<32>(
                               "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

// RFC 7748 section 5.2, "1,000 iterations"
TEST(X25519, AgreesWithRfc7748Iterated) {
  ByteArray<32> k{9};
  ByteArray<32> u{9};
  for (int i = 0; i < 1000; ++i) {
    const auto shared = X25519KeyPair::from_private(Secret<32>(k)).agree(u);
    ASSERT_TRUE(shared);
    u = k;
    std::ranges::copy(shared->view(), k.begin());
  }
  EXPECT_EQ(to_hex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

// RFC 7748 section 6.1
TEST(X25519, AgreesWithRfc7748DiffieHellman) {
  const auto alice = X25519KeyPair::from_private(
      hex_secret<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const auto bob = X25519KeyPair::from_private(
      hex_secret<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(to_hex(alice.public_key),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(to_hex(bob.public_key),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  EXPECT_EQ(agreed(alice, bob.public_key),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  EXPECT_EQ(agreed(bob, alice.public_key), agreed(alice, bob.public_key));
}

// u = 0, 1 and p - 1, and p and p + 1, which are 0 and 1 written in a second way: points of small
// order.
TEST(X25519, RefusesPointsOfSmallOrder) {
  const auto pair = X25519KeyPair::generate(system_random());
  for (const std::string_view point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    EXPECT_EQ(agreed(pair, hex_array<32>(point)), "nothing") << point;
  }
}

TEST(X25519, GeneratesPairsThatAgree) {
  const auto mine = X25519KeyPair::generate(system_random());
  const auto yours = X25519KeyPair::generate(system_random());
  EXPECT_NE(mine.public_key, yours.public_key);
  EXPECT_NE(agreed(mine, yours.public_key), "nothing");
  EXPECT_EQ(agreed(mine, yours.public_key), agreed(yours, mine.public_key));
}

}  // namespace
}  // namespace bulkhead::crypto
