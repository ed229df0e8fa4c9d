#include "store/map_builder.h"

#include <algorithm>

namespace bulkhead::store {
namespace {

constexpr std::size_t kTablesKept = 16;
constexpr std::size_t kMaxTouchedExtents = std::size_t{1} << 20;  // 64 TiB: the whole file

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b != 0);
}
std::uint64_t stored_size(const SegmentRef& ref) {
  return ref.present() ? ref.length + kRecordOverhead : 0;
}

}  // namespace

void MapBuilder::set_base(MapReader base, std::uint64_t live_bytes) {
  base_ = std::move(base);
  base_extents_ = ~std::uint64_t{0};
  live_bytes_ = live_bytes;
}

Status MapBuilder::load(std::uint64_t extent, ExtentTable& entries) {
  if (const auto found = written_.find(extent); found != written_.end()) {
    if (found->second.offset + found->second.length + kRecordOverhead > records_.written())
      BH_CHECK(records_.flush());
    BH_TRY(const Bytes body, read_node(records_.file(), found->second, 0, extent));
    if (digest_of(body) != found->second.digest)
      return fail(ErrorCode::kCorrupt, "a map that was just written reads differently");
    return decode_extent_table(body, lineage_, extent, part_ + 1, entries);
  }
  if (base_ && extent < base_extents_) return base_->load_extent(extent, entries);
  entries.fill({});
  return {};
}

Status MapBuilder::write_out(Table& table) {
  BH_TRY(const NodeRef ref,
         records_.append_node(part_, 0, table.extent,
                              encode_extent_table(lineage_, table.extent, table.entries)));
  written_[table.extent] = ref;
  table.dirty = false;
  return {};
}

Result<MapBuilder::Table*> MapBuilder::table_of(std::uint64_t extent) {
  const auto found = std::ranges::find(tables_, extent, &Table::extent);
  if (found != tables_.end()) {
    if (found != tables_.begin()) tables_.splice(tables_.begin(), tables_, found);
    return &tables_.front();
  }
  if (tables_.size() == kTablesKept) {
    if (tables_.back().dirty) BH_CHECK(write_out(tables_.back()));
    tables_.pop_back();
  }
  tables_.emplace_front();
  tables_.front().extent = extent;
  if (Status loaded = load(extent, tables_.front().entries); !loaded) {
    tables_.pop_front();
    return fail(loaded.error());
  }
  return &tables_.front();
}

Result<SegmentRef> MapBuilder::get(std::uint64_t segment) {
  BH_TRY(const Table* const table, table_of(segment / kSegmentsPerExtent));
  return table->entries[segment % kSegmentsPerExtent];
}

Status MapBuilder::set(std::uint64_t segment, const SegmentRef& ref) {
  BH_TRY(Table* const table, table_of(segment / kSegmentsPerExtent));
  if (!table->dirty && written_.size() >= kMaxTouchedExtents) {
    return fail(ErrorCode::kLimitExceeded, "too many places of the file were written");
  }
  SegmentRef& entry = table->entries[segment % kSegmentsPerExtent];
  live_bytes_ -= std::min(live_bytes_, stored_size(entry));
  live_bytes_ += stored_size(ref);
  entry = ref;
  table->dirty = true;
  return {};
}

Status MapBuilder::clear_from(std::uint64_t first_segment) {
  const std::uint64_t extents = ceil_div(first_segment, kSegmentsPerExtent);
  if (first_segment % kSegmentsPerExtent != 0) {
    BH_TRY(Table* const table, table_of(extents - 1));
    for (std::size_t slot = first_segment % kSegmentsPerExtent; slot < kSegmentsPerExtent; ++slot) {
      SegmentRef& entry = table->entries[slot];
      if (!entry.present()) continue;
      live_bytes_ -= std::min(live_bytes_, stored_size(entry));
      entry = {};
      table->dirty = true;
    }
  }
  std::erase_if(tables_, [&](const Table& table) { return table.extent >= extents; });
  written_.erase(written_.lower_bound(extents), written_.end());
  base_extents_ = std::min(base_extents_, extents);
  // Whole extents are not looked into for a hint: at most this much can be left.
  live_bytes_ = std::min(live_bytes_, first_segment * (kSegmentSize + kRecordOverhead));
  return {};
}

Result<std::uint64_t> MapBuilder::first_gap(std::uint64_t size) {
  const std::uint64_t segments = ceil_div(size, kSegmentSize);
  for (std::uint64_t segment = 0; segment < segments; ++segment) {
    BH_TRY(const SegmentRef ref, get(segment));
    if (ref.length != kSegmentSize) return segment;
  }
  return segments;
}

// The node of level 1 over extents [page * 1024, ...): the base's own where nothing changed under
// it.
Result<NodeRef> MapBuilder::finish_page(std::uint64_t page, bool wanted) {
  const std::uint64_t first = page * kMapFanOut;
  const auto begin = written_.lower_bound(first);
  const auto end = written_.lower_bound(first + kMapFanOut);
  const bool base_counts = base_ && base_extents_ > first;
  if (begin == end && !wanted) {
    if (!base_counts) return NodeRef();
    if (base_extents_ >= first + kMapFanOut && base_->level() > 0) return base_->page_ref(page);
  }
  auto table = std::make_unique<NodeTable>();
  if (base_counts) {
    BH_CHECK(base_->load_page(page, *table));
    for (std::uint64_t slot = 0; slot < kMapFanOut; ++slot) {
      if (first + slot >= base_extents_) (*table)[slot] = {};
    }
  }
  for (auto at = begin; at != end; ++at)
    (*table)[at->first - first] = at->second;
  const bool empty = std::ranges::none_of(*table, [](const NodeRef& ref) { return ref.present(); });
  if (empty && !wanted) return NodeRef();
  return records_.append_node(part_, 1, page, encode_node_table(lineage_, 1, page, *table));
}

Result<NodeRef> MapBuilder::finish(std::uint64_t size) {
  const unsigned level = map_level_for(size);
  if (level == 0) {
    BH_TRY(Table* const table, table_of(0));
    table->dirty =
        true;  // the root is always written: the base's may have been one of a larger file
  }
  for (Table& table : tables_) {
    if (table.dirty) BH_CHECK(write_out(table));
  }
  if (level == 0) return written_.at(0);
  if (level == 1) return finish_page(0, true);
  auto root = std::make_unique<NodeTable>();
  const std::uint64_t pages = ceil_div(ceil_div(size, kExtentSize), kMapFanOut);
  for (std::uint64_t page = 0; page < pages; ++page) {
    BH_TRY((*root)[page], finish_page(page, false));
  }
  return records_.append_node(part_, 2, 0, encode_node_table(lineage_, 2, 0, *root));
}

}  // namespace bulkhead::store
