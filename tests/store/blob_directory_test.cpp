// On the real file system: leases and mappings are the kernel's.
#include "store/blob_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "store/store_fixture.h"

namespace bulkhead::store {
namespace {

class Directory : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "bulkhead-blobs-" + std::to_string(::getpid());
    std::filesystem::remove_all(folder_);
    auto opened = BlobDirectory::open(real_disk(), folder_, crypto::system_random());
    ASSERT_TRUE(opened) << opened.error().message;
    blobs_ = std::move(*opened);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::unique_ptr<BlobDirectory> blobs_;
};

TEST_F(Directory, ABlobStillOpenForWritingIsNotCommitted) {
  auto staged = blobs_->take();
  ASSERT_TRUE(staged) << staged.error().message;
  ASSERT_TRUE(staged->file->write_at(as_bytes("contents"), 0));
  UniqueFd edge(::dup(staged->file->fd()));  // what the edge got
  staged->file.reset();
  EXPECT_EQ(blobs_->seal(staged->blob).error().code, ErrorCode::kConflict);
  edge.reset();
  auto sealed = blobs_->seal(staged->blob);
  ASSERT_TRUE(sealed) << sealed.error().message;
  EXPECT_EQ(*(*sealed)->size(), 8u);
  EXPECT_FALSE((*sealed)->write_at(as_bytes("x"), 0));
  EXPECT_TRUE(blobs_->seal(staged->blob));  // twice is fine
}

TEST_F(Directory, ABlobStillMappedForWritingIsNotCommitted) {
  auto staged = blobs_->take();
  ASSERT_TRUE(staged->file->truncate(4096));
  void* const mapping =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, staged->file->fd(), 0);
  ASSERT_NE(mapping, MAP_FAILED);
  staged->file.reset();
  EXPECT_EQ(blobs_->seal(staged->blob).error().code, ErrorCode::kConflict);
  ASSERT_EQ(::munmap(mapping, 4096), 0);
  EXPECT_TRUE(blobs_->seal(staged->blob));
}

TEST_F(Directory, SealingTakesThePermissionToWrite) {
  auto staged = blobs_->take();
  staged->file.reset();
  ASSERT_TRUE(blobs_->seal(staged->blob));
  const auto status = std::filesystem::status(folder_ + "/" + to_hex(staged->blob));
  EXPECT_EQ(status.permissions(), std::filesystem::perms::owner_read);
}

TEST_F(Directory, ThePoolIsFilledRecycledAndNotListed) {
  ASSERT_TRUE(blobs_->refill(5));
  EXPECT_EQ(blobs_->ready(), 5u);
  EXPECT_TRUE(blobs_->list()->empty());
  auto staged = blobs_->take();
  EXPECT_EQ(blobs_->ready(), 4u);
  EXPECT_EQ(*blobs_->list(), std::vector<BlobId>{staged->blob});
  ASSERT_TRUE(staged->file->write_at(as_bytes("something"), 0));
  // Somebody still has it: not reused.
  ASSERT_TRUE(blobs_->recycle(staged->blob));
  EXPECT_EQ(blobs_->ready(), 4u);
  EXPECT_TRUE(blobs_->list()->empty());
  auto second = blobs_->take();
  ASSERT_TRUE(second->file->write_at(as_bytes("something"), 0));
  second->file.reset();
  ASSERT_TRUE(blobs_->recycle(second->blob));
  EXPECT_EQ(blobs_->ready(), 4u);
  EXPECT_EQ(*(*blobs_->open_for_reading(second->blob))->size(), 0u);

  // After a restart everything that nobody names is an orphan; foreign names are left alone.
  {
    UniqueFd foreign(::open((folder_ + "/README").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  }
  auto again = BlobDirectory::open(real_disk(), folder_, crypto::system_random());
  const auto orphans = (*again)->list();
  EXPECT_EQ(orphans->size(), 4u);
  for (const BlobId& orphan : *orphans)
    ASSERT_TRUE((*again)->remove(orphan));
  EXPECT_TRUE((*again)->remove(orphans->front()));
  EXPECT_TRUE((*again)->list()->empty());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/README"));
}

// Its commit failed after it was sealed: whoever got it next could not write to it.
TEST_F(Directory, WhatWasSealedDoesNotComeBack) {
  const bool root = ::geteuid() == 0;  // who may write to what is read-only
  constexpr uid_t kNobody = 65534;
  if (root) {
    ASSERT_EQ(::chown(folder_.c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  auto staged = blobs_->take();
  EXPECT_TRUE(staged);
  if (staged) {
    staged->file.reset();
    EXPECT_TRUE(blobs_->seal(staged->blob));
    EXPECT_TRUE(blobs_->recycle(staged->blob));
    EXPECT_FALSE(blobs_->is_kept_ready(staged->blob));
  }
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
}

// Listed while an upload had it, back in the pool when somebody looks for garbage.
TEST_F(Directory, WhatCameBackSinceItWasListedIsKeptReady) {
  auto staged = blobs_->take();
  ASSERT_TRUE(staged);
  const auto listed = blobs_->list();
  ASSERT_TRUE(listed && listed->size() == 1u && listed->front() == staged->blob);
  EXPECT_FALSE(blobs_->is_kept_ready(staged->blob));
  staged->file.reset();
  ASSERT_TRUE(blobs_->recycle(staged->blob));
  EXPECT_TRUE(blobs_->is_kept_ready(staged->blob));
}

TEST_F(Directory, EachReadingDescriptorIsAFreshReadOnlyOne) {
  auto staged = blobs_->take();
  const auto one = blobs_->open_for_reading(staged->blob);
  const auto two = blobs_->open_for_reading(staged->blob);
  ASSERT_TRUE(one && two);
  EXPECT_NE((*one)->fd(), (*two)->fd());
  EXPECT_EQ(::fcntl((*one)->fd(), F_GETFL) & O_ACCMODE, O_RDONLY);
}

// The whole way over real descriptors.
TEST_F(Directory, WrittenSealedAndRead) {
  const Bytes contents = pattern(5'000'000);
  FileKeySource keys(test_file_key(), test_lineage());
  auto staged = blobs_->take();
  auto writer = BlobWriter::create(test_lineage(), {staged->blob, std::move(staged->file), 0}, keys,
                                   crypto::system_random());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write(0, contents));
  const auto finished = writer->finish();
  ASSERT_TRUE(finished);
  EXPECT_FALSE(blobs_->seal(staged->blob));  // the writer still holds it
  *writer = std::move(*BlobWriter::create(test_lineage(), {}, keys, crypto::system_random()));
  auto sealed = blobs_->seal(staged->blob);
  ASSERT_TRUE(sealed) << sealed.error().message;
  BlobReader reader =
      *BlobReader::open({test_lineage(), finished->description, {}, {*sealed}}, keys);
  Bytes got(contents.size());
  ASSERT_TRUE(reader.read(0, got));
  EXPECT_EQ(got, contents);
}

}  // namespace
}  // namespace bulkhead::store
