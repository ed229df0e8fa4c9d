#include "journal/checkpoint_copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/verify.h"
#include "support/simulated_disk.h"

namespace bulkhead::journal {
namespace {

using test::PowerCut;
using test::SimulatedDisk;
using ::testing::HasSubstr;

const std::string kOrigin = "example.org/bulkhead/test";

crypto::Ed25519KeyPair key_pair(Byte seed) {
  ByteArray<32> bytes;
  bytes.fill(seed);
  return crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>(bytes));
}

CheckpointKey own_key() {
  return {kOrigin, key_pair(1).public_key};
}

struct Witness {
  WitnessKey key;
  Byte seed = 0;
};
Witness witness(Byte seed) {
  return {{"witness.example/w" + std::to_string(seed), key_pair(seed).public_key}, seed};
}

// As C2SP tlog-cosignature says: "cosignature/v1", the time, the checkpoint's text.
SignatureLine cosignature(const Checkpoint& checkpoint, const Witness& by, std::uint64_t time) {
  const std::string vkey = verifier_key(by.key);
  SignatureLine line{by.key.name, *from_hex(vkey.substr(by.key.name.size() + 1, 8)), Bytes(8)};
  store_be(line.signature.data(), time);
  const auto signature = key_pair(by.seed).sign(
      as_bytes("cosignature/v1\ntime " + std::to_string(time) + "\n" + checkpoint.signed_text));
  line.signature.insert(line.signature.end(), signature.begin(), signature.end());
  return line;
}

Checkpoint checkpoint_of(std::uint64_t size, Byte root = 0) {
  TreeHead head{size, {}};
  head.root.fill(root);
  return *parse_checkpoint(sign_checkpoint(kOrigin, head, key_pair(1)));
}

Checkpoint cosigned(std::uint64_t size, const std::vector<Witness>& by, std::uint64_t time = 100,
                    Byte root = 0) {
  Checkpoint checkpoint = checkpoint_of(size, root);
  for (const Witness& one : by)
    checkpoint.signatures.push_back(cosignature(checkpoint, one, time));
  return checkpoint;
}

TEST(Cosignature, AKeyGoesThroughItsText) {
  const WitnessKey key = witness(2).key;
  const auto parsed = parse_witness_key(verifier_key(key));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->name, key.name);
  EXPECT_EQ(parsed->public_key, key.public_key);
  EXPECT_FALSE(parse_witness_key(verifier_key(own_key())));  // a key of a log is none of a witness
  EXPECT_FALSE(parse_verifier_key(verifier_key(key)));
}

TEST(Cosignature, HoldsForItsCheckpointTimeAndWitnessOnly) {
  const Witness w = witness(2);
  const Checkpoint good = cosigned(5, {w}, 1679315147);
  EXPECT_EQ(cosigned_at(good, w.key), 1679315147u);
  EXPECT_FALSE(cosigned_at(good, witness(3).key));
  EXPECT_FALSE(cosigned_at(checkpoint_of(5), w.key));
  Checkpoint other = checkpoint_of(6);
  other.signatures.push_back(good.signatures.back());
  EXPECT_FALSE(cosigned_at(other, w.key));
  for (std::size_t at = 0; at < good.signatures.back().signature.size(); ++at) {
    Checkpoint bad = good;
    bad.signatures.back().signature[at] ^= 1;
    EXPECT_FALSE(cosigned_at(bad, w.key)) << at;
  }
  Checkpoint cut = good;
  cut.signatures.back().signature.resize(8);
  EXPECT_FALSE(cosigned_at(cut, w.key));
}

// A plain signature of the witness's key over the note is no cosignature, and the other way round.
TEST(Cosignature, IsNoSignatureOfALog) {
  const Witness w = witness(2);
  const Checkpoint checkpoint = cosigned(5, {w});
  EXPECT_FALSE(verify_checkpoint(checkpoint, {w.key.name, w.key.public_key}));
  const std::string note = sign_checkpoint(w.key.name, {5, {}}, key_pair(w.seed));
  EXPECT_FALSE(cosigned_at(*parse_checkpoint(note), w.key));
}

TEST(Cosignature, WhatIsNotKnownIsLeftOut) {
  const Witness known = witness(2);
  Checkpoint mixed = cosigned(5, {witness(9), known});
  mixed.signatures.push_back({"example.com/x", Bytes(4, 1), Bytes(3, 2)});
  const Checkpoint kept = only_known_signatures(mixed, own_key(), {known.key});
  ASSERT_EQ(kept.signatures.size(), 2u);
  EXPECT_TRUE(verify_checkpoint(kept, own_key()));
  EXPECT_TRUE(cosigned_at(kept, known.key));
  const auto again = parse_checkpoint(encode(kept));
  ASSERT_TRUE(again);
  EXPECT_EQ(encode(*again), encode(kept));
}

