// A long random but valid story, with checkpoints, kills and reopenings at random; a catalogue
// rebuilt from its entries must be the same to the last row.
#include <gmock/gmock.h>

#include <random>

#include "catalogue_author.h"

namespace bulkhead::vault::test {
namespace {

void apply_from(Catalogue& catalogue, const std::vector<Recorded>& entries, std::uint64_t until) {
  for (std::uint64_t i = catalogue.applied(); i < until; ++i) {
    const Status done = catalogue.apply(i, entries[i].entry, entries[i].payload);
    ASSERT_TRUE(done) << done.error().message;
  }
}

class CatalogueRebuildTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(CatalogueRebuildTest, TheRebuiltOneIsTheSameToTheLastRow) {
  Author author(GetParam());
  while (author.entries.size() < 6000)
    author.write_one();
  EXPECT_EQ(author.kinds.size(), 53U) << "every event took part";

  TemporaryFolder folder;
  const std::string lived = folder.file("lived.db");
  std::mt19937_64 random(GetParam() + 1000);
  int reopened = 0;
  auto catalogue = open_or_die(lived);
  while (catalogue->applied() < author.entries.size()) {
    const std::uint64_t until =
        std::min(catalogue->applied() + 1 + random() % 150, author.entries.size());
    ASSERT_NO_FATAL_FAILURE(apply_from(*catalogue, author.entries, until));
    if (random() % 3 == 0) {
      ASSERT_TRUE(catalogue->checkpoint());
    }
    if (random() % 6 == 0) {
      catalogue.reset();
      catalogue = open_or_die(lived);
      ++reopened;
    }
  }
  EXPECT_GT(reopened, 3);
  ASSERT_TRUE(catalogue->checkpoint());
  const auto totals = value_of(catalogue->totals());
  catalogue.reset();

  const std::string rebuilt = folder.file("rebuilt.db");
  catalogue = open_or_die(rebuilt);
  ASSERT_NO_FATAL_FAILURE(apply_from(*catalogue, author.entries, author.entries.size()));
  ASSERT_TRUE(catalogue->checkpoint());
  EXPECT_EQ(value_of(catalogue->totals()).bytes, totals.bytes);
  catalogue.reset();
  const std::string expected = dump(rebuilt);
  EXPECT_GT(expected.size(), 100'000U);
  EXPECT_TRUE(dump(lived) == expected);

  // Cleared and replayed, it is the same again.
  catalogue = open_or_die(lived);
  ASSERT_TRUE(catalogue->clear());
  ASSERT_NO_FATAL_FAILURE(apply_from(*catalogue, author.entries, author.entries.size()));
  ASSERT_TRUE(catalogue->checkpoint());
  catalogue.reset();
  EXPECT_TRUE(dump(lived) == expected);
}

// What is counted as it goes must be what a count finds.
TEST_P(CatalogueRebuildTest, RunningCountsAreRight) {
  Author author(GetParam());
  while (author.entries.size() < 3000)
    author.write_one();
  TemporaryFolder folder;
  auto catalogue = open_or_die(folder.file("catalogue.db"));
  ASSERT_NO_FATAL_FAILURE(apply_from(*catalogue, author.entries, author.entries.size()));
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<NodeId> folders = {kRootNode};
  while (!folders.empty()) {
    const NodeId folder_id = folders.back();
    folders.pop_back();
    const auto children = value_of(catalogue->children(folder_id, NodeId{0}, 10'000));
    EXPECT_EQ(value_of(catalogue->count_children(folder_id)), children.size());
    for (const NodeRow& node : children) {
      if (node.is_folder) {
        folders.push_back(node.id);
        continue;
      }
      ++files;
      bytes += node.size;
      const auto version = value_of(catalogue->version(node.version));
      ASSERT_TRUE(version.has_value());
      EXPECT_TRUE(version->current);
      EXPECT_EQ(version->size, node.size);
    }
  }
  EXPECT_EQ(value_of(catalogue->totals()).files, files);
  EXPECT_EQ(value_of(catalogue->totals()).bytes, bytes);
  EXPECT_GT(files, 20U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CatalogueRebuildTest, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace bulkhead::vault::test
