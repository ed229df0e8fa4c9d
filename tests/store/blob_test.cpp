#include <gtest/gtest.h>

#include "store/store_fixture.h"

namespace bulkhead::store {
namespace {

class Blob : public StoreTest {};

TEST_F(Blob, SmallContentsTravelInline) {
  for (const std::size_t size : {1u, 100u, 65535u, 65536u}) {
    const Bytes contents = pattern(size, size);
    BlobWriter writer = new_writer();
    ASSERT_TRUE(writer.write(0, contents));
    const auto finished = writer.finish();
    ASSERT_TRUE(finished) << finished.error().message;
    EXPECT_EQ(finished->description.kind, ContentKind::kInline);
    EXPECT_FALSE(finished->staging_used);
    EXPECT_EQ(finished->inline_box.size(), size + 28);
    EXPECT_EQ(disk_.contents(path_of(staged_)).size(), 0u);
    StoredVersion version = stored(*finished, {});
    EXPECT_EQ(*read_all(version), contents);
    for (std::size_t at = 0; at < version.inline_box.size(); at += size > 1000 ? 997 : 1) {
      version.inline_box[at] ^= 1;
      EXPECT_EQ(read_all(version).error().code, ErrorCode::kCorrupt);
      version.inline_box[at] ^= 1;
    }
    version.lineage = test_lineage(9);
    EXPECT_FALSE(read_all(version));
  }
}

TEST_F(Blob, NothingIsEmpty) {
  BlobWriter writer = new_writer({.hash_plaintext = true});
  const auto finished = writer.finish();
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->description.kind, ContentKind::kEmpty);
  EXPECT_EQ(*finished->plaintext_sha256, crypto::sha256({}));
  EXPECT_TRUE(keys_.asked.empty());  // nothing to open, nothing to grant
  EXPECT_EQ(read_all(stored(*finished, {}))->size(), 0u);
  EXPECT_FALSE(writer.finish());  // only once
  EXPECT_FALSE(writer.write(0, as_bytes("x")));
}

TEST_F(Blob, LargeContentsInOrder) {
  const Bytes contents = pattern(3'000'001);
  BlobWriter writer = new_writer({.hash_plaintext = true});
  for (std::size_t at = 0; at < contents.size(); at += 32768) {
    ASSERT_TRUE(writer.write(
        at, ByteView(contents).subspan(at, std::min<std::size_t>(32768, contents.size() - at))));
  }
  const auto finished = writer.finish();
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->staging_used);
  EXPECT_EQ(*finished->plaintext_sha256, crypto::sha256(contents));
  EXPECT_LE(finished->description.serialise().size(), 100u);
  const StoredVersion version = stored(*finished, {staged_});
  EXPECT_EQ(*read_all(version), contents);
  // One record a segment, nothing twice.
  const std::size_t stored_bytes = disk_.contents(path_of(staged_)).size();
  EXPECT_LT(stored_bytes, contents.size() + 46 * (kRecordOverhead + kSegmentEntrySize) + 200);
  EXPECT_EQ(version.description.live_bytes, contents.size() + 46 * kRecordOverhead);
  EXPECT_EQ(as_text(disk_.contents(path_of(staged_))).find(as_text(ByteView(contents).first(16))),
            std::string_view::npos);
}

