#include "journal/journal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "journal/frame.h"
#include "support/simulated_disk.h"

namespace bulkhead::journal {
namespace {

using test::SimulatedDisk;

Bytes entry_bytes(std::uint64_t i) {
  return to_bytes(as_bytes("entry number " + std::to_string(i)));
}
Bytes payload_bytes(std::uint64_t i, std::size_t size) {
  return Bytes(size, static_cast<Byte>(i));
}

std::unique_ptr<Journal> open_or_die(Disk& disk, JournalOptions options = {}) {
  auto journal = Journal::open(disk, "j", options);
  if (!journal) throw std::runtime_error(journal.error().message);
  return std::move(*journal);
}

TEST(Journal, AppendsReadsAndReopensAcrossSegments) {
  SimulatedDisk disk;
  std::vector<PayloadPosition> payloads;
  Frontier expected;
  {
    auto journal = open_or_die(disk, {.segment_limit_bytes = 2000});
    EXPECT_EQ(journal->size(), 0u);
    for (std::uint64_t i = 0; i < 300; ++i) {
      const auto appended = i % 10 == 3 ? journal->append(entry_bytes(i), payload_bytes(i, 500))
                                        : journal->append(entry_bytes(i));
      ASSERT_TRUE(appended) << appended.error().message;
      EXPECT_EQ(appended->index, i);
      EXPECT_EQ(appended->payload.has_value(), i % 10 == 3);
      if (appended->payload) payloads.push_back(*appended->payload);
      expected.append(leaf_hash(entry_bytes(i)));
      if (i % 7 == 6) {
        ASSERT_TRUE(journal->commit());
      }
    }
    EXPECT_LT(journal->durable_size(), 300u);
    EXPECT_FALSE(journal->read(299));
    ASSERT_TRUE(journal->commit());
    EXPECT_EQ(journal->durable_head(), expected.head());
  }
  EXPECT_GT(disk.list("j")->size(), 5u);
  auto journal = open_or_die(disk);
  EXPECT_EQ(journal->recovery().torn_bytes, 0u);
  EXPECT_EQ(journal->head(), expected.head());
  for (const std::uint64_t i : {0u, 1u, 63u, 64u, 65u, 128u, 299u, 0u, 250u}) {
    const auto entry = journal->read(i);
    ASSERT_TRUE(entry) << entry.error().message;
    EXPECT_EQ(*entry, entry_bytes(i));
  }
  EXPECT_EQ(journal->read(300).error().code, ErrorCode::kNotFound);
  for (const std::uint64_t from : {0u, 5u, 150u, 299u, 300u}) {
    std::uint64_t next = from;
    const Status all = journal->for_each(from, [&](const EntryView& view) -> Status {
      EXPECT_EQ(view.index, next);
      EXPECT_TRUE(equal(view.entry, entry_bytes(next)));
      EXPECT_EQ(view.payload.has_value(), next % 10 == 3);
      if (view.payload) {
        EXPECT_EQ(*view.payload, payloads[next / 10]);
        EXPECT_EQ(view.payload_sha256, crypto::sha256(payload_bytes(next, 500)));
      }
      ++next;
      return {};
    });
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(next, 300u);
  }
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    EXPECT_EQ(*journal->read_payload(payloads[i]), payload_bytes(i * 10 + 3, 500));
  }
}

// A listing goes through it a page at a time, from wherever the last one ended.
TEST(Journal, ReadingFromAnyEntrySeesTheSame) {
  SimulatedDisk disk;
  auto journal = open_or_die(disk, {.segment_limit_bytes = 9000});
  std::vector<std::optional<PayloadPosition>> payloads;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const auto appended = i % 5 == 0 ? journal->append(entry_bytes(i), payload_bytes(i, 30))
                                     : journal->append(entry_bytes(i));
    ASSERT_TRUE(appended);
    payloads.push_back(appended->payload);
    if (i % 9 == 8) {
      ASSERT_TRUE(journal->commit());
    }
  }
  ASSERT_TRUE(journal->commit());
  for (const std::uint64_t step :
       {1u, 3u, 64u, 70u}) {  // what one reading learns the next one uses
    for (std::uint64_t from = 0; from < 400; from += step) {
      std::uint64_t next = from;
      const Status walked = journal->for_each(from, [&](const EntryView& view) -> Status {
        EXPECT_EQ(view.index, next);
        EXPECT_EQ(to_bytes(view.entry), entry_bytes(next));
        EXPECT_EQ(view.payload, payloads[next]);
        return ++next < from + step ? Status() : fail(ErrorCode::kLimitExceeded, "enough");
      });
      EXPECT_EQ(next, std::min<std::uint64_t>(from + step, 400));
      EXPECT_EQ(walked.has_value(), next < from + step);
    }
  }
}

