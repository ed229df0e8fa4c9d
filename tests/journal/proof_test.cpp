#include "journal/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::journal {
namespace {

using ::testing::HasSubstr;

const std::string kOrigin = "example.org/bulkhead/test";

std::string entry_of(std::uint64_t index) {
  return "entry " + std::to_string(index);
}

crypto::Ed25519KeyPair key_pair() {
  ByteArray<32> seed;
  seed.fill(5);
  return crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>(seed));
}

TEST(ProofCollector, FindsWhatTheWholeTreeInMemoryFinds) {
  SubtreeTable table;
  for (std::uint64_t size = 1; size <= 40; ++size) {
    table.append(leaf_hash(as_bytes(entry_of(size - 1))));
    for (std::uint64_t i = 0; i < size; ++i) {
      ProofCollector collector;
      collector.want_inclusion(i, size);
      collector.want_consistency(i + 1, size);
      for (std::uint64_t leaf = 0; leaf < size + 3; ++leaf)  // more than wanted does no harm
        collector.append(leaf_hash(as_bytes(entry_of(leaf))));
      EXPECT_EQ(collector.inclusion(i, size), inclusion_proof(i, size, table.reader()));
      EXPECT_EQ(collector.consistency(i + 1, size), consistency_proof(i + 1, size, table.reader()));
    }
  }
}

InclusionProof proof_of(std::uint64_t index, std::uint64_t size) {
  ProofCollector collector;
  collector.want_inclusion(index, size);
  Frontier frontier;
  for (std::uint64_t i = 0; i < size; ++i) {
    const Hash leaf = leaf_hash(as_bytes(entry_of(i)));
    collector.append(leaf);
    frontier.append(leaf);
  }
  return {index, to_bytes(as_bytes(entry_of(index))), collector.inclusion(index, size),
          sign_checkpoint(kOrigin, frontier.head(), key_pair())};
}

TEST(InclusionProof, GoesThroughItsText) {
  for (const std::uint64_t size : {1u, 2u, 7u, 100u}) {
    const InclusionProof proof = proof_of(size - 1, size);
    const auto parsed = parse_inclusion_proof(encode(proof));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->index, proof.index);
    EXPECT_EQ(parsed->entry, proof.entry);
    EXPECT_EQ(parsed->path, proof.path);
    EXPECT_EQ(parsed->note, proof.note);
    const auto checkpoint = check_inclusion_proof(*parsed);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    EXPECT_TRUE(verify_checkpoint(*checkpoint, {kOrigin, key_pair().public_key}));
  }
}

TEST(InclusionProof, ReadsAsTheSpecificationSays) {
  const std::string text = encode(proof_of(1, 2));
  EXPECT_THAT(text, ::testing::StartsWith("c2sp.org/tlog-proof@v1\nextra ZW50cnkgMQ==\nindex 1\n"));
  EXPECT_THAT(text, HasSubstr("=\n\n" + kOrigin + "\n2\n"));
}

TEST(InclusionProof, AnyChangedByteIsNoticed) {
  const std::string good = encode(proof_of(3, 6));
  const CheckpointKey key{kOrigin, key_pair().public_key};
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const auto parsed = parse_inclusion_proof(bad);
    if (!parsed) continue;
    const auto checkpoint = check_inclusion_proof(*parsed);
    // Base64 has unused bits in its last character: those say nothing.
    if (checkpoint && verify_checkpoint(*checkpoint, key)) {
      EXPECT_EQ(parsed->entry, to_bytes(as_bytes(entry_of(3))));
      EXPECT_EQ(parsed->index, 3u);
    }
  }
}

TEST(InclusionProof, MalformedOnesAreErrors) {
  const std::string good = encode(proof_of(3, 6));
  for (std::size_t end = 0; end < good.find(kOrigin); ++end)
    EXPECT_FALSE(parse_inclusion_proof(good.substr(0, end))) << end;
  std::string many = good.substr(0, good.find("\n\n") + 1);
  for (int i = 0; i < 64; ++i)
    many += to_base64(Bytes(32)) + "\n";
  EXPECT_FALSE(parse_inclusion_proof(many + "\n" + good));
  EXPECT_FALSE(parse_inclusion_proof(std::string(300'000, 'x')));
}

TEST(AddCheckpoint, ReadsAsTlogWitnessSays) {
  ProofCollector collector;
  collector.want_consistency(2, 3);
  Frontier frontier;
  for (std::uint64_t i = 0; i < 3; ++i) {
    collector.append(leaf_hash(as_bytes(entry_of(i))));
    frontier.append(leaf_hash(as_bytes(entry_of(i))));
  }
  const std::string note = sign_checkpoint(kOrigin, frontier.head(), key_pair());
  const std::string body = add_checkpoint_request(2, collector.consistency(2, 3), note);
  EXPECT_EQ(body, "old 2\n" + to_base64(leaf_hash(as_bytes("entry 2"))) + "\n\n" + note);
  EXPECT_EQ(add_checkpoint_request(0, {}, note), "old 0\n\n" + note);
}

}  // namespace
}  // namespace bulkhead::journal
