#include "store/store_fixture.h"

#include <stdexcept>

namespace bulkhead::store {

crypto::AeadKey test_file_key(Byte seed) {
  ByteArray<32> bytes;
  bytes.fill(seed);
  return crypto::AeadKey(bytes);
}

Lineage test_lineage(Byte seed) {
  Lineage lineage;
  lineage.fill(seed);
  return lineage;
}

Bytes pattern(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  std::mt19937_64 engine(seed);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = engine();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, size - i));
  }
  return bytes;
}

namespace {
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}
}  // namespace

StagingPart StoreTest::new_part(unsigned number) {
  staged_ = random_.array<16>();
  return {staged_, must(disk_.open(path_of(staged_), OpenMode::kCreate)), number};
}

BlobWriter StoreTest::new_writer(WriterOptions options) {
  base_blobs_.clear();
  return must(BlobWriter::create(test_lineage(), new_part(0), keys_, random_, options));
}

BlobWriter StoreTest::writer_on(const StoredVersion& base, WriterOptions options) {
  base_blobs_ = blobs_of(base);
  return must(BlobWriter::on_base(base, new_part(base.description.parts), keys_, random_, options));
}

StoredVersion StoreTest::stored(const FinishedVersion& finished, const std::vector<BlobId>& blobs) {
  StoredVersion version;
  version.lineage = test_lineage();
  version.description = must(VersionDescription::parse(finished.description.serialise()));
  version.inline_box = finished.inline_box;
  if (version.description.kind != ContentKind::kMapped) return version;
  for (const BlobId& blob : blobs)
    version.parts.push_back(must(disk_.open(path_of(blob), OpenMode::kRead)));
  return version;
}

StoredVersion StoreTest::commit(BlobWriter& writer) {
  const FinishedVersion finished = must(writer.finish());
  std::vector<BlobId> blobs = base_blobs_;
  if (finished.staging_used) blobs.push_back(staged_);
  return stored(finished, blobs);
}

std::vector<BlobId> StoreTest::blobs_of(const StoredVersion& version) {
  std::vector<BlobId> blobs;
  for (const auto& part : version.parts) {
    Byte header[kBlobHeaderSize];
    if (!part->read_at(header, 0)) throw std::runtime_error("unreadable part");
    blobs.push_back(must(decode_blob_header(header)).blob);
  }
  return blobs;
}

Result<Bytes> StoreTest::read_all(const StoredVersion& version) {
  BH_TRY(BlobReader reader, BlobReader::open(version, keys_));
  Bytes bytes(reader.size());
  BH_TRY(const std::size_t got, reader.read(0, bytes));
  EXPECT_EQ(got, bytes.size());
  return bytes;
}

}  // namespace bulkhead::store
