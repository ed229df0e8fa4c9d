#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

struct GcmVector {
  std::string_view key, nonce, associated, plaintext, ciphertext, tag;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13 to 16 (those
// that NIST SP 800-38D refers to for AES-256 with 96-bit nonces).
constexpr GcmVector kGcm[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b"
     "525b16aedf5aa0de657ba63"
     "7b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828"
     "838c5f61e6393ba7a0abcc9"
     "f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b"
     "525b16aedf5aa0de657ba63"
     "7b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828"
     "838c5f61e6393ba7a0abcc9"
     "f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(Aes256Gcm, AgreesWithThePublishedCases) {
  for (const GcmVector& vector : kGcm) {
    Aes256Gcm cipher(hex_secret<32>(vector.key));
    const auto nonce = hex_array<12>(vector.nonce);
    const Bytes associated = hex(vector.associated);
    const Bytes plaintext = hex(vector.plaintext);
    for (int round = 0; round < 2; ++round) {  // the schedule serves many messages
      Bytes ciphertext(plaintext.size());
      AeadTag tag;
      cipher.seal(nonce, associated, plaintext, ciphertext, tag);
      EXPECT_EQ(to_hex(ciphertext), vector.ciphertext);
      EXPECT_EQ(to_hex(tag), vector.tag);
      Bytes opened(ciphertext.size());
      ASSERT_TRUE(cipher.open(nonce, associated, ciphertext, tag, opened));
      EXPECT_EQ(opened, plaintext);
    }
  }
}

// Whatever single bit of nonce, associated data, ciphertext or tag is flipped: refused, wiped, and
// the next message opens all the same.
TEST(Aes256Gcm, RefusesAnyFlippedBit) {
  SeededRandom random(2);
  AeadKey key;
  random.fill(key.mutable_view());
  Aes256Gcm cipher(key);
  for (int round = 0; round < 300; ++round) {
    AeadNonce nonce = random.array<12>();
    Bytes associated = random.bytes(random.below(40));
    const Bytes plaintext = random.bytes(random.below(300));
    Bytes ciphertext(plaintext.size());
    AeadTag tag;
    cipher.seal(nonce, associated, plaintext, ciphertext, tag);

    const MutableByteView parts[] = {nonce, associated, ciphertext, tag};
    for (const MutableByteView part : parts) {
      if (part.empty()) continue;
      const std::size_t bit = random.below(part.size() * 8);
      flip_bit(part, bit);
      Bytes opened(plaintext.size(), 0x55);
      const Status status = cipher.open(nonce, associated, ciphertext, tag, opened);
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
      EXPECT_EQ(opened, Bytes(plaintext.size(), 0));
      flip_bit(part, bit);
    }
    Bytes opened(plaintext.size());
    ASSERT_TRUE(cipher.open(nonce, associated, ciphertext, tag, opened));
    ASSERT_EQ(opened, plaintext);
  }
}

TEST(Aes256Gcm, WorksInPlaceAndAfterItWasMoved) {
  SeededRandom random(3);
  AeadKey key;
  random.fill(key.mutable_view());
  Aes256Gcm first(key);
  Aes256Gcm cipher(std::move(first));
  const AeadNonce nonce = random.array<12>();
  for (const std::size_t size : {1, 15, 16, 17, 4096, 65536, 1000003}) {
    const Bytes plaintext = random.bytes(size);
    Bytes apart(size);
    AeadTag tag_apart, tag;
    cipher.seal(nonce, {}, plaintext, apart, tag_apart);
    Bytes memory = plaintext;
    cipher.seal(nonce, {}, memory, memory, tag);
    EXPECT_EQ(memory, apart);
    EXPECT_EQ(tag, tag_apart);
    ASSERT_TRUE(cipher.open(nonce, {}, memory, tag, memory));
    EXPECT_EQ(memory, plaintext);
  }
}

class BoxTest : public testing::Test {
 protected:
  BoxTest() { random_.fill(key_.mutable_view()); }

  SeededRandom random_{4};
  AeadKey key_;
};

TEST_F(BoxTest, OpensWithItsKeyAndItsPlace) {
  for (const std::string_view text : {"", "a", "made-up-name-of-a-file.txt"}) {
    const Bytes box = seal_box(key_, as_bytes("row 7"), as_bytes(text), random_);
    EXPECT_EQ(box.size(), text.size() + kBoxOverhead);
    const auto opened = open_box(key_, as_bytes("row 7"), box);
    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(opened->view()), text);
    EXPECT_FALSE(open_box(key_, as_bytes("row 8"), box));
    EXPECT_FALSE(open_box(key_, {}, box));
    AeadKey other;
    random_.fill(other.mutable_view());
    EXPECT_FALSE(open_box(other, as_bytes("row 7"), box));
  }
}

TEST_F(BoxTest, NeverLooksTheSameTwice) {
  EXPECT_NE(seal_box(key_, {}, as_bytes("same"), random_),
            seal_box(key_, {}, as_bytes("same"), random_));
}

TEST_F(BoxTest, RefusesEveryFlippedBitAndEveryCut) {
  const Bytes box = seal_box(key_, as_bytes("place"), as_bytes("sealed field"), random_);
  for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
    Bytes changed = box;
    flip_bit(changed, bit);
    const auto opened = open_box(key_, as_bytes("place"), changed);
    ASSERT_FALSE(opened) << "bit " << bit;
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  }
  for (std::size_t size = 0; size < box.size(); ++size) {
    EXPECT_FALSE(open_box(key_, as_bytes("place"), ByteView(box).first(size)));
    EXPECT_FALSE(open_box(key_, as_bytes("place"), ByteView(box).last(size)));
  }
  Bytes longer = box;
  longer.push_back(0);
  EXPECT_FALSE(open_box(key_, as_bytes("place"), longer));
}

}  // namespace
}  // namespace bulkhead::crypto