TEST(CheckpointCopies, HandedOutIsReadBackAndWorthNothingUnderAnotherKey) {
  SimulatedDisk disk;
  ASSERT_TRUE(disk.make_directory("j"));
  EXPECT_FALSE(newest_handed_out(disk, "j", own_key()));
  ASSERT_TRUE(keep_handed_out(disk, "j", encode(checkpoint_of(5)), 77));
  ASSERT_TRUE(keep_handed_out(disk, "j", encode(checkpoint_of(9)), 78));
  const auto newest = newest_handed_out(disk, "j", own_key());
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->checkpoint.head.size, 9u);
  EXPECT_EQ(newest->at_s, 78u);
  EXPECT_FALSE(newest_handed_out(disk, "j", {kOrigin, key_pair(2).public_key}));
}

TEST(CheckpointCopies, CosignaturesOfOneCheckpointAreJoined) {
  SimulatedDisk disk;
  ASSERT_TRUE(disk.make_directory("j"));
  const Witness first = witness(2);
  const Witness second = witness(3);
  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(5, {first}, 10)));
  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(5, {second}, 20)));
  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(5, {first}, 30)));  // again: the newer one counts
  const auto all = read_cosigned(disk, "j");
  ASSERT_TRUE(all && all->size() == 1);
  EXPECT_EQ((*all)[0].signatures.size(), 3u);
  EXPECT_EQ(cosigned_at((*all)[0], first.key), 30u);
  EXPECT_EQ(cosigned_at((*all)[0], second.key), 20u);
  const Status fork = keep_cosigned(disk, "j", cosigned(5, {first}, 40, 1));
  ASSERT_FALSE(fork);
  EXPECT_THAT(fork.error().message, HasSubstr("fork"));
}

TEST(CheckpointCopies, TheNewestThatAWitnessSignedCounts) {
  SimulatedDisk disk;
  ASSERT_TRUE(disk.make_directory("j"));
  const Witness w = witness(2);
  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(5, {w}, 10)));
  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(0x100, {w}, 20)));
  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(0x200, {witness(9)}, 30)));
  const auto newest = newest_cosigned(disk, "j", own_key(), {w.key});
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->checkpoint.head.size, 0x100u);
  EXPECT_EQ(newest->at_s, 20u);
  EXPECT_FALSE(newest_cosigned(disk, "j", own_key(), {}));
}

// Old or new, whichever operation the power is cut before.
TEST(CheckpointCopies, APowerCutLeavesTheOldOrTheNewOne) {
  const Witness first = witness(2);
  const Witness second = witness(3);
  for (const PowerCut how : test::kAllPowerCuts) {
    for (std::uint64_t operation = 0;; ++operation) {
      SimulatedDisk disk;
      ASSERT_TRUE(disk.make_directory("j"));
      ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(5, {first}, 10)));
      ASSERT_TRUE(keep_handed_out(disk, "j", encode(checkpoint_of(5)), 77));
      disk.cut_power_at(operation);
      const bool kept = keep_cosigned(disk, "j", cosigned(5, {second}, 20)).has_value();
      const bool handed = keep_handed_out(disk, "j", encode(checkpoint_of(9)), 78).has_value();
      const bool cut = disk.power_is_cut();
      disk.restart(how, operation);
      const auto all = read_cosigned(disk, "j");
      ASSERT_TRUE(all && all->size() == 1) << operation;
      EXPECT_TRUE(cosigned_at((*all)[0], first.key));
      if (kept) {
        EXPECT_TRUE(cosigned_at((*all)[0], second.key));
      }
      const auto newest = newest_handed_out(disk, "j", own_key());
      ASSERT_TRUE(newest) << operation;
      if (handed) {
        EXPECT_EQ(newest->at_s, 78u);
      }
      // What a cut left beside does not stand in the way of the next time.
      EXPECT_TRUE(keep_cosigned(disk, "j", cosigned(5, {second}, 30)));
      if (!cut) break;
    }
  }
}

TEST(CheckpointCopies, VerifyCountsThemAndFindsAForkByThem) {
  SimulatedDisk disk;
  TreeHead at_five;
  {
    auto journal = Journal::open(disk, "j");
    ASSERT_TRUE(journal);
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE((*journal)->append(as_bytes("entry " + std::to_string(i))));
      if (i == 4) at_five = (*journal)->head();
    }
    ASSERT_TRUE((*journal)->commit());
  }
  const Witness w = witness(2);
  Checkpoint good = *parse_checkpoint(sign_checkpoint(kOrigin, at_five, key_pair(1)));
  good.signatures.push_back(cosignature(good, w, 10));
  ASSERT_TRUE(keep_cosigned(disk, "j", good));
  const auto verified = verify(disk, "j", own_key(), {}, {}, {w.key});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->cosigned, 5u);
  EXPECT_EQ(verify(disk, "j", own_key(), {}, {}, {witness(3).key})->cosigned, 0u);

  ASSERT_TRUE(keep_cosigned(disk, "j", cosigned(7, {w})));
  const auto forked = verify(disk, "j", own_key());
  ASSERT_FALSE(forked);
  EXPECT_THAT(forked.error().message,
              HasSubstr("entries 5 to 6 are not those that the cosigned checkpoint of 7 entries"));
  disk.remove_durably("j/cosigned-0000000000000007");
  disk.set_contents("j/cosigned-0000000000000007", to_bytes(as_bytes("nonsense")));
  EXPECT_FALSE(verify(disk, "j", own_key()));
}

}  // namespace
}  // namespace bulkhead::journal
