// The map of a version that is being written: the base's map, overlaid with what was written, in
// bounded memory: tables that were not used for a while are appended to the part and read back when
// they are needed.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>

#include "store/map_nodes.h"
#include "store/record_io.h"

namespace bulkhead::store {

class MapBuilder {
 public:
  // `part`: number of the part that `records` writes to.
  MapBuilder(const Lineage& lineage, unsigned part, RecordWriter& records)
      : lineage_(lineage), part_(part), records_(records) {}

  void set_base(MapReader base, std::uint64_t live_bytes);
  bool has_base() const { return base_.has_value(); }

  Result<SegmentRef> get(std::uint64_t segment);
  Status set(std::uint64_t segment,
             const SegmentRef& ref);  // kLimitExceeded when too many extents were touched
  // Everything from here on is a hole.
  Status clear_from(std::uint64_t first_segment);
  // The first segment of [0, ceil(size / segment)) that is not there or not full.
  Result<std::uint64_t> first_gap(std::uint64_t size);

  // Writes what is not written yet. The root's level is map_level_for(size).
  Result<NodeRef> finish(std::uint64_t size);
  std::uint64_t live_bytes() const { return live_bytes_; }
  const MapReader* base() const { return base_ ? &*base_ : nullptr; }

 private:
  struct Table {
    std::uint64_t extent = 0;
    bool dirty = false;
    ExtentTable entries;
  };
  Result<Table*> table_of(std::uint64_t extent);
  Status load(std::uint64_t extent, ExtentTable& entries);
  Status write_out(Table& table);
  Result<NodeRef> finish_page(std::uint64_t page, bool wanted);

  Lineage lineage_;
  unsigned part_;
  RecordWriter& records_;
  std::optional<MapReader> base_;
  std::uint64_t base_extents_ = 0;            // the base counts below this one only
  std::list<Table> tables_;                   // most recently used first
  std::map<std::uint64_t, NodeRef> written_;  // extents whose table this writer has written
  std::uint64_t live_bytes_ = 0;
};

}  // namespace bulkhead::store
