// Reads the records of a part whose writer died, one header after the other. The file is hostile
// input; time is bounded by its size.
#pragma once

#include <functional>

#include "base/disk.h"
#include "store/format.h"

namespace bulkhead::store {

struct ScannedRecord {
  RecordHeader header;
  std::uint64_t offset = 0;
  crypto::AeadTag tag{};
};
// False: this one does not count, and nothing behind it.
using RecordVisitor = std::function<Result<bool>(const ScannedRecord& record)>;

// Where the last record that counts ends; kBlobHeaderSize when there is none. Stops at the first
// that is torn.
Result<std::uint64_t> scan_records(const DiskFile& file, const RecordVisitor& visit);

}  // namespace bulkhead::store
