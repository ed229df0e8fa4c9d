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

}  // namespace
}  // namespace bulkhead::journal
