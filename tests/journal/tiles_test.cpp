// The layout against the examples of C2SP tlog-tiles, and the tree that comes out of the files.
#include "journal/tiles.h"

#include <gtest/gtest.h>

#include <map>

namespace bulkhead::journal {
namespace {

struct Files {
  std::map<std::string, Bytes> by_path;
  std::uint64_t puts = 0;

  TileWriter writer() {
    return TileWriter([this](const std::string& path, ByteView contents) -> Status {
      by_path[path] = to_bytes(contents);
      ++puts;
      return {};
    });
  }
};

std::string entry_of(std::uint64_t index) {
  return "entry " + std::to_string(index) + std::string(index % 7, '.');
}

void fill(TileWriter& writer, std::uint64_t entries, Frontier* frontier = nullptr) {
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::string entry = entry_of(i);
    const Hash leaf = leaf_hash(as_bytes(entry));
    ASSERT_TRUE(writer.append(as_bytes(entry), leaf));
    if (frontier != nullptr) frontier->append(leaf);
  }
  ASSERT_TRUE(writer.finish());
}

TEST(Tiles, PathsAreThoseOfTheSpecification) {
  EXPECT_EQ(tile_path(0, 1234067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(2, 0, 1), "tile/2/000.p/1");
  EXPECT_EQ(tile_path(1, 999, 255), "tile/1/999.p/255");
  EXPECT_EQ(tile_path(0, 1000, 256), "tile/0/x001/000");
  EXPECT_EQ(bundle_path(1234067, 256), "tile/entries/x001/x234/067");
  EXPECT_EQ(bundle_path(273, 112), "tile/entries/273.p/112");
}

// "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of
// width 112, one full level 1 tile, one partial level 1 tile of width 17, and one partial level 2
// tile of width 1."
TEST(Tiles, SeventyThousandEntriesMakeTheFilesOfTheExample) {
  Files files;
  TileWriter writer = files.writer();
  fill(writer, 70'000);
  std::map<std::string, std::size_t> expected;
  for (std::uint64_t i = 0; i < 273; ++i)
    expected[tile_path(0, i, 256)] = 8192;
  expected["tile/0/273.p/112"] = 112 * 32;
  expected["tile/1/000"] = 8192;
  expected["tile/1/001.p/17"] = 17 * 32;
  expected["tile/2/000.p/1"] = 32;
  std::map<std::string, std::size_t> tiles;
  std::size_t bundles = 0;
  for (const auto& [path, contents] : files.by_path) {
    if (path.starts_with("tile/entries/")) {
      ++bundles;
    } else {
      tiles[path] = contents.size();
    }
  }
  EXPECT_EQ(tiles, expected);
  EXPECT_EQ(bundles, 274u);
  EXPECT_EQ(files.puts, files.by_path.size());  // none is handed out twice
}

TEST(Tiles, TwoHundredAndFiftySixEntriesHaveAFullTileAndAPartialOneAbove) {
  Files files;
  TileWriter writer = files.writer();
  fill(writer, 256);
  EXPECT_EQ(files.by_path.size(), 3u);
  EXPECT_TRUE(files.by_path.contains("tile/0/000"));
  EXPECT_TRUE(files.by_path.contains("tile/1/000.p/1"));
  EXPECT_TRUE(files.by_path.contains("tile/entries/000"));
}

TEST(Tiles, NothingIsWrittenOfAnEmptyTree) {
  Files files;
  TileWriter writer = files.writer();
  fill(writer, 0);
  EXPECT_TRUE(files.by_path.empty());
}

// What a stranger does: takes any tile that holds the subtree, the bundles for the entries.
class Reader {
 public:
  Reader(const Files& files, std::uint64_t size) : files_(files), size_(size) {}

  Hash subtree(unsigned level, std::uint64_t index) const {
    if (level % 8 != 0)
      return node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1));
    const Bytes& tile = at(tile_path(level / 8, index / 256, width(level / 8, index / 256)));
    Hash hash;
    std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(index % 256 * 32), 32, hash.begin());
    return hash;
  }
  std::vector<Bytes> bundle(std::uint64_t index) const {
    const Bytes& bytes = at(bundle_path(index, width(0, index)));
    std::vector<Bytes> entries;
    for (std::size_t i = 0; i < bytes.size();) {
      const std::size_t length = load_be<std::uint16_t>(&bytes[i]);
      entries.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(i + 2),
                           bytes.begin() + static_cast<std::ptrdiff_t>(i + 2 + length));
      i += 2 + length;
    }
    return entries;
  }

 private:
  std::size_t width(unsigned level, std::uint64_t tile) const {
    return std::min<std::uint64_t>(256, (size_ >> (8 * level)) - tile * 256);
  }
  const Bytes& at(const std::string& path) const {
    const auto found = files_.by_path.find(path);
    EXPECT_NE(found, files_.by_path.end()) << path;
    return found->second;
  }

  const Files& files_;
  std::uint64_t size_;
};

TEST(Tiles, TheRootComesOutOfTheFilesAtEverySize) {
  for (const std::uint64_t size :
       {1u, 2u, 255u, 256u, 257u, 511u, 512u, 513u, 1000u, 65535u, 65536u, 65537u}) {
    Files files;
    TileWriter writer = files.writer();
    Frontier frontier;
    fill(writer, size, &frontier);
    const Reader reader(files, size);
    EXPECT_EQ(root_of(size, [&](unsigned level,
                                std::uint64_t index) { return reader.subtree(level, index); }),
              frontier.root())
        << size;
    for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 1}) {
      const auto entries = reader.bundle(index / 256);
      ASSERT_GT(entries.size(), index % 256) << size;
      EXPECT_EQ(as_text(entries[index % 256]), entry_of(index));
    }
  }
}

TEST(Tiles, AnErrorOfTheSinkStopsTheWriting) {
  TileWriter writer(
      [](const std::string&, ByteView) -> Status { return fail(ErrorCode::kNoSpace, "full"); });
  Status status;
  std::uint64_t appended = 0;
  while (status && appended < 1000) {
    status = writer.append(as_bytes("x"), leaf_hash(as_bytes("x")));
    ++appended;
  }
  EXPECT_EQ(appended, 256u);
  EXPECT_EQ(status.error().code, ErrorCode::kNoSpace);
}

}  // namespace
}  // namespace bulkhead::journal
