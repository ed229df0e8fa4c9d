// The power is cut before every single operation of a scripted run, and what was not synced
// survives in every way that the simulated disk knows.
#include <gtest/gtest.h>

#include <algorithm>

#include "journal/frame.h"
#include "journal/verify.h"
#include "support/simulated_disk.h"

namespace bulkhead::journal {
namespace {

using test::PowerCut;
using test::SimulatedDisk;

const std::string kOrigin = "example.org/bulkhead/test";
// Without room behind what was synced, with little, and with more than a segment.
class JournalCrash : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Room, JournalCrash, ::testing::Values(0, 700, 5000));

JournalOptions small_segments() {
  return {.segment_limit_bytes = 1500, .room_bytes = JournalCrash::GetParam()};
}

struct Written {
  Bytes entry;
  Bytes payload;
};

crypto::Ed25519KeyPair test_key() {
  ByteArray<32> seed;
  seed.fill(5);
  return crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>(seed));
}

// What the outside was told, and what was on its way.
struct Outcome {
  std::vector<Written> acknowledged;
  std::vector<Written> in_flight;
  std::uint64_t checkpoint = 0;  // acknowledged
};

// Appends in batches of changing size until something fails or the script is over.
Outcome run_script(Disk& disk, std::uint64_t first, int batches) {
  Outcome outcome;
  auto journal = Journal::open(disk, "j", small_segments());
  if (!journal) return outcome;
  const auto key = test_key();
  for (int b = 0; b < batches; ++b) {
    std::vector<Written> batch;
    for (int i = 0; i <= b % 4; ++i) {
      Written written;
      written.entry =
          Bytes(20 + static_cast<std::size_t>(b * 37 + i * 11) % 300, static_cast<Byte>(first + b));
      if ((b + i) % 3 == 0)
        written.payload =
            Bytes(100 + static_cast<std::size_t>(b * 91) % 900, static_cast<Byte>(i + 1));
      if (!(*journal)->append(written.entry, written.payload)) return outcome;
      batch.push_back(std::move(written));
    }
    const bool with_checkpoint = b % 3 == 2;
    if (with_checkpoint &&
        !(*journal)->add_checkpoint(sign_checkpoint(kOrigin, (*journal)->head(), key)))
      return outcome;
    outcome.in_flight = batch;
    if (!(*journal)->commit()) return outcome;
    outcome.in_flight.clear();
    std::ranges::move(batch, std::back_inserter(outcome.acknowledged));
    if (with_checkpoint) outcome.checkpoint = (*journal)->size();
  }
  return outcome;
}

void expect_contents(Journal& journal, const Outcome& outcome, const std::string& where) {
  std::vector<Written> expected = outcome.acknowledged;
  ASSERT_TRUE(journal.size() == expected.size() ||
              journal.size() == expected.size() + outcome.in_flight.size())
      << where << ": " << journal.size() << " entries, acknowledged " << expected.size()
      << ", in flight " << outcome.in_flight.size();
  if (journal.size() > expected.size())
    std::ranges::copy(outcome.in_flight, std::back_inserter(expected));
  std::size_t seen = 0;
  const Status all = journal.for_each(0, [&](const EntryView& view) -> Status {
    EXPECT_TRUE(equal(view.entry, expected.at(view.index).entry)) << where;
    EXPECT_EQ(view.payload.has_value(), !expected.at(view.index).payload.empty()) << where;
    if (view.payload) {
      EXPECT_EQ(*journal.read_payload(*view.payload), expected[view.index].payload) << where;
    }
    ++seen;
    return {};
  });
  ASSERT_TRUE(all) << where << all.error().message;
  EXPECT_EQ(seen, expected.size()) << where;
  EXPECT_GE(journal.newest_checkpoint() ? journal.newest_checkpoint()->size : 0, outcome.checkpoint)
      << where;
}

void check_after_crash(SimulatedDisk& disk, const Outcome& outcome, const std::string& where) {
  TreeHead head;
  {
    auto journal = Journal::open(disk, "j", small_segments());
    ASSERT_TRUE(journal) << where << ": " << journal.error().message;
    expect_contents(**journal, outcome, where);
    head = (*journal)->head();
  }
  // Opened again: the same, and nothing left to cut.
  {
    auto journal = Journal::open(disk, "j", small_segments());
    ASSERT_TRUE(journal) << where << ": " << journal.error().message;
    EXPECT_EQ((*journal)->recovery().torn_bytes, 0u) << where;
    EXPECT_EQ((*journal)->head(), head) << where;
    ASSERT_TRUE((*journal)->append(as_bytes("after the crash"))) << where;
    ASSERT_TRUE((*journal)->commit()) << where;
  }
  disk.restart(PowerCut::kLoseUnsynced, 1);
  const auto verified = verify(disk, "j", {kOrigin, test_key().public_key});
  ASSERT_TRUE(verified) << where << ": " << verified.error().message;
  EXPECT_EQ(verified->head.size, head.size + 1) << where;
}