TEST(Journal, PositionsAreRightWhileABatchIsOut) {
  SimulatedDisk disk;
  auto journal = open_or_die(disk, {.segment_limit_bytes = 300});
  std::vector<PayloadPosition> positions;
  const auto add = [&](std::uint64_t i) {
    positions.push_back(*journal->append(entry_bytes(i), payload_bytes(i, 100))->payload);
  };
  for (std::uint64_t round = 0; round < 20; ++round) {
    add(3 * round);
    auto batch = journal->prepare_batch();
    ASSERT_TRUE(batch);
    add(3 * round + 1);  // into the next batch, while this one is out
    EXPECT_FALSE(journal->prepare_batch());
    const Status written = journal->write_batch(*batch);
    journal->batch_done(std::move(*batch), written);
    add(3 * round + 2);
    EXPECT_EQ(journal->durable_size(), 3 * round + 1);
    ASSERT_TRUE(journal->commit());
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto payload = journal->read_payload(positions[i]);
    ASSERT_TRUE(payload) << payload.error().message;
    EXPECT_EQ(*payload, payload_bytes(i, 100));
    EXPECT_EQ(*journal->read(i), entry_bytes(i));
  }
}

TEST(Journal, OneSyncCoversABatch) {
  SimulatedDisk disk;
  auto journal = open_or_die(disk);
  ASSERT_TRUE(journal->append(entry_bytes(0)));
  ASSERT_TRUE(journal->commit());
  const auto before = disk.syncs();
  for (std::uint64_t i = 1; i < 100; ++i)
    ASSERT_TRUE(journal->append(entry_bytes(i), payload_bytes(i, 64 * 1024)));
  ASSERT_TRUE(journal->commit());
  EXPECT_EQ(disk.syncs(), before + 1);
  ASSERT_TRUE(journal->commit());  // nothing to do
  EXPECT_EQ(disk.syncs(), before + 1);
}

