// Copies what a version still uses into one new part: ciphertext, verbatim, no keys needed. Large
// parts that are used well stay, so that little is copied of a large file that was changed here and
// there. A function over descriptors, for a sandboxed process. The blobs and the map are hostile
// input.
#pragma once

#include <vector>

#include "store/blob_reader.h"
#include "store/blob_writer.h"

namespace bulkhead::store {

constexpr std::uint64_t kKeptFromBytes = 64ULL << 20;
constexpr std::size_t kMostKeptParts = 8;

struct CompactedVersion {
  VersionDescription description;    // parts: those that were kept, in order, then the new one
  std::vector<unsigned> kept_parts;  // their numbers in the version that was compacted, ascending
};

// `target.number` is not looked at. kCorrupt when the map does not verify or a record is not what
// the map says; contents are authenticated again by whoever reads them.
Result<CompactedVersion> compact(const StoredVersion& version, const StagingPart& target,
                                 std::uint64_t kept_from_bytes = kKeptFromBytes);

}  // namespace bulkhead::store
