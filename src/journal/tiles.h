// The tree as C2SP tlog-tiles lays it out: static files from which anybody computes any proof.
//
//     tile/0/x001/234          256 leaf hashes
//     tile/1/004.p/210         the right edge of a level: fewer than 256 hashes
//     tile/entries/x001/234    256 entries, each behind its length (16 bits, big-endian)
//
// Pure functions over a stream of entries; who calls them writes the files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "journal/merkle.h"

namespace bulkhead::journal {

constexpr std::size_t kTileWidth = 256;  // hashes or entries in a full tile

// Relative paths with '/'; `width` is 1 to 256, below 256 it is a partial tile.
std::string tile_path(unsigned level, std::uint64_t index, std::size_t width);
std::string bundle_path(std::uint64_t index, std::size_t width);

// Takes all entries in order from the first one and hands out each tile and bundle once. Memory:
// one tile for each level and one bundle (16 MiB at most).
class TileWriter {
 public:
  using Put = std::function<Status(const std::string& path, ByteView contents)>;
  explicit TileWriter(Put put) : put_(std::move(put)) {}

  // An entry of 1 to 65535 bytes and its leaf hash. Errors are those of `put`.
  Status append(ByteView entry, const Hash& leaf);
  Status finish();  // the partial tiles of the tree as it is now; nothing may be appended after it
  std::uint64_t size() const { return size_; }

 private:
  struct Level {
    std::uint64_t tiles = 0;  // full ones, handed out
    std::vector<Hash> hashes;
  };
  Status add_hash(unsigned level, const Hash& hash);
  Status put_tile(unsigned level);
  Status put_bundle();

  Put put_;
  std::uint64_t size_ = 0;
  std::vector<Level> levels_;
  Bytes bundle_;
};

}  // namespace bulkhead::journal
