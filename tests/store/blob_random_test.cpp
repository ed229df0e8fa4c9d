// Random operations on a writer and on a plain vector of bytes: always the same answer.
#include <gtest/gtest.h>

#include "store/store_fixture.h"

namespace bulkhead::store {
namespace {

class BlobRandom : public StoreTest, public ::testing::WithParamInterface<int> {
 protected:
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : engine_() % n; }

  // Mostly a few segments long, at or across their borders, sometimes far away.
  std::uint64_t place(std::uint64_t limit) {
    const std::uint64_t near = below(limit / kSegmentSize + 1) * kSegmentSize;
    switch (below(4)) {
      case 0:
        return below(limit + 1);
      case 1:
        return near;
      case 2:
        return near == 0 ? 0 : near - below(3);
      default:
        return near + below(200);
    }
  }
  std::size_t length() {
    switch (below(6)) {
      case 0:
        return 1 + below(100);
      case 1:
        return 32768;
      case 2:
        return kSegmentSize;
      case 3:
        return kSegmentSize * (1 + below(3));
      case 4:
        return 1 + below(300'000);
      default:
        return 1 + below(70'000);
    }
  }

  void write(BlobWriter& writer) {
    const std::uint64_t at = below(4) == 0 ? expected_.size() : place(kLimit);
    const Bytes bytes = pattern(length(), engine_());
    ASSERT_TRUE(writer.write(at, bytes));
    if (expected_.size() < at + bytes.size()) expected_.resize(at + bytes.size());
    std::ranges::copy(bytes, expected_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void write_backwards(BlobWriter& writer) {
    const Bytes bytes = pattern(32768 * (1 + below(8)), engine_());
    const std::uint64_t at = place(kLimit);
    for (std::size_t end = bytes.size(); end > 0; end -= 32768) {
      ASSERT_TRUE(writer.write(at + end - 32768, ByteView(bytes).subspan(end - 32768, 32768)));
    }
    if (expected_.size() < at + bytes.size()) expected_.resize(at + bytes.size());
    std::ranges::copy(bytes, expected_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void truncate(BlobWriter& writer) {
    const std::uint64_t size = below(3) == 0 ? below(kLimit) : place(expected_.size());
    ASSERT_TRUE(writer.truncate(size));
    expected_.resize(size);
  }
  template <typename Source>
  void check_read(Source& source) {
    const std::uint64_t at = place(expected_.size() + 10);
    Bytes got(length());
    const auto count = source.read(at, got);
    ASSERT_TRUE(count) << count.error().message;
    const std::size_t there =
        at >= expected_.size() ? 0 : std::min<std::size_t>(got.size(), expected_.size() - at);
    ASSERT_EQ(*count, there);
    ASSERT_TRUE(there == 0 || std::memcmp(got.data(), expected_.data() + at, there) == 0)
        << "at " << at;
  }

  static constexpr std::uint64_t kLimit = 2'500'000;
  std::mt19937_64 engine_;
  Bytes expected_;
};

TEST_P(BlobRandom, LikeAVectorOfBytes) {
  engine_.seed(static_cast<std::uint64_t>(GetParam()));
  std::optional<StoredVersion> version;
  std::vector<std::pair<StoredVersion, Bytes>> older;
  for (int round = 0; round < 6; ++round) {
    BlobWriter writer = version ? writer_on(*version) : new_writer();
    if (version && below(6) == 0) {
      ASSERT_TRUE(writer.truncate(0));
      expected_.clear();
    }
    const int operations = static_cast<int>(below(40));
    for (int i = 0; i < operations; ++i) {
      switch (below(10)) {
        case 0:
          truncate(writer);
          break;
        case 1:
          write_backwards(writer);
          break;
        case 2:
          ASSERT_TRUE(writer.flush());
          break;
        case 3:
        case 4:
        case 5:
          check_read(writer);
          break;
        default:
          write(writer);
          break;
      }
      ASSERT_EQ(writer.size(), expected_.size());
      if (HasFatalFailure()) return;
    }
    version = commit(writer);
    auto reader = BlobReader::open(*version, keys_);
    ASSERT_TRUE(reader) << reader.error().message;
    for (int i = 0; i < 15 && !HasFatalFailure(); ++i)
      check_read(*reader);
    ASSERT_EQ(*read_all(*version), expected_);
    older.emplace_back(*version, expected_);
  }
  for (const auto& [old_version, contents] : older)
    ASSERT_EQ(*read_all(old_version), contents);
  if (version->description.kind != ContentKind::kMapped) return;
  const StagingPart target = new_part(0);
  const std::uint64_t kept_from = below(2) == 0 ? 100'000 : kKeptFromBytes;
  const auto compacted = compact(*version, target, kept_from);
  ASSERT_TRUE(compacted) << compacted.error().message;
  StoredVersion small = *version;
  small.description = compacted->description;
  small.parts.clear();
  for (const unsigned part : compacted->kept_parts)
    small.parts.push_back(version->parts[part]);
  small.parts.push_back(target.file);
  ASSERT_EQ(*read_all(small), expected_);
}

// Each upload dies in the middle, is found by its records alone, and goes on.
TEST_P(BlobRandom, LikeAVectorOfBytesAfterDeaths) {
  engine_.seed(static_cast<std::uint64_t>(GetParam()) + 1000);
  // A base without holes: what is there without a gap is everything.
  expected_ = pattern(kLimit / 2);
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, expected_));
  const StoredVersion base = commit(first);
  StagingPart part = new_part(1);
  {
    auto writer = BlobWriter::on_base(base, part, keys_, random_);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->flush());
  }
  for (int death = 0; death < 8; ++death) {
    const auto known = scan_contiguous_size(test_lineage(), base, part);
    ASSERT_TRUE(known) << known.error().message;
    EXPECT_EQ(*known, expected_.size());
    part.file = *disk_.open(path_of(part.blob), OpenMode::kReadWrite);
    const ScanDepth depth = below(2) == 0 ? ScanDepth::kHeaders : ScanDepth::kContents;
    auto writer = BlobWriter::resume_scanned(test_lineage(), base, part, depth, keys_, random_);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_EQ(writer->size(), expected_.size());
    for (int i = 0; i < 10; ++i) {
      if (below(5) == 0) {
        const std::uint64_t size = place(expected_.size());
        ASSERT_TRUE(writer->truncate(std::min<std::uint64_t>(size, expected_.size())));
        expected_.resize(std::min<std::uint64_t>(size, expected_.size()));
      } else {
        const std::uint64_t at = std::min<std::uint64_t>(place(kLimit), expected_.size());
        const Bytes bytes = pattern(length(), engine_());
        ASSERT_TRUE(writer->write(at, bytes));
        if (expected_.size() < at + bytes.size()) expected_.resize(at + bytes.size());
        std::ranges::copy(bytes, expected_.begin() + static_cast<std::ptrdiff_t>(at));
      }
      check_read(*writer);
      if (HasFatalFailure()) return;
    }
    ASSERT_TRUE(writer->flush());
  }
  auto writer =
      BlobWriter::resume_scanned(test_lineage(), base, part, ScanDepth::kContents, keys_, random_);
  ASSERT_TRUE(writer);
  const auto finished = writer->finish();
  ASSERT_TRUE(finished);
  std::vector<BlobId> blobs = blobs_of(base);
  blobs.push_back(part.blob);
  ASSERT_EQ(*read_all(stored(*finished, blobs)), expected_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BlobRandom, ::testing::Range(0, 25));

}  // namespace
}  // namespace bulkhead::store
