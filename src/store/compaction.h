// Copies what a version still uses from its parts into one new part: ciphertext, verbatim, no keys
// needed. A function over descriptors, for a sandboxed process. The blobs and the map are hostile
// input.
#pragma once

#include "store/blob_reader.h"
#include "store/blob_writer.h"

namespace bulkhead::store {

// `target.number` must be 0: the result has one part. kCorrupt when the map does not verify or a
// record is not what the map says; contents are authenticated again by whoever reads them.
Result<VersionDescription> compact(const StoredVersion& version, const StagingPart& target);

}  // namespace bulkhead::store
