#include "journal/committer.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "support/simulated_disk.h"

namespace bulkhead::journal {
namespace {

using test::SimulatedDisk;

class CommitterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto journal = Journal::open(disk_, "j");
    ASSERT_TRUE(journal) << journal.error().message;
    journal_ = std::move(*journal);
    auto committer = Committer::start(*journal_);
    ASSERT_TRUE(committer);
    committer_ = std::move(*committer);
  }

  Commit commit(std::vector<std::shared_ptr<DiskFile>> blobs, std::string entry,
                std::vector<std::string>& log) {
    return {std::move(blobs),
            [this, entry]() -> Status {
              BH_CHECK(journal_->append(as_bytes(entry)));
              return {};
            },
            [entry, &log](const Status& status) {
              log.push_back(entry +
                            (status ? " ok" : " " + std::string(to_string(status.error().code))));
            }};
  }

  SimulatedDisk disk_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, DoneMeansDurable) {
  std::vector<std::string> log;
  for (int i = 0; i < 50; ++i)
    committer_->submit(commit({}, "e" + std::to_string(i), log));
  EXPECT_TRUE(log.empty());
  const auto syncs = disk_.syncs();
  ASSERT_TRUE(committer_->flush());
  EXPECT_EQ(log.size(), 50u);
  EXPECT_EQ(log.front(), "e0 ok");
  EXPECT_EQ(journal_->durable_size(), 50u);
  EXPECT_LE(disk_.syncs() - syncs, 3u);  // new segment: header, folder, frames
}

TEST_F(CommitterTest, ABlobIsSyncedOnceAndBeforeItsEntry) {
  auto blob = disk_.open("b", OpenMode::kCreate);
  ASSERT_TRUE(blob);
  ASSERT_TRUE((*blob)->write_at(as_bytes("contents"), 0));
  ASSERT_TRUE(disk_.sync_directory(""));
  std::vector<std::string> log;
  bool durable_at_append = false;
  committer_->submit({{*blob, *blob},
                      [&]() -> Status {
                        auto copy = disk_.clone();
                        copy->restart(test::PowerCut::kLoseUnsynced, 0);
                        durable_at_append =
                            copy->exists("b") && to_string(copy->contents("b")) == "contents";
                        BH_CHECK(journal_->append(as_bytes("x")));
                        return {};
                      },
                      [&](const Status& status) { log.push_back(status ? "ok" : "failed"); }});
  EXPECT_EQ(journal_->size(), 0u);
  pollfd poll{committer_->event_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&poll, 1, 5000), 1);  // the event loop is woken
  ASSERT_TRUE(committer_->flush());
  EXPECT_TRUE(durable_at_append);
  EXPECT_EQ(log, std::vector<std::string>{"ok"});
  EXPECT_EQ(committer_->under_way(), 0u);
}

TEST_F(CommitterTest, ABlobThatCannotBeSyncedIsNeverNamed) {
  auto blob = disk_.open("b", OpenMode::kCreate);
  std::vector<std::string> log;
  disk_.fail_syncs_with(ErrorCode::kNoSpace);
  committer_->submit(commit({*blob}, "big", log));
  pollfd poll{committer_->event_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&poll, 1, 5000), 1);
  disk_.fail_syncs_with(ErrorCode::kInternal);
  ASSERT_TRUE(committer_->flush());
  EXPECT_EQ(log, std::vector<std::string>{"big no_space"});
  EXPECT_EQ(journal_->size(), 0u);
  committer_->submit(commit({*blob}, "again", log));
  ASSERT_TRUE(committer_->flush());
  EXPECT_EQ(log.back(), "again ok");
}

TEST_F(CommitterTest, AJournalErrorFailsEverythingAfterIt) {
  std::vector<std::string> log;
  committer_->submit(commit({}, "a", log));
  ASSERT_TRUE(committer_->flush());
  disk_.fail_writes_with(ErrorCode::kNoSpace);
  committer_->submit(commit({}, "b", log));
  committer_->kick();
  committer_->submit(commit({}, "c", log));
  EXPECT_FALSE(committer_->flush());
  disk_.fail_writes_with(ErrorCode::kInternal);
  committer_->submit(commit({}, "d", log));
  EXPECT_FALSE(committer_->flush());
  EXPECT_EQ(log, (std::vector<std::string>{"a ok", "b no_space", "c no_space", "d no_space"}));
  committer_.reset();
  journal_.reset();
  auto journal = Journal::open(disk_, "j");
  ASSERT_TRUE(journal);
  EXPECT_EQ((*journal)->size(), 1u);
}

TEST_F(CommitterTest, CommitsThatAppendNothingOrRefuseAreAnswered) {
  std::vector<std::string> log;
  committer_->submit(
      {{}, [] { return Status(); }, [&](const Status& s) { log.push_back(s ? "ok" : "failed"); }});
  committer_->submit({{},
                      [] { return Status(fail(ErrorCode::kConflict, "no")); },
                      [&](const Status& s) { log.push_back(s ? "ok" : "refused"); }});
  ASSERT_TRUE(committer_->flush());
  EXPECT_EQ(log, (std::vector<std::string>{"refused", "ok"}));
}

