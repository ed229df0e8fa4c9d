#include "journal/checkpoint.h"

#include <gtest/gtest.h>

namespace bulkhead::journal {
namespace {

const std::string kOrigin = "example.org/bulkhead/test";

crypto::Ed25519KeyPair test_key(Byte seed = 7) {
  ByteArray<32> bytes;
  bytes.fill(seed);
  return crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>(bytes));
}

TreeHead some_head() {
  return {1287, leaf_hash(as_bytes("x"))};
}

TEST(Checkpoint, SignedReadBackAndVerified) {
  const auto key = test_key();
  const std::string note = sign_checkpoint(kOrigin, some_head(), key);
  EXPECT_EQ(note.substr(0, kOrigin.size() + 6), kOrigin + "\n1287\n");
  const auto parsed = parse_checkpoint(note);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->head, some_head());
  EXPECT_EQ(parsed->origin, kOrigin);
  ASSERT_EQ(parsed->signatures.size(), 1u);
  EXPECT_TRUE(verify_checkpoint(*parsed, {kOrigin, key.public_key}));
  EXPECT_FALSE(verify_checkpoint(*parsed, {kOrigin, test_key(8).public_key}));
  EXPECT_FALSE(verify_checkpoint(*parsed, {"example.org/other", key.public_key}));
}

TEST(Checkpoint, EveryFlippedBitIsRefused) {
  const auto key = test_key();
  const std::string note = sign_checkpoint(kOrigin, some_head(), key);
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto parsed = parse_checkpoint(changed);
      EXPECT_FALSE(parsed && verify_checkpoint(*parsed, {kOrigin, key.public_key}))
          << i << ":" << bit;
    }
  }
}

TEST(Checkpoint, SignaturesOfWitnessesAreKeptAside) {
  const auto key = test_key();
  std::string note = sign_checkpoint(kOrigin, some_head(), key);
  const std::string other = sign_checkpoint("witness.example", some_head(), test_key(9));
  note += other.substr(other.find("\n\n") + 2);
  const auto parsed = parse_checkpoint(note);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->signatures.size(), 2u);
  EXPECT_TRUE(verify_checkpoint(*parsed, {kOrigin, key.public_key}));
}

TEST(Checkpoint, MalformedNotesAreNamed) {
  const std::string good = sign_checkpoint(kOrigin, some_head(), test_key());
  for (const std::string& bad :
       {std::string(), std::string("a\n1\n"), "a b" + good,
        "x\n01287" + good.substr(good.find('\n') + 5), good.substr(0, good.size() - 1),
        good.substr(0, good.find("\n\n") + 2), std::string(20000, 'a')}) {
    const auto parsed = parse_checkpoint(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::kMalformed);
  }
}

// A verifier key published in the documentation of Go's golang.org/x/mod/sumdb/note: name, key id
// and key fit.
TEST(Checkpoint, KeyIdsAreThoseOfOtherTools) {
  const std::string text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const auto key = parse_verifier_key(text);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->origin, "PeterNeumann");
  EXPECT_EQ(verifier_key(*key), text);
  EXPECT_FALSE(
      parse_verifier_key("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
  EXPECT_FALSE(parse_verifier_key("PeterNeumann+c74f20a3"));
}

}  // namespace
}  // namespace bulkhead::journal
