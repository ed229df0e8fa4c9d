// How fast it is, printed; and that it stays so in a folder with many entries.
// BULKHEAD_CATALOGUE_NODES=1000000 asks for the figures of a large deployment, otherwise the folder
// is small enough for every run of the tests.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "catalogue_entries.h"

namespace bulkhead::vault::test {
namespace {

std::uint64_t nodes_asked_for() {
  const char* asked = std::getenv("BULKHEAD_CATALOGUE_NODES");
  return asked == nullptr ? 20'000 : std::strtoull(asked, nullptr, 10);
}

template <typename Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<Recorded> put_entries(std::uint64_t count) {
  std::vector<Recorded> entries;
  for (std::uint64_t i = 1; i <= count; ++i) {
    auto started = entry_at(kStart + static_cast<UnixMicros>(i), 1 + i / 100);
    auto& start = *started.mutable_upload_started();
    start.set_upload(i);
    start.set_parent(2);
    seal(fmt::format("file {}", i), start.mutable_name());
    start.set_user(1);
    start.set_organisation(1);
    start.set_lineage(lineage_bytes(i));
    start.set_wrapped_file_key(std::string(60, 'k'));
    start.set_key_epoch(1);
    start.set_staging_blob(lineage_bytes(i + (1ULL << 40)));
    entries.push_back({std::move(started), std::nullopt});
    auto committed = entry_at(kStart + static_cast<UnixMicros>(i), 1 + i / 100);
    auto& commit = *committed.mutable_upload_committed();
    commit.set_upload(i);
    commit.set_version(i);
    commit.set_node(2 + i);
    commit.set_size(1000);
    commit.set_description(std::string(100, 'd'));
    commit.add_part(lineage_bytes(i + (1ULL << 40)));
    entries.push_back({std::move(committed), std::nullopt});
  }
  return entries;
}

TEST_F(CatalogueTest, SpeedInALargeFolder) {
  const std::uint64_t count = nodes_asked_for();
  story.begin();
  story.folder(2, "large");
  const std::uint64_t before = catalogue->applied();
  const std::vector<Recorded> entries = put_entries(count);
  const double apply_s = seconds([&] {
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
      const Status done = catalogue->apply(before + i, entries[i].entry, entries[i].payload);
      ASSERT_TRUE(done) << done.error().message;
      if (i % 1000 == 999) {
        ASSERT_TRUE(catalogue->checkpoint());
      }
    }
    ASSERT_TRUE(catalogue->checkpoint());
  });

  constexpr std::uint64_t kLookUps = 200'000;
  std::vector<NameHash> names;
  std::mt19937_64 random(1);
  for (std::uint64_t i = 0; i < kLookUps; ++i)
    names.push_back(hash_of_name(fmt::format("file {}", 1 + random() % count)));
  std::uint64_t found = 0;
  const double child_s = seconds([&] {
    for (const NameHash& name : names)
      found += value_of(catalogue->child(NodeId{2}, name)).has_value() ? 1 : 0;
  });
  EXPECT_EQ(found, kLookUps);

  std::uint64_t listed = 0;
  double slowest_page_s = 0;
  double listing_s = 0;
  NodeId after;
  while (true) {
    std::vector<NodeRow> page;
    const double page_s =
        seconds([&] { page = value_of(catalogue->children(NodeId{2}, after, 100)); });
    slowest_page_s = std::max(slowest_page_s, page_s);
    listing_s += page_s;
    if (page.empty()) break;
    listed += page.size();
    after = page.back().id;
  }
  EXPECT_EQ(listed, count);
  const double count_s =
      seconds([&] { EXPECT_EQ(value_of(catalogue->count_children(NodeId{2})), count); });

  catalogue.reset();
  const double open_s = seconds([&] { catalogue = open_or_die(path); });
  fmt::print(
      "{} files in a folder: {:.0f} uploads (2 entries each) applied/s, child() {:.2f} us, slowest "
      "page of 100 "
      "{:.0f} us, count_children() {:.1f} us, open and check {:.2f} s\n",
      count, static_cast<double>(count) / apply_s, child_s / kLookUps * 1e6, slowest_page_s * 1e6,
      count_s * 1e6, open_s);
  // A look-up that became a scan would take as long as the listing, on any machine.
  EXPECT_LT(child_s / kLookUps, listing_s / 20);
  EXPECT_LT(count_s, listing_s / 2);
}

}  // namespace
}  // namespace bulkhead::vault::test
