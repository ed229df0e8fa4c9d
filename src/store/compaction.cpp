#include "store/compaction.h"

#include <algorithm>
#include <memory>

#include "store/map_builder.h"

namespace bulkhead::store {
namespace {

Status copy_segment(const DiskFile& from, std::uint64_t segment, const SegmentRef& ref,
                    RecordWriter& to, MapBuilder& map) {
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
  moved.part = 0;
  moved.offset = slot.offset;
  return map.set(segment, moved);
}

}  // namespace

Result<VersionDescription> compact(const StoredVersion& version, const StagingPart& target) {
  if (target.number != 0)
    return fail(ErrorCode::kInvalidArgument, "what is compacted goes into one part");
  BH_TRY(MapReader from, MapReader::open(version));
  RecordWriter records(target.file, 0, {target.blob, version.lineage}, 8 << 20);
  MapBuilder map(version.lineage, 0, records);
  const std::uint64_t size = version.description.size;
  auto table = std::make_unique<ExtentTable>();
  for (std::uint64_t extent = 0; extent * kExtentSize < size; ++extent) {
    BH_CHECK(from.load_extent(extent, *table));
    for (std::size_t slot = 0; slot < table->size(); ++slot) {
      const SegmentRef& ref = (*table)[slot];
      const std::uint64_t segment = extent * kSegmentsPerExtent + slot;
      if (ref.present()) BH_CHECK(copy_segment(from.part(ref.part), segment, ref, records, map));
    }
  }
  BH_TRY(const NodeRef root, map.finish(size));
  BH_CHECK(records.flush());
  VersionDescription d = version.description;
  d.parts = 1;
  d.live_bytes = map.live_bytes();
  d.root = version_root(version.lineage, size, d.level, {target.blob}, root.digest);
  d.root_node = root;
  d.root_node.digest = {};
  return d;
}

}  // namespace bulkhead::store
