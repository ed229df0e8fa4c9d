#include "store/staging_scan.h"

#include <algorithm>
#include <bitset>
#include <map>
#include <memory>

#include "store/blob_writer.h"
#include "store/map_nodes.h"

namespace bulkhead::store {
namespace {

constexpr std::size_t kMaxScannedExtents = std::size_t{1}
                                           << 17;  // 8 TiB; what lies beyond does not count

// Which segments are there and full, and the lengths of those that are not full: without keys, in
// bounded memory.
class Presence {
 public:
  void add(std::uint64_t segment, std::uint32_t length) {
    const std::uint64_t extent = segment / kSegmentsPerExtent;
    if (extents_.size() >= kMaxScannedExtents && !extents_.contains(extent)) return;
    Extent& e = extents_[extent];
    const std::size_t slot = segment % kSegmentsPerExtent;
    e.full[slot] = length == kSegmentSize;
    e.known[slot] = true;
    if (length == kSegmentSize) {
      e.partial.erase(slot);
    } else {
      e.partial[slot] = length;
    }
  }

  void truncate(std::uint64_t size) {
    const std::uint64_t whole = size / kSegmentSize;
    const auto rest = static_cast<std::uint32_t>(size % kSegmentSize);
    extents_.erase(extents_.lower_bound(whole / kSegmentsPerExtent + 1), extents_.end());
    const auto found = extents_.find(whole / kSegmentsPerExtent);
    if (found == extents_.end()) return;
    Extent& e = found->second;
    const std::size_t slot = whole % kSegmentsPerExtent;
    const std::uint32_t kept = e.full[slot]    ? rest
                               : e.known[slot] ? std::min(rest, e.partial[slot])
                                               : 0;
    for (std::size_t i = slot; i < kSegmentsPerExtent; ++i)
      e.full[i] = e.known[i] = false;
    e.partial.erase(e.partial.lower_bound(slot), e.partial.end());
    if (kept > 0) add(whole, kept);
  }

  // The length of a segment; nothing when it was not written here.
  std::optional<std::uint32_t> length(std::uint64_t segment) const {
    const auto found = extents_.find(segment / kSegmentsPerExtent);
    const std::size_t slot = segment % kSegmentsPerExtent;
    if (found == extents_.end() || !found->second.known[slot]) return std::nullopt;
    return found->second.full[slot] ? kSegmentSize : found->second.partial.at(slot);
  }

 private:
  struct Extent {
    std::bitset<kSegmentsPerExtent> known;
    std::bitset<kSegmentsPerExtent> full;
    std::map<std::size_t, std::uint32_t> partial;
  };
  std::map<std::uint64_t, Extent> extents_;
};

// What the base has, as far as truncations have left it.
class BaseLengths {
 public:
  Status open(const std::optional<StoredVersion>& base) {
    if (!base) return {};
    size_ = base->description.size;
    limit_ = size_;
    if (base->description.kind != ContentKind::kMapped) return {};
    BH_TRY(map_, MapReader::open(*base));
    return {};
  }
  void truncate(std::uint64_t size) { limit_ = std::min(limit_, size); }
  std::uint64_t size() const { return size_; }

  Result<std::uint32_t> length(std::uint64_t segment) {
    const std::uint64_t begin = segment * kSegmentSize;
    if (begin >= limit_) return 0;
    const auto most =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(kSegmentSize, limit_ - begin));
    if (!map_) return most;  // inline
    if (!table_ || extent_ != segment / kSegmentsPerExtent) {
      table_ = std::make_unique<ExtentTable>();
      extent_ = segment / kSegmentsPerExtent;
      BH_CHECK(map_->load_extent(extent_, *table_));
    }
    return std::min(most, (*table_)[segment % kSegmentsPerExtent].length);
  }

 private:
  std::uint64_t size_ = 0;
  std::uint64_t limit_ = 0;
  std::optional<MapReader> map_;
  std::unique_ptr<ExtentTable> table_;
  std::uint64_t extent_ = 0;
};

}  // namespace

Result<std::uint64_t> scan_records(const DiskFile& file, const RecordVisitor& visit) {
  BH_TRY(const std::uint64_t size, file.size());
  std::uint64_t at = kBlobHeaderSize;
  // One read brings the end of a record and the header of the next one.
  Byte window[kRecordTrailerSize + kRecordHeaderSize];
  if (at + kRecordHeaderSize > size) return at;
  BH_CHECK(
      read_exactly_at(file, MutableByteView(window).last(kRecordHeaderSize), at, "a staged part"));
  while (true) {
    const auto header = decode_record_header(ByteView(window).last(kRecordHeaderSize));
    if (!header) return at;
    const std::uint64_t body_end = at + kRecordHeaderSize + header->length;
    if (body_end + kRecordTrailerSize > size) return at;
    BH_TRY(const std::size_t got, file.read_at(window, body_end));
    if (got < kRecordTrailerSize) return at;
    ScannedRecord record{*header, at, {}};
    std::copy_n(window, record.tag.size(), record.tag.begin());
    BH_TRY(const bool counts, visit(record));
    if (!counts) return at;
    at = body_end + kRecordTrailerSize;
    if (got < sizeof window) return at;
  }
}

Result<std::uint64_t> scan_contiguous_size(const Lineage& lineage,
                                           const std::optional<StoredVersion>& base,
                                           const StagingPart& staging) {
  BaseLengths below;
  BH_CHECK(below.open(base));
  Presence staged;
  std::uint64_t size = below.size();
  BH_TRY(const std::uint64_t file_size, staging.file->size());
  if (file_size >= kBlobHeaderSize) {
    BH_TRY(const BlobHeader header, read_blob_header(*staging.file, lineage));
    if (header.blob != staging.blob)
      return fail(ErrorCode::kCorrupt, "the staged part is not the one it should be");
    const auto visit = [&](const ScannedRecord& record) -> Result<bool> {
      if (record.header.kind == RecordKind::kSegment) {
        staged.add(record.header.index, record.header.length);
        size = std::max(size, record.header.index * kSegmentSize + record.header.length);
      } else if (record.header.kind == RecordKind::kTruncation) {
        size = record.header.index;
        staged.truncate(size);
        below.truncate(size);
      }
      return true;
    };
    BH_CHECK(scan_records(*staging.file, visit));
  }
  for (std::uint64_t segment = 0;; ++segment) {
    const std::optional<std::uint32_t> written = staged.length(segment);
    BH_TRY(const std::uint32_t length,
           written ? Result<std::uint32_t>(*written) : below.length(segment));
    if (length < kSegmentSize) return std::min(size, segment * kSegmentSize + length);
  }
}

}  // namespace bulkhead::store