TEST(Journal, RefusesWhatDoesNotFit) {
  SimulatedDisk disk;
  auto journal = open_or_die(disk, {.pending_limit_bytes = 200'000});
  EXPECT_EQ(journal->append({}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(journal->append(Bytes(kMaxEntrySize + 1)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(journal->append(entry_bytes(0), Bytes(kMaxPayloadSize + 1)).error().code,
            ErrorCode::kInvalidArgument);
  ASSERT_TRUE(journal->append(Bytes(kMaxEntrySize, 1), Bytes(kMaxPayloadSize, 2)));
  EXPECT_EQ(journal->append(Bytes(kMaxEntrySize, 1), Bytes(kMaxPayloadSize, 2)).error().code,
            ErrorCode::kLimitExceeded);
  ASSERT_TRUE(journal->commit());
  EXPECT_EQ(*journal->read(0), Bytes(kMaxEntrySize, 1));
  ASSERT_TRUE(journal->append(entry_bytes(1)));
}

TEST(Journal, DroppedPayloadsLeaveTheTreeAlone) {
  SimulatedDisk disk;
  TreeHead head;
  {
    auto journal = open_or_die(disk);
    const auto kept = journal->append(entry_bytes(0), as_bytes("kept"));
    const auto dropped = journal->append(entry_bytes(1), as_bytes("a secret of somebody"));
    EXPECT_FALSE(journal->drop_payload(*dropped->payload));  // not durable yet
    ASSERT_TRUE(journal->commit());
    ASSERT_TRUE(journal->drop_payload(*dropped->payload));
    EXPECT_EQ(journal->read_payload(*dropped->payload).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(equal(*journal->read_payload(*kept->payload), as_bytes("kept")));
    EXPECT_FALSE(journal->read_payload({0, kept->payload->offset + 1}));
    head = journal->head();
  }
  const std::string bytes = to_string(disk.contents("j/" + segment_name(0)));
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  EXPECT_EQ(open_or_die(disk)->head(), head);
}

TEST(Journal, AFailedWriteIsStickyAndTakenBack) {
  for (const bool sync_fails : {false, true}) {
    SimulatedDisk disk;
    auto journal = open_or_die(disk);
    ASSERT_TRUE(journal->append(entry_bytes(0)));
    ASSERT_TRUE(journal->commit());
    (sync_fails ? disk.fail_syncs_with(ErrorCode::kNoSpace)
                : disk.fail_writes_with(ErrorCode::kNoSpace));
    ASSERT_TRUE(journal->append(entry_bytes(1)));
    EXPECT_EQ(journal->commit().error().code, ErrorCode::kNoSpace);
    disk.fail_syncs_with(ErrorCode::kInternal);
    disk.fail_writes_with(ErrorCode::kInternal);
    EXPECT_EQ(journal->append(entry_bytes(2)).error().code, ErrorCode::kNoSpace);
    EXPECT_EQ(journal->commit().error().code, ErrorCode::kNoSpace);
    EXPECT_EQ(journal->durable_size(), 1u);
    EXPECT_EQ(*journal->read(0), entry_bytes(0));
    journal.reset();
    journal = open_or_die(disk);
    EXPECT_EQ(journal->size(), 1u);
    ASSERT_TRUE(journal->append(entry_bytes(7)));
    ASSERT_TRUE(journal->commit());
    EXPECT_EQ(*journal->read(1), entry_bytes(7));
  }
}

TEST(Journal, ASecondProcessIsKeptOut) {
  const std::string folder =
      ::testing::TempDir() + "bulkhead-journal-lock-" + std::to_string(::getpid());
  {
    auto journal = Journal::open(real_disk(), folder);
    ASSERT_TRUE(journal) << journal.error().message;
    const pid_t child = ::fork();
    if (child == 0) {
      auto second = Journal::open(real_disk(), folder);
      ::_exit(!second && second.error().code == ErrorCode::kConflict &&
                      second.error().message.find("another process") != std::string::npos
                  ? 0
                  : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(Journal::open(real_disk(), folder));
  std::filesystem::remove_all(folder);
}

TEST(Journal, ANewerFormatIsSaidSo) {
  SimulatedDisk disk;
  {
    auto journal = open_or_die(disk);
    ASSERT_TRUE(journal->append(entry_bytes(0)));
    ASSERT_TRUE(journal->commit());
  }
  Bytes bytes = disk.contents("j/" + segment_name(0));
  bytes[8] = 2;
  disk.set_contents("j/" + segment_name(0), bytes);
  const auto opened = Journal::open(disk, "j");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNewerFormat);
}

TEST(Journal, TornTailIsCutAndDamageIsNot) {
  SimulatedDisk disk;
  std::vector<std::uint64_t> batch_ends;
  {
    auto journal = open_or_die(disk);
    for (std::uint64_t i = 0; i < 9; ++i) {
      ASSERT_TRUE(journal->append(entry_bytes(i)));
      if (i % 3 == 2) {
        ASSERT_TRUE(journal->commit());
        batch_ends.push_back(disk.contents("j/" + segment_name(0)).size());
      }
    }
  }
  const std::string path = "j/" + segment_name(0);
  const Bytes good = disk.contents(path);
  // Cut anywhere: whole batches stay.
  for (std::size_t size = batch_ends[0]; size < good.size(); ++size) {
    auto copy = disk.clone();
    copy->set_contents(path, Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
    auto journal = open_or_die(*copy);
    const std::uint64_t expected = size < batch_ends[1] ? 3 : 6;
    EXPECT_EQ(journal->size(), expected) << size;
    const std::uint64_t whole = batch_ends[expected / 3 - 1];
    std::uint64_t data = size;  // zeros at the end could as well be room for a next batch
    while (data > whole && good[data - 1] == 0)
      --data;
    EXPECT_EQ(journal->recovery().torn_bytes, data - whole);
  }
  // Flip anywhere: a batch with a later one behind it is damaged, the last one may be torn.
  for (std::size_t at = segment_header_size(0); at < good.size(); ++at) {
    auto copy = disk.clone();
    Bytes bad = good;
    bad[at] ^= 0x20;
    copy->set_contents(path, bad);
    const auto journal = Journal::open(*copy, "j");
    if (at < batch_ends[1]) {
      ASSERT_FALSE(journal) << at;
      EXPECT_EQ(journal.error().code, ErrorCode::kCorrupt);
      EXPECT_NE(journal.error().message.find("entry "), std::string::npos)
          << journal.error().message;
    } else {
      ASSERT_TRUE(journal) << at << journal.error().message;
      EXPECT_EQ((*journal)->size(), 6u);
    }
  }
}

// Somebody who may write payloads (an edge) must not be able to make a torn tail look like damage.
TEST(Journal, APayloadCannotPassForAFrame) {
  SimulatedDisk disk;
  {
    auto journal = open_or_die(disk);
    ASSERT_TRUE(journal->append(entry_bytes(0)));
    ASSERT_TRUE(journal->commit());
    Bytes inner;
    for (std::uint64_t guess = 0; guess < 600; ++guess)
      append_frame(inner, FrameKind::kEntry, guess, as_bytes("x"), leaf_hash(as_bytes("x")));
    ASSERT_TRUE(journal->append(entry_bytes(1), inner));
    ASSERT_TRUE(journal->commit());
  }
  Bytes bytes = disk.contents("j/" + segment_name(0));
  bytes.pop_back();
  disk.set_contents("j/" + segment_name(0), bytes);
  EXPECT_EQ(open_or_die(disk)->size(), 1u);
}

}  // namespace
}  // namespace bulkhead::journal
