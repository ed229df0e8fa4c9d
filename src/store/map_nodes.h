// Walks the map of a stored version. The map is hostile input: every node is checked against the
// digest above it.
#pragma once

#include <memory>
#include <vector>

#include "store/blob_reader.h"
#include "store/record_io.h"

namespace bulkhead::store {

class MapReader {
 public:
  // Checks the parts' headers and that the root node is the one that the description binds. kMapped
  // only.
  static Result<MapReader> open(const StoredVersion& version);

  // The table of one extent; all holes beyond the end.
  Status load_extent(std::uint64_t extent, ExtentTable& table);
  // Level 1: what is said about extents [page * 1024, (page + 1) * 1024).
  Status load_page(std::uint64_t page, NodeTable& table);
  // Where the node of level 1 is; absent when all of it is a hole or the version is too small to
  // have one.
  NodeRef page_ref(std::uint64_t page) const;

  unsigned level() const { return level_; }
  const NodeRef& root() const { return root_; }  // with its digest
  const std::vector<BlobId>& blobs() const { return blobs_; }
  const DiskFile& part(unsigned number) const { return *parts_[number]; }

 private:
  MapReader() = default;
  Status read_page(const NodeRef& ref, std::uint64_t page, NodeTable& table);

  Lineage lineage_{};
  std::vector<std::shared_ptr<DiskFile>> parts_;
  std::vector<BlobId> blobs_;
  unsigned level_ = 0;
  NodeRef root_;
  std::unique_ptr<ExtentTable> root_extent_;  // level 0
  std::unique_ptr<NodeTable> root_table_;     // levels 1 and 2
  std::unique_ptr<NodeTable> page_;           // level 2: the page used last
  std::uint64_t page_number_ = 0;
};

}  // namespace bulkhead::store
