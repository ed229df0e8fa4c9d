#include "crypto/age.h"

#include <gtest/gtest.h>

#include "age_testing.h"
#include "crypto/age_format.h"

namespace bulkhead::crypto {
namespace {

class AgeTest : public testing::Test {
 protected:
  AgeTest()
      : identities_(one(AgeIdentity::generate(random_))), recipient_(identities_[0].recipient()) {}

  Bytes encrypt(ByteView plaintext) { return age_encrypt(plaintext, {recipient_}, random_); }
  ErrorCode error_of(ByteView file) {
    const AgeOpened opened = age_open(file, identities_);
    return opened.status ? ErrorCode::kInternal : opened.status.error().code;
  }

  // A file whose chunks are as the test says, with a header that verifies.
  struct Chunk {
    Bytes plaintext;
    bool last;
  };
  Bytes file_of(const std::vector<Chunk>& chunks) {
    const Bytes whole = encrypt({});
    const age::Header header = *age::parse_header(whole);
    const auto shared = identities_[0].pair().agree(header.stanzas[0].share);
    const auto wrap = age::wrap_key(*shared, header.stanzas[0].share, recipient_.key());
    const auto file_key = age::unwrap_file_key(wrap, header.stanzas[0].wrapped);
    Bytes file(whole.begin(), whole.begin() + header.size + age::kPayloadNonceSize);
    age::ChunkCipher cipher(*file_key, ByteView(file).last(age::kPayloadNonceSize), true);
    for (const Chunk& chunk : chunks) {
      Bytes sealed(chunk.plaintext.size() + age::kTagSize);
      cipher.seal(chunk.plaintext, chunk.last, sealed);
      file.insert(file.end(), sealed.begin(), sealed.end());
    }
    return file;
  }

