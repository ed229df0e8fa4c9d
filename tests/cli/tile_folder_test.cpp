#include "cli/tile_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"

namespace bulkhead::cli {
namespace {

class TileFolderTest : public ::testing::Test {
 protected:
  TileFolderTest() {
    char name[] = "/tmp/bulkhead-tiles-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~TileFolderTest() override { std::filesystem::remove_all(folder_); }

  TileFolder open() { return *TileFolder::open(folder_ + "/tiles"); }
  bool there(const std::string& path) const {
    return std::filesystem::exists(folder_ + "/tiles/" + path);
  }

  std::string folder_;
};

TEST_F(TileFolderTest, WritesWhatIsMissingAndLeavesWhatIsThere) {
  TileFolder first = open();
  EXPECT_FALSE(first.has_checkpoint());
  ASSERT_TRUE(first.put("tile/0/x001/000", as_bytes("hashes")));
  ASSERT_TRUE(first.finish("note\n"));
  EXPECT_EQ(first.written(), 1u);
  TileFolder second = open();
  EXPECT_TRUE(second.has_checkpoint());
  ASSERT_TRUE(second.put("tile/0/x001/000", as_bytes("hashes")));
  EXPECT_EQ(second.written(), 0u);
  EXPECT_EQ(as_text(*read_file(second.checkpoint_path(), 100)), "note\n");
}

TEST_F(TileFolderTest, OtherContentsAreAnErrorAndStay) {
  TileFolder tiles = open();
  ASSERT_TRUE(tiles.put("tile/0/000", as_bytes("hashes")));
  for (const std::string_view other : {"hashed", "hash", "hashes and more"}) {
    const Status put = tiles.put("tile/0/000", as_bytes(other));
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().code, ErrorCode::kCorrupt) << other;
    EXPECT_EQ(as_text(*read_file(folder_ + "/tiles/tile/0/000", 100)), "hashes");
  }
}

TEST_F(TileFolderTest, AFullTileReplacesItsParts) {
  TileFolder tiles = open();
  ASSERT_TRUE(tiles.put("tile/0/000.p/5", as_bytes("five")));
  ASSERT_TRUE(tiles.put("tile/0/000.p/9", as_bytes("nine")));
  ASSERT_TRUE(tiles.put("tile/0/001.p/2", as_bytes("two")));
  EXPECT_TRUE(there("tile/0/000.p/5"));
  ASSERT_TRUE(tiles.put("tile/0/000", as_bytes("all")));
  EXPECT_FALSE(there("tile/0/000.p"));
  EXPECT_TRUE(there("tile/0/001.p/2"));
}

}  // namespace
}  // namespace bulkhead::cli
