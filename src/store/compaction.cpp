#include "store/compaction.h"

#include <algorithm>
#include <array>
#include <memory>

#include "store/map_builder.h"

namespace bulkhead::store {
namespace {

constexpr std::uint64_t kWritebackBytes = 8 << 20;

// Calls `visit(segment, ref)` for every segment that the version has.
template <typename Visit>
Status for_each_segment(MapReader& map, std::uint64_t size, Visit visit) {
  auto table = std::make_unique<ExtentTable>();
  for (std::uint64_t extent = 0; extent * kExtentSize < size; ++extent) {
    BH_CHECK(map.load_extent(extent, *table));
    for (std::size_t slot = 0; slot < table->size(); ++slot) {
      const SegmentRef& ref = (*table)[slot];
      if (ref.present()) BH_CHECK(visit(extent * kSegmentsPerExtent + slot, ref));
    }
  }
  return {};
}

Result<std::vector<unsigned>> parts_to_keep(MapReader& map, const StoredVersion& version,
                                            std::uint64_t kept_from_bytes) {
  std::array<std::uint64_t, kMaxParts> live{};
  BH_CHECK(for_each_segment(map, version.description.size,
                            [&](std::uint64_t, const SegmentRef& ref) -> Status {
                              live[ref.part] += ref.length + kRecordOverhead;
                              return {};
                            }));
  std::vector<unsigned> kept;
  for (unsigned part = 0; part < version.parts.size(); ++part) {
    BH_TRY(const std::uint64_t stored, version.parts[part]->size());
    if (stored >= kept_from_bytes && live[part] >= stored / 2) kept.push_back(part);
  }
  std::ranges::sort(kept, [&](unsigned a, unsigned b) { return live[a] > live[b]; });
  if (kept.size() > kMostKeptParts) kept.resize(kMostKeptParts);
  std::ranges::sort(kept);
  return kept;
}

Result<SegmentRef> copy_segment(const DiskFile& from, std::uint64_t segment, const SegmentRef& ref,
                                RecordWriter& to) {
  const std::size_t size = kRecordOverhead + ref.length;
  BH_TRY(const RecordWriter::Slot slot, to.reserve(size));
  BH_CHECK(read_exactly_at(from, slot.bytes, ref.offset, "a part of stored contents"));
  const auto header = decode_record_header(slot.bytes);
  if (!header || header->kind != RecordKind::kSegment || header->index != segment ||
      header->length != ref.length || !equal(slot.bytes.last(kRecordTrailerSize), ref.tag)) {
    return fail(ErrorCode::kCorrupt,
                "stored contents are damaged: a segment is not where the map says");
  }
  SegmentRef moved = ref;
  moved.offset = slot.offset;
  return moved;
}

}  // namespace

Result<CompactedVersion> compact(const StoredVersion& version, const StagingPart& target,
                                 std::uint64_t kept_from_bytes) {
  BH_TRY(MapReader from, MapReader::open(version));
  const std::uint64_t size = version.description.size;
  CompactedVersion compacted;
  BH_TRY(compacted.kept_parts, parts_to_keep(from, version, kept_from_bytes));
  const auto& kept = compacted.kept_parts;
  const auto fresh = static_cast<unsigned>(kept.size());  // the number of the new part
  RecordWriter records(target.file, 0, {target.blob, version.lineage}, kWritebackBytes);
  MapBuilder map(version.lineage, fresh, records);
  BH_CHECK(
      for_each_segment(from, size, [&](std::uint64_t segment, const SegmentRef& ref) -> Status {
        const auto stays = std::ranges::find(kept, ref.part);
        SegmentRef moved = ref;
        if (stays == kept.end()) {
          BH_TRY(moved, copy_segment(from.part(ref.part), segment, ref, records));
          moved.part = static_cast<std::uint8_t>(fresh);
        } else {
          moved.part = static_cast<std::uint8_t>(stays - kept.begin());
        }
        return map.set(segment, moved);
      }));
  BH_TRY(const NodeRef root, map.finish(size));
  BH_CHECK(records.flush());
  std::vector<BlobId> blobs;
  for (const unsigned part : kept)
    blobs.push_back(from.blobs()[part]);
  blobs.push_back(target.blob);
  VersionDescription& d = compacted.description;
  d = version.description;
  d.parts = static_cast<std::uint8_t>(blobs.size());
  d.live_bytes = map.live_bytes();
  d.root = version_root(version.lineage, size, d.level, blobs, root.digest);
  d.root_node = root;
  d.root_node.digest = {};
  return compacted;
}

}  // namespace bulkhead::store
