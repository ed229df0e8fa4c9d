// What a commit record says about where the contents of a version are: small for a file of any
// size.
#pragma once

#include <vector>

#include "base/error.h"
#include "store/format.h"

namespace bulkhead::store {

enum class ContentKind : std::uint8_t {
  kEmpty = 0,   // nothing anywhere
  kInline = 1,  // one box, beside the description
  kMapped = 2,  // in parts, through a map
};

// The vault keeps these bytes and looks at the fields, never at the map. The writer was an edge:
// what the description says is bound to the contents by `root`, which the *reader* checks; the
// vault checks only bounds (parse) and that the number of parts is what it handed out.
struct VersionDescription {
  ContentKind kind = ContentKind::kEmpty;
  std::uint64_t size = 0;
  // kMapped only:
  std::uint8_t parts = 0;  // blob files that the version needs, in the order of their numbers
  std::uint8_t level = 0;  // of the root node
  std::uint64_t live_bytes =
      0;              // records that the map refers to; the rest of the parts is garbage. A hint.
  NodeRef root_node;  // digest unused: `root` binds it
  crypto::Sha256 root{};  // version_root()

  Bytes serialise() const;  // kDescriptionSize bytes
  // Hostile input. kMalformed, kNewerFormat.
  static Result<VersionDescription> parse(ByteView bytes);
  friend bool operator==(const VersionDescription&, const VersionDescription&) = default;
};
constexpr std::size_t kDescriptionSize = 72;

// One hash over lineage, size, the identities of the parts in order, and the root node (which holds
// the digests of the extents' maps).
crypto::Sha256 version_root(const Lineage& lineage, std::uint64_t size, unsigned level,
                            const std::vector<BlobId>& parts,
                            const crypto::Sha256& root_node_digest);

// Whether it is time: many parts, or more than half of what `stored_bytes` (the sizes of its parts)
// holds is garbage.
bool wants_compaction(const VersionDescription& version, std::uint64_t stored_bytes);

}  // namespace bulkhead::store
