// Reads one stored version: map, holes, ciphertext. Runs in edges and analysts. Blob and map are
// hostile input (another edge wrote them); what comes out is what the description's root and the
// extent keys authenticate, or kCorrupt.
//
// Memory: three map nodes, four extent tables of 32 KiB, one segment. One thread.
#pragma once

#include <memory>
#include <vector>

#include "base/disk.h"
#include "store/extent_key.h"
#include "store/version.h"

namespace bulkhead::store {

// A version as it was handed out: everything needed to open it but the keys.
struct StoredVersion {
  Lineage lineage{};
  VersionDescription description;
  Bytes inline_box;                              // kInline only
  std::vector<std::shared_ptr<DiskFile>> parts;  // as many as description.parts, in order
};

class BlobReader {
 public:
  // Checks the parts' headers and the root of the map (no key is asked for). `keys` must outlive
  // this.
  static Result<BlobReader> open(StoredVersion version, ExtentKeySource& keys);
  BlobReader(BlobReader&&) noexcept;
  BlobReader& operator=(BlobReader&&) noexcept;
  ~BlobReader();

  std::uint64_t size() const;
  const StoredVersion& version() const;  // as it was opened
  // Fewer bytes than `out` holds only at the end. Whole segments are decrypted in place in `out`;
  // parts of one go through a cache of one segment. On an error nothing in `out` means anything.
  Result<std::size_t> read(std::uint64_t offset, MutableByteView out);
  // Reads everything, to check it.
  Status verify_all();

 private:
  struct State;
  explicit BlobReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::store