TEST_F(Blob, APartialRewriteSharesWhatItDoesNotTouch) {
  Bytes contents = pattern(2'000'000);
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, contents));
  const StoredVersion old_version = commit(first);

  BlobWriter second = writer_on(old_version);
  const Bytes change = pattern(100, 7);
  ASSERT_TRUE(second.write(700'000, change));
  ASSERT_TRUE(second.write(2'000'000, change));
  const StoredVersion new_version = commit(second);
  EXPECT_EQ(*read_all(old_version), contents);
  std::copy(change.begin(), change.end(), contents.begin() + 700'000);
  contents.insert(contents.end(), change.begin(), change.end());
  EXPECT_EQ(*read_all(new_version), contents);
  EXPECT_EQ(new_version.description.parts, 2);
  EXPECT_LT(disk_.contents(path_of(staged_)).size(), 3 * kSegmentSize);

  BlobWriter third = writer_on(new_version);
  const auto unchanged = third.finish();
  ASSERT_TRUE(unchanged);
  EXPECT_FALSE(unchanged->changed);
  EXPECT_EQ(unchanged->description, new_version.description);
}

TEST_F(Blob, ShrinkingBelowTheLimitGoesInlineAndGrowingLeavesIt) {
  const Bytes contents = pattern(300'000);
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, contents));
  const StoredVersion mapped = commit(first);
  BlobWriter second = writer_on(mapped);
  ASSERT_TRUE(second.truncate(1000));
  const StoredVersion inlined = commit(second);
  EXPECT_EQ(inlined.description.kind, ContentKind::kInline);
  EXPECT_EQ(*read_all(inlined), Bytes(contents.begin(), contents.begin() + 1000));
  BlobWriter third = writer_on(inlined);
  ASSERT_TRUE(third.truncate(200'000));
  const StoredVersion grown = commit(third);
  EXPECT_EQ(grown.description.kind, ContentKind::kMapped);
  Bytes expected(contents.begin(), contents.begin() + 1000);
  expected.resize(200'000);
  EXPECT_EQ(*read_all(grown), expected);  // zeros, not what was there once
}

// A file of terabytes with little in it: all levels of the map, growing and shrinking.
TEST_F(Blob, SparseFilesOfAnySize) {
  const std::vector<std::uint64_t> places = {0,
                                             kSegmentSize * 3 + 5,
                                             kExtentSize - 3,
                                             kExtentSize * 17 + 1,
                                             kExtentSize * 1023,
                                             kExtentSize * 1024 + 9,
                                             kExtentSize * 300'000 + 77,
                                             kMaxFileSize - 10};
  const Bytes mark = pattern(10, 3);
  std::optional<StoredVersion> version;
  for (std::size_t i = 0; i < places.size(); ++i) {  // one version after the other
    BlobWriter writer = version ? writer_on(*version) : new_writer();
    ASSERT_TRUE(writer.write(places[i], mark));
    ASSERT_EQ(writer.size(), places[i] + 10);
    const auto finished = writer.park();
    ASSERT_TRUE(finished) << finished.error().message;
    std::vector<BlobId> blobs = base_blobs_;
    blobs.push_back(staged_);
    version = stored(*finished, blobs);
    BlobReader reader = *BlobReader::open(*version, keys_);
    for (std::size_t j = 0; j <= i; ++j) {
      Bytes got(10);
      ASSERT_TRUE(reader.read(places[j], got));
      EXPECT_EQ(got, mark) << i << " " << j;
      Bytes around(14);
      const std::uint64_t at = places[j] == 0 ? 0 : places[j] - 1;
      const auto count = reader.read(at, around);
      ASSERT_TRUE(count);
      EXPECT_EQ(around[0], places[j] == 0 ? mark[0] : 0);
    }
  }
  BlobWriter writer = writer_on(*version);
  EXPECT_EQ(writer.write(kMaxFileSize, mark).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(writer.truncate(kMaxFileSize + 1).error().code, ErrorCode::kLimitExceeded);
  ASSERT_TRUE(writer.truncate(kExtentSize * 17 + 3));
  ASSERT_TRUE(writer.truncate(kExtentSize * 2000));
  ASSERT_TRUE(writer.write(kExtentSize * 1500, mark));
  const StoredVersion cut = commit(writer);
  BlobReader reader = *BlobReader::open(cut, keys_);
  Bytes got(10);
  ASSERT_TRUE(reader.read(kExtentSize * 17 + 1, got));
  EXPECT_EQ(got, (Bytes{mark[0], mark[1], 0, 0, 0, 0, 0, 0, 0, 0}));
  for (const std::uint64_t gone : {kExtentSize * 1023, kExtentSize * 1024 + 9}) {
    ASSERT_TRUE(reader.read(gone, got));
    EXPECT_EQ(got, Bytes(10));
  }
  ASSERT_TRUE(reader.read(kExtentSize * 1500, got));
  EXPECT_EQ(got, mark);
  ASSERT_TRUE(reader.read(kExtentSize - 3, got));
  EXPECT_EQ(got, mark);
}

TEST_F(Blob, ManyExtentsStayInBoundedMemory) {
  BlobWriter writer = new_writer();
  for (std::uint64_t i = 0; i < 200; ++i)
    ASSERT_TRUE(writer.write(((i * 37) % 100) * kExtentSize + i, Bytes{static_cast<Byte>(i + 1)}));
  const StoredVersion version = commit(writer);
  BlobReader reader = *BlobReader::open(version, keys_);
  for (std::uint64_t i = 0; i < 200; ++i) {
    Bytes got(1);
    ASSERT_TRUE(reader.read(((i * 37) % 100) * kExtentSize + i, got));
    EXPECT_EQ(got[0], static_cast<Byte>(i + 1));
  }
}

TEST_F(Blob, KeysAreAskedForPerExtentAndAhead) {
  BlobWriter writer = new_writer();
  const Bytes piece = pattern(256 * 1024);
  for (std::uint64_t at = 0; at < kExtentSize + kExtentSize / 2; at += piece.size())
    ASSERT_TRUE(writer.write(at, piece));
  EXPECT_EQ(keys_.asked, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(keys_.expected, (std::vector<std::uint64_t>{1}));
  const StoredVersion version = commit(writer);
  keys_.asked.clear();
  keys_.expected.clear();
  BlobReader reader = *BlobReader::open(version, keys_);
  EXPECT_TRUE(keys_.asked.empty());
  Bytes got(300'000);
  for (std::uint64_t at = 0; at < reader.size(); at += got.size())
    ASSERT_TRUE(reader.read(at, got));
  EXPECT_EQ(keys_.asked, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(keys_.expected, (std::vector<std::uint64_t>{1}));
}

TEST_F(Blob, ARefusedKeyEndsTheOperation) {
  BlobWriter writer = new_writer();
  ASSERT_TRUE(writer.write(0, pattern(200'000)));
  const StoredVersion version = commit(writer);
  keys_.refuse = true;
  EXPECT_EQ(read_all(version).error().code, ErrorCode::kRefused);
  BlobWriter second = writer_on(version);
  EXPECT_EQ(second.write(100, as_bytes("x")).error().code, ErrorCode::kRefused);
  keys_.refuse = false;
  EXPECT_EQ(second.write(0, as_bytes("x")).error().code,
            ErrorCode::kRefused);  // half written: not to be committed
  EXPECT_FALSE(second.finish());
}

TEST_F(Blob, AFullDiskIsSticky) {
  BlobWriter writer = new_writer();
  disk_.fail_writes_with(ErrorCode::kNoSpace);
  Status status;
  for (std::uint64_t at = 0; status && at < 4'000'000; at += 65536)
    status = writer.write(at, pattern(65536));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kNoSpace);
  disk_.fail_writes_with(ErrorCode::kInternal);
  EXPECT_EQ(writer.finish().error().code, ErrorCode::kNoSpace);
}

// Every byte of a blob that belongs to a version is vouched for by its description.
TEST_F(Blob, EveryFlippedByteIsRefused) {
  const Bytes contents = pattern(70'000);
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, contents));
  const StoredVersion base = commit(first);
  BlobWriter second = writer_on(base);
  ASSERT_TRUE(second.write(66'000, as_bytes("changed")));
  const StoredVersion version = commit(second);
  const std::vector<BlobId> blobs = blobs_of(version);
  ASSERT_EQ(blobs.size(), 2u);
  // Of the first part only the header and the first segment are still used.
  const std::size_t used[] = {kBlobHeaderSize + kRecordOverhead + kSegmentSize,
                              disk_.contents(path_of(blobs[1])).size()};
  for (int part = 0; part < 2; ++part) {
    const std::string path = path_of(blobs[part]);
    const Bytes good = disk_.contents(path);
    for (std::size_t at = 0; at < used[part]; at += at > 200 && at < 65'000 ? 61 : 1) {
      Bytes bad = good;
      bad[at] ^= static_cast<Byte>(1 << (at % 8));
      disk_.set_contents(path, bad);
      const auto read = read_all(version);
      ASSERT_FALSE(read) << "part " << part << " byte " << at;
      EXPECT_TRUE(read.error().code == ErrorCode::kCorrupt ||
                  read.error().code == ErrorCode::kNewerFormat);
    }
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{63}, std::size_t{64}, used[part] - 1}) {
      disk_.set_contents(path,
                         Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
      EXPECT_FALSE(read_all(version));
    }
    disk_.set_contents(path, good);
  }
  EXPECT_TRUE(read_all(version));
  StoredVersion swapped = version;
  std::swap(swapped.parts[0], swapped.parts[1]);
  EXPECT_FALSE(read_all(swapped));
  const Bytes description = version.description.serialise();
  for (std::size_t at = 0; at < description.size(); ++at) {
    if (at >= 16 && at < 24) continue;  // live_bytes: a hint
    Bytes bad = description;
    bad[at] ^= 4;
    const auto parsed = VersionDescription::parse(bad);
    if (!parsed) continue;
    StoredVersion changed = version;
    changed.description = *parsed;
    EXPECT_FALSE(read_all(changed)) << at;
  }
}

// An older record of the same segment, with a valid tag under the same key, is not what the map
// says.
TEST_F(Blob, AnOlderSegmentCannotBePutBack) {
  BlobWriter writer = new_writer();
  ASSERT_TRUE(writer.write(0, Bytes(65536, 1)));
  ASSERT_TRUE(writer.write(65536, Bytes(65536, 1)));
  ASSERT_TRUE(writer.write(65536, Bytes(65536, 2)));
  const StoredVersion version = commit(writer);
  Bytes bytes = disk_.contents(path_of(staged_));
  const std::size_t record = kRecordOverhead + kSegmentSize;
  std::copy_n(bytes.begin() + kBlobHeaderSize + record, record,
              bytes.begin() + kBlobHeaderSize + 2 * record);
  disk_.set_contents(path_of(staged_), bytes);
  EXPECT_EQ(read_all(version).error().code, ErrorCode::kCorrupt);
}

TEST_F(Blob, CompactionKeepsContentsAndDropsGarbage) {
  Bytes contents = pattern(1'500'000);
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, contents));
  StoredVersion version = commit(first);
  for (unsigned i = 0; i < 20; ++i) {
    BlobWriter writer = writer_on(version);
    const Bytes change = pattern(50'000, i);
    const std::uint64_t at = (i * 377'777) % 1'600'000;
    ASSERT_TRUE(writer.write(at, change));
    contents.resize(std::max<std::size_t>(contents.size(), at + change.size()));
    std::ranges::copy(change, contents.begin() + static_cast<std::ptrdiff_t>(at));
    version = commit(writer);
  }
  EXPECT_EQ(version.description.parts, 21);
  EXPECT_TRUE(wants_compaction(version.description, 0));
  EXPECT_EQ(*read_all(version), contents);
  keys_.asked.clear();
  StoredVersion compacted = version;
  const StagingPart target = new_part(0);
  const auto result = compact(version, target);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(keys_.asked.empty());
  EXPECT_TRUE(result->kept_parts.empty()) << "all of them are small";
  compacted.description = result->description;
  compacted.parts = {target.file};
  EXPECT_EQ(*read_all(compacted), contents);
  EXPECT_EQ(compacted.description.parts, 1);
  EXPECT_FALSE(wants_compaction(compacted.description, *target.file->size()));
  EXPECT_EQ(compacted.description.live_bytes, version.description.live_bytes);
  // And it can be built on.
  compacted.parts = {*disk_.open(path_of(target.blob), OpenMode::kRead)};
  BlobWriter writer = writer_on(compacted);
  ASSERT_TRUE(writer.truncate(1'000'000));
  contents.resize(1'000'000);
  EXPECT_EQ(*read_all(commit(writer)), contents);
}

TEST_F(Blob, CompactionKeepsLargePartsThatAreUsed) {
  Bytes contents = pattern(1'500'000);
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, contents));
  StoredVersion version = commit(first);
  const auto change = [&](std::uint64_t at, const Bytes& bytes) {
    BlobWriter writer = writer_on(version);
    ASSERT_TRUE(writer.write(at, bytes));
    contents.resize(std::max<std::size_t>(contents.size(), at + bytes.size()));
    std::ranges::copy(bytes, contents.begin() + static_cast<std::ptrdiff_t>(at));
    version = commit(writer);
  };
  change(100, pattern(10, 1));
  change(1'500'000, pattern(900'000, 2));  // part 2: used, and large enough to stay
  change(2'400'000, pattern(700'000, 3));  // part 3: large, and then hardly used
  change(2'400'000, pattern(700'000, 4));  // part 4
  change(200'000, pattern(100, 5));
  ASSERT_EQ(version.description.parts, 6);
  const StagingPart target = new_part(0);
  const auto result = compact(version, target, 500'000);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->kept_parts, (std::vector<unsigned>{0, 2, 4}));
  EXPECT_LT(*target.file->size(), 1'000'000u) << "what stays is not copied";
  StoredVersion compacted = version;
  compacted.description = result->description;
  compacted.parts = {version.parts[0], version.parts[2], version.parts[4], target.file};
  EXPECT_EQ(*read_all(compacted), contents);
  EXPECT_EQ(*read_all(version), contents) << "whoever reads the old parts goes on";
  // The order of the parts is bound by the root.
  std::swap(compacted.parts[0], compacted.parts[1]);
  EXPECT_FALSE(read_all(compacted));
}

TEST_F(Blob, TooManyPartsAreRefused) {
  BlobWriter first = new_writer();
  ASSERT_TRUE(first.write(0, pattern(70'000)));
  StoredVersion version = commit(first);
  for (unsigned i = 1; i < kMaxParts; ++i) {
    BlobWriter writer = writer_on(version);
    ASSERT_TRUE(writer.write(i, as_bytes("x")));
    version = commit(writer);
  }
  EXPECT_EQ(version.description.parts, kMaxParts);
  const auto refused = BlobWriter::on_base(version, new_part(kMaxParts), keys_, random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace bulkhead::store