TEST_F(CommitterTest, StoppingAnswersWhatIsLeft) {
  std::vector<std::string> log;
  for (int i = 0; i < 5; ++i)
    committer_->submit(commit({}, std::to_string(i), log));
  committer_.reset();
  EXPECT_EQ(log.size(), 5u);
  EXPECT_EQ(log[0], "0 disconnected");
}

// Runs what is ready until `done` says so.
template <typename Done>
void pump(Committer& committer, Done done) {
  while (!done()) {
    committer.kick();
    pollfd poll{committer.event_fd(), POLLIN, 0};
    ::poll(&poll, 1, 10);
    committer.drain();
  }
}

class UrgencyTest : public CommitterTest {
 protected:
  void SetUp() override {
    CommitterTest::SetUp();
    committer_ = Committer::start(*journal_, clock_).value();
    ASSERT_TRUE(journal_->append(as_bytes("first")));  // makes the segment, which is synced
    ASSERT_TRUE(committer_->flush());
    syncs_ = disk_.syncs();
  }
  void submit(std::string entry, Urgency urgency) {
    Commit wanted = commit({}, std::move(entry), log_);
    wanted.urgency = urgency;
    committer_->submit(std::move(wanted));
  }

  ManualClock clock_{0};
  std::vector<std::string> log_;
  std::uint64_t syncs_ = 0;
};

TEST_F(UrgencyTest, WrittenIsDoneWithoutASyncAndSyncedWithinASecond) {
  submit("a", Urgency::kWritten);
  pump(*committer_, [&] { return !log_.empty(); });
  EXPECT_EQ(disk_.syncs(), syncs_);
  EXPECT_EQ(journal_->written_size(), 2u);
  EXPECT_EQ(journal_->durable_size(), 1u);
  EXPECT_EQ(committer_->due_in_ms(), kSyncedWithinMs);
  auto killed = disk_.clone();
  killed->restart(test::PowerCut::kKeepUnsynced, 0);
  EXPECT_EQ(Journal::open(*killed, "j").value()->size(), 2u);

  clock_.advance_ms(kSyncedWithinMs);
  pump(*committer_, [&] { return journal_->durable_size() == 2; });
  EXPECT_EQ(disk_.syncs(), syncs_ + 1);
}

TEST_F(UrgencyTest, WhatNobodyWaitsForGoesWithTheNextAndOtherwiseSoon) {
  submit("alone", Urgency::kSoon);
  committer_->kick();
  EXPECT_EQ(journal_->written_size(), 1u);
  submit("waited for", Urgency::kDurable);
  pump(*committer_, [&] { return log_.size() == 2; });
  EXPECT_EQ(disk_.syncs(), syncs_ + 1) << "one batch, one sync";

  submit("later", Urgency::kSoon);
  committer_->kick();
  EXPECT_EQ(committer_->due_in_ms(), kWrittenWithinMs);
  clock_.advance_ms(kWrittenWithinMs);
  pump(*committer_, [&] { return journal_->written_size() == 4; });
  EXPECT_EQ(log_.size(), 2u) << "not durable yet";
  clock_.advance_ms(kSyncedWithinMs);
  pump(*committer_, [&] { return log_.size() == 3; });
  EXPECT_EQ(journal_->durable_size(), 4u);
}

TEST_F(UrgencyTest, WhoWaitsForTheDiskIsNotToldOfWhatIsOnlyWritten) {
  submit("written", Urgency::kWritten);
  submit("durable", Urgency::kDurable);
  pump(*committer_, [&] { return log_.size() == 2; });
  EXPECT_EQ(journal_->durable_size(), 3u);
  submit("written", Urgency::kWritten);
  pump(*committer_, [&] { return log_.size() == 3; });
  EXPECT_EQ(journal_->durable_size(), 3u);
  committer_->urge(Urgency::kDurable);  // somebody is to be given a key of what was just written
  pump(*committer_, [&] { return journal_->durable_size() == 4; });
}

TEST_F(UrgencyTest, BlobsAreSyncedInTheBackgroundAndAFailureIsTold) {
  auto blob = disk_.open("b", OpenMode::kCreate).value();
  ASSERT_TRUE(committer_->sync_later(blob));
  committer_->kick();
  EXPECT_EQ(disk_.syncs(), syncs_);
  clock_.advance_ms(kSyncedWithinMs);
  pump(*committer_, [&] { return disk_.syncs() == syncs_ + 1; });
  EXPECT_FALSE(committer_->failed_later());
  disk_.fail_syncs_with(ErrorCode::kNoSpace);
  ASSERT_TRUE(committer_->sync_later(blob));
  clock_.advance_ms(kSyncedWithinMs);
  std::optional<Error> failed;
  pump(*committer_, [&] {
    failed = committer_->failed_later();
    return failed.has_value();
  });
  EXPECT_EQ(failed->code, ErrorCode::kNoSpace);
  disk_.fail_syncs_with(ErrorCode::kInternal);
  for (std::size_t i = 0; i < kMostSyncedLater; ++i)
    ASSERT_TRUE(committer_->sync_later(blob));
  EXPECT_FALSE(committer_->sync_later(blob)) << "a bounded number of open files";
  ASSERT_TRUE(committer_->flush());
  EXPECT_TRUE(committer_->sync_later(blob));
}

}  // namespace
}  // namespace bulkhead::journal
