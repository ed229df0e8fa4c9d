#include "crypto/digest.h"
#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

struct DigestVector {
  HashAlgorithm algorithm;
  std::string_view message;
  std::string_view digest;
};

// FIPS 180-4 examples (NIST CSRC "Examples with Intermediate Values"): "abc"; and of the empty
// message (NIST CAVP, SHA256ShortMsg, Len = 0).
constexpr DigestVector kDigests[] = {
    {HashAlgorithm::kSha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HashAlgorithm::kSha256, "abc",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HashAlgorithm::kSha256, "",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {HashAlgorithm::kSha384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c82"
     "5a7"},
    {HashAlgorithm::kSha512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd454d4423643ce80e"
     "2a9ac94fa54ca49f"},
};

TEST(Digest, AgreesWithFips180) {
  for (const DigestVector& vector : kDigests) {
    const ByteView message = as_bytes(vector.message);
    EXPECT_EQ(to_hex(digest(vector.algorithm, message)), vector.digest);
    EXPECT_EQ(digest_size(vector.algorithm) * 2, vector.digest.size());
    Hasher hasher(vector.algorithm);
    for (int round = 0; round < 2; ++round) {  // it starts anew after finish()
      for (const Byte& byte : message)
        hasher.update({&byte, 1});
      EXPECT_EQ(to_hex(hasher.finish()), vector.digest);
    }
    if (vector.algorithm == HashAlgorithm::kSha256) {
      EXPECT_EQ(to_hex(sha256(message)), vector.digest);
    }
  }
}

TEST(Digest, IsTheSameHoweverTheMessageComes) {
  SeededRandom random(1);
  const Bytes message = random.bytes(5000);
  Hasher hasher;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t count = std::min(random.below(200), message.size() - at);
    hasher.update(ByteView(message).subspan(at, count));
    at += count;
  }
  Hasher moved(std::move(hasher));
  EXPECT_EQ(moved.finish_sha256(), sha256(message));
}

struct HmacVector {
  Bytes key;
  Bytes message;
  std::string_view tag;
};

TEST(HmacSha256, AgreesWithRfc4231) {
  const HmacVector vectors[] = {
      // Sections 4.2 to 4.8
      {Bytes(20, 0x0b), to_bytes(as_bytes("Hi There")),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {to_bytes(as_bytes("Jefe")), to_bytes(as_bytes("what do ya want for nothing?")),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Bytes(20, 0x0c), to_bytes(as_bytes("Test With Truncation")),
       "a3b6167473100ee06e0c796c2955552b"},
      {Bytes(131, 0xaa),
       to_bytes(as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Bytes(131, 0xaa),
       to_bytes(as_bytes("This is a test using a larger than block-size key and a larger than "
                         "block-size data. The key "
                         "needs to be hashed before being used by the HMAC algorithm.")),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const HmacVector& vector : vectors) {
    const std::string tag = to_hex(hmac_sha256(vector.key, vector.message));
    EXPECT_EQ(tag.substr(0, vector.tag.size()), vector.tag);
  }
}

TEST(HmacSha256, IsTheSameWithAKeyThatIsKept) {
  HmacSha256 kept(as_bytes("key"));
  for (const std::string_view message : {"one", "", "another", "one"})
    EXPECT_EQ(kept.of(as_bytes(message)), hmac_sha256(as_bytes("key"), as_bytes(message)));
  HmacSha256 empty{ByteView()};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(empty.of(as_bytes("m")), hmac_sha256({}, as_bytes("m")));
}

// RFC 2104 pads a short key with zeros, so the empty key is the key of one zero byte.
TEST(HmacSha256, TakesAnEmptyKeyAndAnEmptyMessage) {
  const Bytes zero(1, 0);
  EXPECT_EQ(hmac_sha256({}, as_bytes("m")), hmac_sha256(zero, as_bytes("m")));
  EXPECT_EQ(hmac_sha256({}, {}), hmac_sha256(zero, {}));
}

struct HkdfVector {
  std::string_view key, salt, info, out;
};

// RFC 5869, appendices A.1 to A.3
constexpr HkdfVector kHkdf[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
     "f0f1f2f3f4f5f6f7f8f9",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2"
     "e2f303132333435363738"
     "393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8"
     "e8f909192939495969798"
     "999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcddd"
     "edfe0e1e2e3e4e5e6e7e8"
     "e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590"
     "e09da3275600c2f09b836"
     "7793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

TEST(HkdfSha256, AgreesWithRfc5869) {
  for (const HkdfVector& vector : kHkdf) {
    Bytes out(vector.out.size() / 2);
    hkdf_sha256(hex(vector.key), hex(vector.salt), hex(vector.info), out);
    EXPECT_EQ(to_hex(out), vector.out);
  }
}

TEST(HkdfSha256, MakesUpToItsLimitAndShorterOnesAreBeginnings) {
  const Bytes key(32, 1);
  Bytes longest(8160);
  hkdf_sha256(key, {}, as_bytes("use"), longest);
  ByteArray<7> shorter;
  hkdf_sha256(key, {}, as_bytes("use"), shorter);
  EXPECT_TRUE(equal(shorter, ByteView(longest).first(7)));
  ByteArray<7> other;
  hkdf_sha256(key, {}, as_bytes("another use"), other);
  EXPECT_NE(shorter, other);
  hkdf_sha256(key, {}, {}, {});
}

}  // namespace
}  // namespace bulkhead::crypto
