#include "journal/tiles.h"

#include <fmt/format.h>

namespace bulkhead::journal {
namespace {

// Groups of three digits, all but the last one behind an x: 1234067 is x001/x234/067.
std::string grouped(std::uint64_t index) {
  std::string path = fmt::format("{:03}", index % 1000);
  for (std::uint64_t rest = index / 1000; rest != 0; rest /= 1000)
    path = fmt::format("x{:03}/{}", rest % 1000, path);
  return path;
}

std::string with_width(std::string path, std::size_t width) {
  BH_ASSERT(width >= 1 && width <= kTileWidth);
  if (width < kTileWidth) path += fmt::format(".p/{}", width);
  return path;
}

// The root over a full tile: what the level above holds for it.
Hash root_of_tile(std::vector<Hash> hashes) {
  for (std::size_t count = hashes.size(); count > 1; count /= 2) {
    for (std::size_t i = 0; i < count / 2; ++i)
      hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  }
  return hashes[0];
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t index, std::size_t width) {
  return with_width(fmt::format("tile/{}/{}", level, grouped(index)), width);
}

std::string bundle_path(std::uint64_t index, std::size_t width) {
  return with_width("tile/entries/" + grouped(index), width);
}

Status TileWriter::append(ByteView entry, const Hash& leaf) {
  BH_ASSERT(!entry.empty() && entry.size() <= UINT16_MAX);
  Byte length[2];
  store_be(length, static_cast<std::uint16_t>(entry.size()));
  bundle_.insert(bundle_.end(), length, length + sizeof length);
  bundle_.insert(bundle_.end(), entry.begin(), entry.end());
  ++size_;
  if (size_ % kTileWidth == 0) BH_CHECK(put_bundle());
  return add_hash(0, leaf);
}

Status TileWriter::put_bundle() {
  const std::size_t in_it = (size_ - 1) % kTileWidth + 1;
  BH_CHECK(put_(bundle_path((size_ - 1) / kTileWidth, in_it), bundle_));
  bundle_.clear();
  return {};
}

Status TileWriter::add_hash(unsigned level, const Hash& hash) {
  if (levels_.size() == level) levels_.emplace_back();
  levels_[level].hashes.push_back(hash);
  if (levels_[level].hashes.size() < kTileWidth) return {};
  BH_CHECK(put_tile(level));
  const Hash root = root_of_tile(std::move(levels_[level].hashes));
  levels_[level].hashes = {};
  ++levels_[level].tiles;
  return add_hash(level + 1, root);
}

Status TileWriter::put_tile(unsigned level) {
  const Level& from = levels_[level];
  Bytes bytes;
  bytes.reserve(from.hashes.size() * sizeof(Hash));
  for (const Hash& hash : from.hashes)
    bytes.insert(bytes.end(), hash.begin(), hash.end());
  return put_(tile_path(level, from.tiles, from.hashes.size()), bytes);
}

Status TileWriter::finish() {
  if (!bundle_.empty()) BH_CHECK(put_bundle());
  for (unsigned level = 0; level < levels_.size(); ++level) {
    if (!levels_[level].hashes.empty()) BH_CHECK(put_tile(level));
  }
  return {};
}

}  // namespace bulkhead::journal