  SeededRandom random_{20};
  std::vector<AgeIdentity> identities_;
  AgeRecipient recipient_;
};

TEST_F(AgeTest, OpensWhatItWrote) {
  for (const std::size_t size : kAgeSizes) {
    const Bytes plaintext = random_.bytes(size);
    const Bytes file = encrypt(plaintext);
    const AgeOpened opened = age_open(file, identities_);
    ASSERT_TRUE(opened.status) << size << ": " << opened.status.error().message;
    EXPECT_EQ(opened.plaintext, plaintext);
    // The specification's size: a tag a chunk, and one chunk for nothing.
    const std::size_t chunks = std::max<std::size_t>(1, (size + 65535) / 65536);
    EXPECT_EQ(file.size(), age::parse_header(file)->size + 16 + size + 16 * chunks);
  }
}

TEST_F(AgeTest, OpensForEachRecipient) {
  std::vector<AgeIdentity> people;
  std::vector<AgeRecipient> recipients;
  for (int i = 0; i < 20; ++i) {
    people.push_back(AgeIdentity::generate(random_));
    recipients.push_back(people.back().recipient());
  }
  const Bytes file = age_encrypt(as_bytes("for twenty"), recipients, random_);
  for (AgeIdentity& person : people) {
    const AgeOpened opened = age_open(file, one(std::move(person)));
    ASSERT_TRUE(opened.status);
    EXPECT_EQ(as_text(opened.plaintext), "for twenty");
  }
  EXPECT_EQ(error_of(file), ErrorCode::kNotAuthenticated);
}

TEST_F(AgeTest, OpensWithAnyOfSeveralIdentities) {
  const Bytes file = encrypt(as_bytes("x"));
  std::vector<AgeIdentity> several = one(AgeIdentity::generate(random_));
  EXPECT_EQ(age_open(file, several).status.error().code, ErrorCode::kNotAuthenticated);
  EXPECT_EQ(age_open(file, {}).status.error().code, ErrorCode::kNotAuthenticated);
  several.push_back(std::move(identities_[0]));
  EXPECT_TRUE(age_open(file, several).status);
}

TEST_F(AgeTest, WantsOneToTwentyRecipients) {
  const ByteSink sink = [](ByteView) -> Status { return {}; };
  EXPECT_FALSE(AgeEncryptor::start({}, random_, sink));
  const std::vector<AgeRecipient> many(21, recipient_);
  EXPECT_FALSE(AgeEncryptor::start(many, random_, sink));
  const auto refused = AgeEncryptor::start({AgeRecipient(X25519PublicKey{})}, random_, sink);
  ASSERT_FALSE(refused);  // a point of small order
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(AgeTest, NothingFollowsTheEnd) {
  auto encryptor =
      AgeEncryptor::start({recipient_}, random_, [](ByteView) -> Status { return {}; });
  ASSERT_TRUE(encryptor);
  EXPECT_TRUE(encryptor->finish());
  EXPECT_FALSE(encryptor->write(as_bytes("more")));
  EXPECT_FALSE(encryptor->finish());
}

TEST_F(AgeTest, ASinkThatFailsEndsIt) {
  int calls = 0;
  auto encryptor = AgeEncryptor::start({recipient_}, random_, [&](ByteView) -> Status {
    if (++calls > 2) return fail(ErrorCode::kNoSpace, "full");
    return {};
  });
  ASSERT_TRUE(encryptor);
  const Bytes plaintext = random_.bytes(70000);
  const Status status = encryptor->write(plaintext);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kNoSpace);
  EXPECT_FALSE(encryptor->finish());
  EXPECT_EQ(calls, 3);

  const Bytes file = encrypt(plaintext);
  const Status reading = age_decrypt(
      file, identities_, [](ByteView) -> Status { return fail(ErrorCode::kDisconnected, "gone"); });
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, ErrorCode::kDisconnected);
}

TEST_F(AgeTest, WithoutFinishItDoesNotOpen) {
  for (const std::size_t size : {0, 10, 65536, 65537, 131072}) {
    Bytes file;
    auto encryptor = AgeEncryptor::start({recipient_}, random_, [&](ByteView part) -> Status {
      file.insert(file.end(), part.begin(), part.end());
      return {};
    });
    ASSERT_TRUE(encryptor);
    ASSERT_TRUE(encryptor->write(random_.bytes(size)));
    EXPECT_EQ(error_of(file), ErrorCode::kMalformed) << size;
  }
}

TEST_F(AgeTest, EveryCutOfASmallFileIsRefused) {
  const Bytes file = encrypt(as_bytes("contents that are short"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    const AgeOpened opened = age_open(ByteView(file).first(size), identities_);
    ASSERT_FALSE(opened.status) << size;
    EXPECT_TRUE(opened.plaintext.empty());
  }
}

TEST_F(AgeTest, CutsAtAndAroundEveryBoundaryAreRefused) {
  const Bytes plaintext = random_.bytes(200000);
  const Bytes file = encrypt(plaintext);
  const std::size_t payload = age::parse_header(file)->size;
  std::vector<std::size_t> boundaries = {payload, payload + 16};
  for (std::size_t at = payload + 16; at < file.size(); at += 65552)
    boundaries.push_back(at);
  boundaries.push_back(file.size());
  for (const std::size_t boundary : boundaries) {
    for (std::size_t cut = boundary - 17; cut <= boundary + 17 && cut < file.size(); ++cut) {
      const AgeOpened opened = age_open(ByteView(file).first(cut), identities_);
      ASSERT_FALSE(opened.status) << cut;
      // What was handed on before is right, and of whole chunks.
      EXPECT_EQ(opened.plaintext.size() % 65536, 0u);
      EXPECT_TRUE(equal(opened.plaintext, ByteView(plaintext).first(opened.plaintext.size())));
    }
  }
  for (std::size_t at = payload + 16 + 65552; at < file.size(); at += 65552) {
    EXPECT_EQ(error_of(ByteView(file).first(at)), ErrorCode::kMalformed)
        << "a cut between two chunks is recognised";
  }
}

TEST_F(AgeTest, EveryFlippedBitIsRefused) {
  const Bytes file = encrypt(as_bytes("short"));
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes changed = file;
    flip_bit(changed, bit);
    const AgeOpened opened = age_open(changed, identities_);
    ASSERT_FALSE(opened.status) << bit;
    EXPECT_TRUE(opened.plaintext.empty());
  }
}

TEST_F(AgeTest, ChunksKeepTheirOrder) {
  const Bytes file = encrypt(random_.bytes(200000));
  const std::size_t chunks = age::parse_header(file)->size + 16;
  Bytes swapped = file;
  std::swap_ranges(swapped.begin() + chunks, swapped.begin() + chunks + 65552,
                   swapped.begin() + chunks + 65552);
  EXPECT_EQ(error_of(swapped), ErrorCode::kCorrupt);
  Bytes without_first = file;
  without_first.erase(without_first.begin() + chunks, without_first.begin() + chunks + 65552);
  EXPECT_EQ(error_of(without_first), ErrorCode::kCorrupt);
}

TEST_F(AgeTest, WhatFollowsTheLastChunkIsRefused) {
  for (const std::size_t size : {0, 5, 65536, 65537}) {
    const Bytes file = encrypt(random_.bytes(size));
    for (const std::size_t more : {1, 16, 17, 65552}) {
      Bytes longer = file;
      longer.resize(file.size() + more);
      EXPECT_FALSE(age_open(longer, identities_).status) << size << " and " << more;
    }
  }
}

TEST_F(AgeTest, ForgedChunkSequencesAreRefused) {
  const Bytes full(65536, 1);
  EXPECT_TRUE(age_open(file_of({{full, false}, {{2}, true}}), identities_)
                  .status);  // the forger can write a good one
  EXPECT_TRUE(age_open(file_of({{full, true}}), identities_).status);
  EXPECT_TRUE(age_open(file_of({{{}, true}}), identities_).status);

  EXPECT_EQ(error_of(file_of({{full, false}, {{}, true}})), ErrorCode::kMalformed)
      << "an empty last chunk";
  EXPECT_EQ(error_of(file_of({{full, false}})), ErrorCode::kMalformed) << "no last chunk";
  EXPECT_EQ(error_of(file_of({{{1, 2}, false}})), ErrorCode::kMalformed)
      << "no last chunk, a short one";
  EXPECT_EQ(error_of(file_of({{{}, false}})), ErrorCode::kMalformed)
      << "no last chunk, an empty one";
  EXPECT_EQ(error_of(file_of({{full, true}, {{2}, true}})), ErrorCode::kCorrupt)
      << "two last chunks";
  EXPECT_EQ(error_of(file_of({{full, true}, {{}, true}})), ErrorCode::kCorrupt)
      << "two last chunks, one empty";
  EXPECT_EQ(error_of(file_of({{{1}, false}, {full, true}})), ErrorCode::kCorrupt)
      << "a short chunk before the last";
  EXPECT_EQ(error_of(file_of({})), ErrorCode::kMalformed) << "no chunk";
}

}  // namespace
}  // namespace bulkhead::crypto
