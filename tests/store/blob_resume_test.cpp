#include <gtest/gtest.h>

#include "store/store_fixture.h"

namespace bulkhead::store {
namespace {

class Resume : public StoreTest {};

TEST_F(Resume, ParkedAndGoneOn) {
  const Bytes contents = pattern(1'000'000);
  BlobWriter writer = new_writer();
  const StagingPart first{staged_, *disk_.open(path_of(staged_), OpenMode::kReadWrite), 0};
  ASSERT_TRUE(writer.write(0, ByteView(contents).first(123'456)));
  std::uint64_t done = 123'456;
  auto parked = writer.park();
  ASSERT_TRUE(parked);
  for (int i = 0; i < 4; ++i) {
    // Something torn behind what was parked does not matter.
    ASSERT_TRUE(first.file->write_at(pattern(777), *first.file->size()));
    auto resumed = BlobWriter::resume_parked(stored(*parked, {first.blob}), first, keys_, random_);
    ASSERT_TRUE(resumed) << resumed.error().message;
    ASSERT_EQ(resumed->size(), done);
    Bytes got(done);
    ASSERT_TRUE(resumed->read(0, got));
    ASSERT_TRUE(std::equal(got.begin(), got.end(), contents.begin()));
    const std::size_t more = i == 3 ? contents.size() - done : 200'000;
    ASSERT_TRUE(resumed->write(done, ByteView(contents).subspan(done, more)));
    done += more;
    parked = i == 3 ? resumed->finish() : resumed->park();
    ASSERT_TRUE(parked) << parked.error().message;
  }
  EXPECT_EQ(*read_all(stored(*parked, {first.blob})), contents);
}

TEST_F(Resume, ASmallParkedUploadEndsInline) {
  BlobWriter writer = new_writer();
  const StagingPart part{staged_, *disk_.open(path_of(staged_), OpenMode::kReadWrite), 0};
  ASSERT_TRUE(writer.write(0, as_bytes("hello ")));
  const auto parked = writer.park();
  ASSERT_TRUE(parked);
  auto resumed = BlobWriter::resume_parked(stored(*parked, {part.blob}), part, keys_, random_);
  ASSERT_TRUE(resumed);
  ASSERT_TRUE(resumed->write(6, as_bytes("world")));
  const auto finished = resumed->finish();
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->description.kind, ContentKind::kInline);
  EXPECT_TRUE(equal(*read_all(stored(*finished, {})), as_bytes("hello world")));
}

// Cut and garbled anywhere: what counts is what came whole before, and it can be gone on with.
TEST_F(Resume, ScannedUpToTheFirstTornRecord) {
  const Bytes contents = pattern(400'000);
  BlobWriter writer = new_writer();
  ASSERT_TRUE(writer.write(0, contents));
  ASSERT_TRUE(writer.flush());
  const std::string path = path_of(staged_);
  const BlobId blob = staged_;
  const Bytes good = disk_.contents(path);
  const std::size_t record = kRecordOverhead + kSegmentSize;
  for (std::size_t size = 0; size <= good.size(); size += 9973) {
    for (const bool garbage : {false, true}) {
      Bytes torn(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
      const Bytes junk = pattern(200'000, size);
      if (garbage) torn.insert(torn.end(), junk.begin(), junk.end());
      disk_.set_contents(path, torn);
      const std::uint64_t whole = size < kBlobHeaderSize ? 0 : (size - kBlobHeaderSize) / record;
      const StagingPart part{blob, *disk_.open(path, OpenMode::kReadWrite), 0};
      auto resumed = BlobWriter::resume_scanned(test_lineage(), std::nullopt, part,
                                                ScanDepth::kContents, keys_, random_);
      ASSERT_TRUE(resumed) << resumed.error().message;
      ASSERT_EQ(resumed->size(), std::min<std::uint64_t>(whole * kSegmentSize, contents.size()));
      const std::uint64_t done = resumed->size();
      ASSERT_TRUE(resumed->write(done, ByteView(contents).subspan(done)));
      const auto finished = resumed->finish();
      ASSERT_TRUE(finished) << finished.error().message;
      ASSERT_EQ(*read_all(stored(*finished, {blob})), contents);
    }
  }
}

TEST_F(Resume, HeadersMayLieContentsDoNot) {
  const Bytes contents = pattern(300'000);
  BlobWriter writer = new_writer();
  ASSERT_TRUE(writer.write(0, contents));
  ASSERT_TRUE(writer.flush());
  Bytes bytes = disk_.contents(path_of(staged_));
  bytes[kBlobHeaderSize + kRecordOverhead + kSegmentSize + 5000] ^= 1;  // in the second segment
  disk_.set_contents(path_of(staged_), bytes);
  const StagingPart part{staged_, *disk_.open(path_of(staged_), OpenMode::kReadWrite), 0};
  EXPECT_EQ(*scan_contiguous_size(test_lineage(), std::nullopt, part), 300'000u);
  EXPECT_EQ(BlobWriter::resume_scanned(test_lineage(), std::nullopt, part, ScanDepth::kContents,
                                       keys_, random_)
                ->size(),
            kSegmentSize);
}

TEST_F(Resume, WhatLiesBehindAGapIsDropped) {
  BlobWriter writer = new_writer();
  ASSERT_TRUE(writer.write(0, pattern(kSegmentSize)));
  ASSERT_TRUE(writer.write(kSegmentSize * 3, pattern(kSegmentSize)));
  ASSERT_TRUE(writer.flush());
  const StagingPart part{staged_, *disk_.open(path_of(staged_), OpenMode::kReadWrite), 0};
  EXPECT_EQ(*scan_contiguous_size(test_lineage(), std::nullopt, part), kSegmentSize);
  auto resumed = BlobWriter::resume_scanned(test_lineage(), std::nullopt, part, ScanDepth::kHeaders,
                                            keys_, random_);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->size(), kSegmentSize);
  ASSERT_TRUE(resumed->truncate(5 * kSegmentSize));
  Bytes got(kSegmentSize);
  ASSERT_TRUE(resumed->read(3 * kSegmentSize, got));
  EXPECT_EQ(got, Bytes(kSegmentSize));
}

// A staged part is whatever an edge left there.
TEST_F(Resume, HostilePartsAreBoundedAndRefused) {
  const StagingPart part = new_part(0);
  for (int seed = 0; seed < 200; ++seed) {
    std::mt19937_64 engine(static_cast<std::uint64_t>(seed));
    Bytes bytes = to_bytes(encode(BlobHeader{part.blob, test_lineage()}));
    for (int i = 0; i < 20; ++i) {
      Byte header[kRecordHeaderSize];
      const RecordKind kinds[] = {RecordKind::kSegment, RecordKind::kTruncation,
                                  RecordKind::kMapNode, RecordKind{7}};
      const std::uint64_t sizes[] = {engine() % 2000, engine() % kMaxFileSize, engine(),
                                     kMaxFileSize / kSegmentSize - 1};
      encode_to(header, {kinds[engine() % 4],
                         sizes[engine() % 4],
                         static_cast<std::uint32_t>(engine() % (engine() % 8 == 0 ? 100'000 : 60)),
                         {}});
      bytes.insert(bytes.end(), header, header + sizeof header);
      const std::size_t body = load_le<std::uint32_t>(header + 12);
      bytes.resize(bytes.size() + std::min<std::size_t>(body, 2000) + kRecordTrailerSize);
    }
    disk_.set_contents(path_of(part.blob), bytes);
    static_cast<void>(scan_contiguous_size(test_lineage(), std::nullopt, part));
    auto resumed = BlobWriter::resume_scanned(test_lineage(), std::nullopt, part,
                                              ScanDepth::kHeaders, keys_, random_);
    if (resumed) static_cast<void>(resumed->finish());
  }
}

}  // namespace
}  // namespace bulkhead::store
