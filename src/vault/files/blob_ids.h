// Small conversions between what the catalogue stores and what the store takes.
#pragma once

#include <fcntl.h>

#include <algorithm>

#include "base/fd.h"
#include "store/blob_directory.h"

namespace bulkhead::vault {

inline Result<store::BlobId> blob_id(ByteView bytes) {
  store::BlobId id;
  if (bytes.size() != id.size())
    return fail(ErrorCode::kCorrupt, "a blob's name has the wrong size");
  std::ranges::copy(bytes, id.begin());
  return id;
}

// A descriptor of its own, to be passed on. Shares the open file with `file`, which must have been
// opened for this.
inline Result<UniqueFd> duplicate(const DiskFile& file) {
  UniqueFd copy(::fcntl(file.fd(), F_DUPFD_CLOEXEC, 3));
  if (!copy) return fail_errno("duplicating a descriptor");
  return copy;
}

}  // namespace bulkhead::vault