TEST_P(JournalCrash, PowerCutAtEveryOperation) {
  constexpr int kBatches = 14;
  SimulatedDisk counting;
  const Outcome whole = run_script(counting, 0, kBatches);
  ASSERT_GT(whole.acknowledged.size(), 30u);
  ASSERT_GT(counting.list("j")->size(), 4u);  // several segments
  int runs = 0;
  for (std::uint64_t n = 0; n <= counting.operations(); ++n) {
    for (const PowerCut how : test::kAllPowerCuts) {
      const bool random = how == PowerCut::kTornPrefix || how == PowerCut::kTornAnything;
      for (std::uint64_t seed = 0; seed < (random ? 8u : 1u); ++seed) {
        SimulatedDisk disk;
        disk.cut_power_at(n);
        const Outcome outcome = run_script(disk, 0, kBatches);
        disk.restart(how, seed * 1000 + n);
        check_after_crash(disk, outcome,
                          "cut at " + std::to_string(n) + ", way " +
                              std::to_string(static_cast<int>(how)) + ", seed " +
                              std::to_string(seed));
        if (HasFatalFailure()) return;
        ++runs;
      }
    }
  }
  RecordProperty("runs", runs);
  EXPECT_GT(runs, 500);
}

// The power goes again while the journal is being recovered.
TEST_P(JournalCrash, PowerCutDuringRecovery) {
  for (std::uint64_t n = 20; n < 60; n += 3) {
    for (std::uint64_t m = 0; m < 6; ++m) {
      for (std::uint64_t seed = 0; seed < 4; ++seed) {
        SimulatedDisk disk;
        disk.cut_power_at(n);
        const Outcome outcome = run_script(disk, 0, 14);
        disk.restart(PowerCut::kTornAnything, seed * 77 + n);
        disk.cut_power_at(m);
        static_cast<void>(Journal::open(disk, "j", small_segments()));
        disk.restart(PowerCut::kTornAnything, seed * 31 + m);
        check_after_crash(disk, outcome,
                          "cut at " + std::to_string(n) + " and " + std::to_string(m));
        if (HasFatalFailure()) return;
      }
    }
  }
}

// Batches of which not each is synced. `synced` entries may not be lost by a power cut, `written`
// ones not by the death of the process; `ends` are where batches end.
struct UnsyncedOutcome {
  std::uint64_t synced = 0;
  std::uint64_t written = 0;
  std::vector<std::uint64_t> ends = {0};
};

Bytes entry_of(std::uint64_t index) {
  return Bytes(20 + index * 37 % 300, static_cast<Byte>(index));
}

UnsyncedOutcome run_with_unsynced(Disk& disk, int batches) {
  UnsyncedOutcome outcome;
  auto journal = Journal::open(disk, "j", small_segments());
  if (!journal) return outcome;
  for (int b = 0; b < batches; ++b) {
    for (int i = 0; i <= b % 3; ++i) {
      const Bytes payload(b % 4 == 0 ? 200 : 0, static_cast<Byte>(b));
      if (!(*journal)->append(entry_of((*journal)->size()), payload)) return outcome;
    }
    outcome.ends.push_back((*journal)->size());
    auto batch = (*journal)->prepare_batch(b % 5 == 4 ? Sync::kNow : Sync::kLater);
    if (!batch) return outcome;
    const Status written = (*journal)->write_batch(*batch);
    (*journal)->batch_done(std::move(*batch), written);
    if (!written) return outcome;
    outcome.written = (*journal)->written_size();
    outcome.synced = (*journal)->durable_size();
  }
  return outcome;
}

TEST_P(JournalCrash, OfUnsyncedBatchesAPowerCutLeavesThoseFromTheStartAndAKillLeavesAll) {
  constexpr int kBatches = 16;
  SimulatedDisk counting;
  const UnsyncedOutcome whole = run_with_unsynced(counting, kBatches);
  ASSERT_GT(counting.list("j")->size(), 3u);  // several segments
  ASSERT_LT(whole.synced, whole.written);
  for (std::uint64_t n = 0; n <= counting.operations(); ++n) {
    for (const PowerCut how : test::kAllPowerCuts) {
      const bool random = how == PowerCut::kTornPrefix || how == PowerCut::kTornAnything;
      for (std::uint64_t seed = 0; seed < (random ? 8u : 1u); ++seed) {
        SimulatedDisk disk;
        disk.cut_power_at(n);
        const UnsyncedOutcome outcome = run_with_unsynced(disk, kBatches);
        disk.restart(how, seed * 1000 + n);
        const std::string where =
            "cut at " + std::to_string(n) + ", way " + std::to_string(static_cast<int>(how));
        auto journal = Journal::open(disk, "j", small_segments());
        ASSERT_TRUE(journal) << where << ": " << journal.error().message;
        const std::uint64_t size = (*journal)->size();
        // Nothing was written that is lost when the page cache survives, as after kill -9.
        EXPECT_GE(size, how == PowerCut::kKeepUnsynced ? outcome.written : outcome.synced) << where;
        EXPECT_NE(std::ranges::find(outcome.ends, size), outcome.ends.end())
            << where << ": " << size;
        ASSERT_TRUE((*journal)->for_each(0, [&](const EntryView& view) -> Status {
          EXPECT_TRUE(equal(view.entry, entry_of(view.index))) << where;
          return {};
        })) << where;
        EXPECT_EQ((*journal)->durable_size(), size);
      }
    }
  }
}

