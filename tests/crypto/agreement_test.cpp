// Agreement on NIST's curves and in the groups of RFC 3526.
#include <gtest/gtest.h>

#include "crypto/diffie_hellman.h"
#include "crypto/ecdh.h"
#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

TEST(Ecdh, BothSidesComeToTheSame) {
  for (const EcCurve curve : {EcCurve::kP256, EcCurve::kP384, EcCurve::kP521}) {
    const auto a = EcdhKeyPair::generate(curve);
    const auto b = EcdhKeyPair::generate(curve);
    const auto ab = a.agree(b.public_key());
    const auto ba = b.agree(a.public_key());
    ASSERT_TRUE(ab && ba);
    EXPECT_TRUE(equal(ab->view(), ba->view()));
    EXPECT_EQ(ab->size(), (a.public_key().size() - 1) / 2);
  }
}

TEST(Ecdh, WhatIsNoPointIsRefused) {
  const auto pair = EcdhKeyPair::generate(EcCurve::kP256);
  const Bytes good = EcdhKeyPair::generate(EcCurve::kP256).public_key();
  ASSERT_TRUE(pair.agree(good));
  Bytes bad = good;
  flip_bit(bad, 8 * bad.size() - 1);
  EXPECT_FALSE(pair.agree(bad)) << "not on the curve";
  bad = good;
  bad[0] = 2;
  EXPECT_FALSE(pair.agree(ByteView(bad).first(33))) << "compressed";
  EXPECT_FALSE(pair.agree(ByteView(good).first(64)));
  EXPECT_FALSE(pair.agree({}));
  EXPECT_FALSE(pair.agree(Bytes{0})) << "the point at infinity";
  Bytes zero(65);
  zero[0] = 4;
  EXPECT_FALSE(pair.agree(zero));
  EXPECT_FALSE(pair.agree(EcdhKeyPair::generate(EcCurve::kP384).public_key()));
}

TEST(DiffieHellman, ThePrimesHaveTheirSizes) {
  const std::pair<DhGroup, std::size_t> kGroups[] = {{DhGroup::k2048, 2048},
                                                     {DhGroup::k3072, 3072},
                                                     {DhGroup::k4096, 4096},
                                                     {DhGroup::k6144, 6144},
                                                     {DhGroup::k8192, 8192}};
  for (const auto& [group, bits] : kGroups) {
    const Bytes& prime = dh_prime(group);
    EXPECT_EQ(8 * prime.size(), bits);
    // All of them start and end with 64 one bits (RFC 3526 section 1).
    EXPECT_EQ(to_hex(ByteView(prime).first(12)), "ffffffffffffffffc90fdaa2");
    EXPECT_EQ(to_hex(ByteView(prime).last(8)), "ffffffffffffffff");
  }
}

TEST(DiffieHellman, BothSidesComeToTheSame) {
  for (const DhGroup group : {DhGroup::k2048, DhGroup::k4096, DhGroup::k8192}) {
    const auto a = DhKeyPair::generate(group);
    const auto b = DhKeyPair::generate(group);
    const auto ab = a.agree(b.public_key());
    const auto ba = b.agree(a.public_key());
    ASSERT_TRUE(ab && ba);
    EXPECT_TRUE(equal(ab->view(), ba->view()));
    EXPECT_EQ(ab->size(), dh_prime(group).size());
  }
}

TEST(DiffieHellman, OutOfRangeIsRefused) {
  const auto pair = DhKeyPair::generate(DhGroup::k2048);
  const Bytes& prime = dh_prime(DhGroup::k2048);
  Bytes less_one = prime;
  less_one.back() -= 1;
  Bytes less_two = prime;
  less_two.back() -= 2;
  Bytes longer = prime;
  longer.insert(longer.begin(), 1);
  EXPECT_FALSE(pair.agree({}));
  EXPECT_FALSE(pair.agree(Bytes{0}));
  EXPECT_FALSE(pair.agree(Bytes{1}));
  EXPECT_TRUE(pair.agree(Bytes{2}));
  EXPECT_TRUE(pair.agree(less_two));
  EXPECT_FALSE(pair.agree(less_one));
  EXPECT_FALSE(pair.agree(prime));
  EXPECT_FALSE(pair.agree(longer));
}

}  // namespace
}  // namespace bulkhead::crypto
