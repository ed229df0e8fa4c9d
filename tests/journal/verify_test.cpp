#include "journal/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/frame.h"
#include "support/simulated_disk.h"

namespace bulkhead::journal {
namespace {

using test::SimulatedDisk;
using ::testing::HasSubstr;

const std::string kOrigin = "example.org/bulkhead/test";

class Verify : public ::testing::Test {
 protected:
  Verify() {
    ByteArray<32> seed;
    seed.fill(3);
    pair_ = crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>(seed));
    key_ = {kOrigin, pair_.public_key};
  }

  // `entries` entries in batches of three, a checkpoint after every `every` entries.
  void fill(std::uint64_t entries, std::uint64_t every, std::uint64_t segment_limit = 900) {
    auto journal = Journal::open(disk_, "j", {.segment_limit_bytes = segment_limit});
    ASSERT_TRUE(journal) << journal.error().message;
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::string entry = "entry " + std::to_string(i);
      ASSERT_TRUE(
          (*journal)->append(as_bytes(entry), i % 4 == 1 ? as_bytes("payload") : ByteView()));
      if ((i + 1) % every == 0) {
        ASSERT_TRUE(
            (*journal)->add_checkpoint(sign_checkpoint(kOrigin, (*journal)->head(), pair_)));
      }
      if (i % 3 == 2 || i + 1 == entries) {
        ASSERT_TRUE((*journal)->commit());
      }
      heads_.push_back((*journal)->head());
    }
  }

  std::string problem() {
    const auto result = verify(disk_, "j", key_);
    return result ? "" : result.error().message;
  }

  SimulatedDisk disk_;
  crypto::Ed25519KeyPair pair_;
  CheckpointKey key_;
  std::vector<TreeHead> heads_;
};

TEST_F(Verify, AGoodJournalPasses) {
  fill(30, 10);
  const auto result = verify(disk_, "j", key_, {{heads_[4]}, {heads_[29]}});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->head, heads_.back());
  EXPECT_EQ(result->checkpoints, 3u);
  EXPECT_EQ(result->covered, 30u);
  EXPECT_EQ(result->payloads, 8u);
  EXPECT_EQ(result->torn_bytes, 0u);
}

TEST_F(Verify, EveryFlippedBitUnderACheckpointIsFound) {
  fill(12, 12, 400);
  const auto names = disk_.list("j");
  for (const std::string& name : *names) {
    if (name == "lock") continue;
    const Bytes good = disk_.contents("j/" + name);
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const int bit : {0, 3, 7}) {
        Bytes bad = good;
        bad[at] = static_cast<Byte>(bad[at] ^ (1 << bit));
        disk_.set_contents("j/" + name, bad);
        const auto result = verify(disk_, "j", key_);
        // A damaged last checkpoint looks like a torn one: then the others must still be what they
        // were.
        if (name == "checkpoints") {
          EXPECT_TRUE(!result || result->checkpoints == 0)
              << name << " byte " << at << " bit " << bit;
        } else {
          EXPECT_FALSE(result) << name << " byte " << at << " bit " << bit;
        }
      }
    }
    disk_.set_contents("j/" + name, good);
  }
  EXPECT_EQ(problem(), "");
}

TEST_F(Verify, NamesTheFirstEntryThatDoesNotFit) {
  fill(30, 30);
  const auto names = disk_.list("j");
  for (const std::string& name : *names) {
    if (!parse_segment_name(name)) continue;
    Bytes bytes = disk_.contents("j/" + name);
    const auto at = as_text(bytes).find("entry 17");
    if (at == std::string_view::npos) continue;
    bytes[at] = 'E';
    disk_.set_contents("j/" + name, bytes);
  }
  EXPECT_THAT(problem(), HasSubstr("entry 17 ("));
  EXPECT_THAT(problem(), HasSubstr("do not match its leaf hash"));
}

// Whoever has the machine can make leaf hashes and segment headers fit again; the checkpoints they
// cannot.
TEST_F(Verify, NamesTheRangeWhereLeafHashesWereRewrittenToo) {
  fill(30, 10, 1 << 20);
  const std::string path = "j/" + segment_name(0);
  Bytes bytes = disk_.contents(path);
  const auto at = as_text(bytes).find("entry 17");
  bytes[at] = 'E';
  const Hash hash = leaf_hash(ByteView(bytes).subspan(at, 8));
  std::ranges::copy(hash, bytes.begin() + static_cast<std::ptrdiff_t>(at) + 8);
  disk_.set_contents(path, bytes);
  EXPECT_THAT(problem(), HasSubstr("entries 10 to 19 are not those that checkpoint 2"));
  EXPECT_FALSE(Journal::open(disk_, "j"));  // the last segment holds them: seen at the start, too
}

TEST_F(Verify, AShortenedJournalIsSaidSo) {
  fill(30, 10);
  auto names = *disk_.list("j");
  std::erase_if(names, [](const std::string& name) { return !parse_segment_name(name); });
  disk_.remove_durably("j/" + names.back());
  EXPECT_THAT(problem(), HasSubstr("the journal was shortened"));
  EXPECT_FALSE(Journal::open(disk_, "j"));
}

TEST_F(Verify, ARolledBackFolderIsFoundByAHeadKeptElsewhere) {
  fill(30, 10);
  EXPECT_TRUE(verify(disk_, "j", key_, {{heads_[25]}}));
  TreeHead other = heads_[25];
  other.root[0] ^= 1;
  EXPECT_THAT(verify(disk_, "j", key_, {{other}}).error().message,
              HasSubstr("the checkpoint kept elsewhere"));
  other = {31, heads_[29].root};
  EXPECT_THAT(verify(disk_, "j", key_, {{other}}).error().message, HasSubstr("shortened"));
}

TEST_F(Verify, AMissingSegmentAndAForeignKeyAreNamed) {
  fill(30, 10);
  auto names = *disk_.list("j");
  std::erase_if(names, [](const std::string& name) { return !parse_segment_name(name); });
  ASSERT_GT(names.size(), 2u);
  auto copy = disk_.clone();
  copy->remove_durably("j/" + names[1]);
  EXPECT_THAT(verify(*copy, "j", key_).error().message, HasSubstr("are missing"));
  CheckpointKey other = key_;
  other.public_key[0] ^= 1;
  EXPECT_THAT(verify(disk_, "j", other).error().message,
              HasSubstr("not signed by the deployment's key"));
}

}  // namespace
}  // namespace bulkhead::journal