// What was synced is not taken for a torn tail, though it was written in several pieces.
TEST(JournalRoom, DamageBeforeALaterSyncIsStillDamage) {
  SimulatedDisk disk;
  std::string segment;
  {
    auto journal = Journal::open(disk, "j");
    for (const Sync sync : {Sync::kLater, Sync::kLater, Sync::kNow, Sync::kNow}) {
      ASSERT_TRUE((*journal)->append(entry_of((*journal)->size())));
      auto batch = (*journal)->prepare_batch(sync);
      ASSERT_TRUE(batch);
      ASSERT_TRUE((*journal)->write_batch(*batch));
      (*journal)->batch_done(std::move(*batch), {});
    }
    EXPECT_EQ((*journal)->durable_size(), 4u);
  }
  segment = "j/" + disk.list("j")->front();
  Bytes bytes = disk.contents(segment);
  bytes[kSegmentHeaderFixedSize + kFrameOverhead + 60] ^= 1;  // in the second entry
  disk.set_contents(segment, bytes);
  const auto damaged = Journal::open(disk, "j");
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kCorrupt);
}

// Room for what comes is there after a crash only, and no loss.
TEST(JournalRoom, IsNoTornWriteAndIsGivenBack) {
  constexpr JournalOptions kRoom{.room_bytes = 3000};
  SimulatedDisk disk;
  auto journal = Journal::open(disk, "j", kRoom).value();
  const auto append = [&] {
    ASSERT_TRUE(journal->append(entry_of(journal->size())));
    ASSERT_TRUE(journal->add_checkpoint(sign_checkpoint(kOrigin, journal->head(), test_key())));
    ASSERT_TRUE(journal->commit());
  };
  for (int i = 0; i < 3; ++i)
    append();
  const std::string segment = "j/" + segment_name(0);
  const std::size_t with_room = disk.contents(segment).size();
  EXPECT_GT(with_room, 3000U);
  append();
  EXPECT_EQ(disk.contents(segment).size(), with_room) << "the file grew";

  auto killed = disk.clone();
  killed->restart(PowerCut::kLoseUnsynced, 0);
  const auto verified = verify(*killed, "j", {kOrigin, test_key().public_key});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->head.size, 4U);
  EXPECT_EQ(verified->torn_bytes, 0U);
  // The last batch is torn, the room behind it is not counted.
  Bytes torn = killed->contents(segment);
  const auto last = std::find_if(torn.rbegin(), torn.rend(), [](Byte byte) { return byte != 0; });
  std::fill(last, last + 8, Byte{0});
  auto cut = killed->clone();
  cut->remove_durably("j/checkpoints");
  cut->set_contents(segment, torn);
  const auto recovered = Journal::open(*cut, "j", kRoom).value();
  EXPECT_EQ(recovered->size(), 3U);
  EXPECT_GT(recovered->recovery().torn_bytes, 0U);
  EXPECT_LT(recovered->recovery().torn_bytes, kFrameOverhead + entry_of(3).size());
  {
    const auto again = Journal::open(*killed, "j").value();
    EXPECT_EQ(again->size(), 4U);
    EXPECT_EQ(again->recovery().torn_bytes, 0U);
  }
  journal.reset();
  EXPECT_EQ(disk.contents(segment), killed->contents(segment)) << "a stop gives the room back";
}

// Zeros in any other segment, or before something else, are damage.
TEST(JournalRoom, IsOnlyAtTheVeryEnd) {
  SimulatedDisk disk;
  {
    auto journal = Journal::open(disk, "j", {.segment_limit_bytes = 200}).value();
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(journal->append(entry_of(journal->size())));
      ASSERT_TRUE(journal->commit());
    }
  }
  const std::vector<std::string> names = disk.list("j").value();
  const std::string first = "j/" + segment_name(0);
  ASSERT_GT(names.size(), 2U);
  Bytes bytes = disk.contents(first);
  bytes.insert(bytes.end(), 100, Byte{0});
  disk.set_contents(first, bytes);
  EXPECT_FALSE(verify(disk, "j", {kOrigin, test_key().public_key}));
}

}  // namespace
}  // namespace bulkhead::journal
