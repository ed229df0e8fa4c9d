// What the tests of the store share: one lineage with its file key, and blobs on a simulated disk.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "store/blob_writer.h"
#include "store/compaction.h"
#include "support/simulated_disk.h"

namespace bulkhead::store {

// The same bytes for the same seed.
class SeededRandom final : public crypto::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(MutableByteView bytes) override {
    for (Byte& b : bytes)
      b = static_cast<Byte>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

crypto::AeadKey test_file_key(Byte seed = 1);
Lineage test_lineage(Byte seed = 1);
Bytes pattern(std::size_t size, std::uint64_t seed = 0);

// Counts what was asked for; can refuse.
class CountingKeys final : public ExtentKeySource {
 public:
  CountingKeys() : keys_(test_file_key(), test_lineage()) {}
  Result<const crypto::AeadKey*> get(std::uint64_t extent) override {
    asked.push_back(extent);
    if (refuse) return fail(ErrorCode::kRefused, "the budget is spent");
    return keys_.get(extent);
  }
  void expect(std::uint64_t extent) override { expected.push_back(extent); }

  std::vector<std::uint64_t> asked;
  std::vector<std::uint64_t> expected;
  bool refuse = false;

 private:
  FileKeySource keys_;
};

class StoreTest : public ::testing::Test {
 protected:
  StagingPart new_part(unsigned number);
  BlobWriter new_writer(WriterOptions options = {});
  BlobWriter writer_on(const StoredVersion& base, WriterOptions options = {});
  // What the vault hands out after a commit: the parts of the base and the staged one, opened for
  // reading.
  StoredVersion stored(const FinishedVersion& finished, const std::vector<BlobId>& blobs);
  StoredVersion commit(BlobWriter& writer);
  // The blobs of the version that commit() returned last, in order.
  std::vector<BlobId> blobs_of(const StoredVersion& version);
  Result<Bytes> read_all(const StoredVersion& version);
  std::string path_of(const BlobId& blob) const { return "b/" + to_hex(blob); }

  test::SimulatedDisk disk_;
  SeededRandom random_{42};
  CountingKeys keys_;
  std::vector<BlobId> base_blobs_;  // of the version that the newest writer builds on
  BlobId staged_{};
};

}  // namespace bulkhead::store
