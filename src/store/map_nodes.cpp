#include "store/map_nodes.h"

#include <fmt/format.h>

namespace bulkhead::store {
namespace {

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("stored contents are damaged: {}", what));
}

}  // namespace

Result<MapReader> MapReader::open(const StoredVersion& version) {
  const VersionDescription& d = version.description;
  if (d.kind != ContentKind::kMapped || version.parts.size() != d.parts ||
      d.root_node.part >= d.parts) {
    return fail(ErrorCode::kInvalidArgument,
                "the parts handed out are not as many as the description says");
  }
  MapReader reader;
  reader.lineage_ = version.lineage;
  reader.parts_ = version.parts;
  reader.level_ = d.level;
  for (const auto& part : version.parts) {
    BH_TRY(const BlobHeader header, read_blob_header(*part, version.lineage));
    reader.blobs_.push_back(header.blob);
  }
  reader.root_ = d.root_node;
  BH_TRY(const Bytes body, read_node(reader.part(d.root_node.part), d.root_node, d.level, 0));
  reader.root_.digest = digest_of(body);
  if (version_root(version.lineage, d.size, d.level, reader.blobs_, reader.root_.digest) !=
      d.root) {
    return damaged("the map is not the one that was committed");
  }
  if (d.level == 0) {
    reader.root_extent_ = std::make_unique<ExtentTable>();
    BH_CHECK(decode_extent_table(body, version.lineage, 0, d.parts, *reader.root_extent_));
  } else {
    reader.root_table_ = std::make_unique<NodeTable>();
    BH_CHECK(decode_node_table(body, version.lineage, d.level, 0, d.parts, *reader.root_table_));
  }
  return reader;
}

NodeRef MapReader::page_ref(std::uint64_t page) const {
  if (level_ == 1) return page == 0 ? root_ : NodeRef();
  if (level_ == 2) return page < kMapFanOut ? (*root_table_)[page] : NodeRef();
  return {};
}

Status MapReader::read_page(const NodeRef& ref, std::uint64_t page, NodeTable& table) {
  BH_TRY(const Bytes body, read_node(part(ref.part), ref, 1, page));
  if (digest_of(body) != ref.digest)
    return damaged("a node of the map does not match the one above it");
  return decode_node_table(body, lineage_, 1, page, static_cast<unsigned>(parts_.size()), table);
}

Status MapReader::load_page(std::uint64_t page, NodeTable& table) {
  table.fill({});
  if (level_ == 0) {
    if (page == 0) table[0] = root_;
    return {};
  }
  if (level_ == 1) {
    if (page == 0) table = *root_table_;
    return {};
  }
  const NodeRef ref = page_ref(page);
  return ref.present() ? read_page(ref, page, table) : Status();
}

Status MapReader::load_extent(std::uint64_t extent, ExtentTable& table) {
  table.fill({});
  if (level_ == 0) {
    if (extent == 0) table = *root_extent_;
    return {};
  }
  const std::uint64_t page = extent / kMapFanOut;
  const NodeTable* nodes = root_table_.get();
  if (level_ == 1 && page != 0) return {};
  if (level_ == 2) {
    const NodeRef above = page_ref(page);
    if (!above.present()) return {};
    if (!page_ || page_number_ != page) {
      auto fresh = std::make_unique<NodeTable>();
      BH_CHECK(read_page(above, page, *fresh));
      page_ = std::move(fresh);
      page_number_ = page;
    }
    nodes = page_.get();
  }
  const NodeRef& ref = (*nodes)[extent % kMapFanOut];
  if (!ref.present()) return {};
  BH_TRY(const Bytes body, read_node(part(ref.part), ref, 0, extent));
  if (digest_of(body) != ref.digest)
    return damaged("a node of the map does not match the one above it");
  return decode_extent_table(body, lineage_, extent, static_cast<unsigned>(parts_.size()), table);
}

}  // namespace bulkhead::store
