#include "store/format.h"

#include <gtest/gtest.h>

#include "store/store_fixture.h"
#include "store/version.h"

namespace bulkhead::store {
namespace {

VersionDescription some_description() {
  VersionDescription d;
  d.kind = ContentKind::kMapped;
  d.size = 3 * kExtentSize + 17;
  d.parts = 3;
  d.level = 1;
  d.live_bytes = 1234567;
  d.root_node = {4096, 200, 2, {}};
  d.root = crypto::sha256(as_bytes("root"));
  return d;
}

TEST(Format, DescriptionsReadBack) {
  const VersionDescription d = some_description();
  const Bytes bytes = d.serialise();
  EXPECT_EQ(bytes.size(), kDescriptionSize);
  const auto parsed = VersionDescription::parse(bytes);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, d);
  VersionDescription inlined;
  inlined.kind = ContentKind::kInline;
  inlined.size = 100;
  EXPECT_EQ(*VersionDescription::parse(inlined.serialise()), inlined);
  EXPECT_EQ(*VersionDescription::parse(VersionDescription().serialise()), VersionDescription());
}

TEST(Format, DescriptionsOutOfBoundsAreRefused) {
  const auto refused = [](auto change) {
    VersionDescription d = some_description();
    change(d);
    const auto parsed = VersionDescription::parse(d.serialise());
    EXPECT_FALSE(parsed);
    return parsed ? ErrorCode::kInternal : parsed.error().code;
  };
  EXPECT_EQ(refused([](auto& d) { d.parts = 0; }), ErrorCode::kMalformed);
  refused([](auto& d) { d.parts = 33; });
  refused([](auto& d) { d.root_node.part = 3; });
  refused([](auto& d) { d.size = kMaxFileSize + 1; });
  refused([](auto& d) { d.level = 0; });
  refused([](auto& d) { d.level = 2; });
  refused([](auto& d) { d.root_node.length = 0; });
  refused([](auto& d) { d.root_node.length = 1 << 30; });
  refused([](auto& d) { d.root_node.offset = 3; });
  refused([](auto& d) { d.root_node.offset = ~0ull; });
  refused([](auto& d) { d.kind = ContentKind::kInline; });
  refused([](auto& d) {
    d = {};
    d.size = 1;
  });
  refused([](auto& d) {
    d = {};
    d.kind = ContentKind::kInline;
  });
  refused([](auto& d) {
    d = {};
    d.kind = ContentKind::kInline;
    d.size = kMaxInlineSize + 1;
  });
  Bytes bytes = some_description().serialise();
  bytes[5] = 1;
  EXPECT_FALSE(VersionDescription::parse(bytes));
  bytes = some_description().serialise();
  bytes[0] = 2;
  EXPECT_EQ(VersionDescription::parse(bytes).error().code, ErrorCode::kNewerFormat);
  bytes = some_description().serialise();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(VersionDescription::parse(ByteView(bytes).first(size)));
  bytes.push_back(0);
  EXPECT_FALSE(VersionDescription::parse(bytes));
}

TEST(Format, MapLevels) {
  EXPECT_EQ(map_level_for(0), 0u);
  EXPECT_EQ(map_level_for(kExtentSize), 0u);
  EXPECT_EQ(map_level_for(kExtentSize + 1), 1u);
  EXPECT_EQ(map_level_for(kExtentSize * 1024), 1u);
  EXPECT_EQ(map_level_for(kExtentSize * 1024 + 1), 2u);
  EXPECT_EQ(map_level_for(kMaxFileSize), 2u);
}

TEST(Format, MapNodesReadBackAndRefuseWhatDoesNotFit) {
  const Lineage lineage = test_lineage();
  auto table = std::make_unique<ExtentTable>();
  (*table)[0] = {64, 65536, 0, {1, 2}};
  (*table)[7] = {99999, 5, 1, {3}};
  (*table)[1023] = {1 << 20, 1, 1, {4}};
  const Bytes body = encode_extent_table(lineage, 12, *table);
  auto again = std::make_unique<ExtentTable>();
  ASSERT_TRUE(decode_extent_table(body, lineage, 12, 2, *again));
  EXPECT_EQ(*again, *table);
  EXPECT_FALSE(decode_extent_table(body, lineage, 13, 2, *again));
  EXPECT_FALSE(decode_extent_table(body, lineage, 12, 1, *again));
  EXPECT_FALSE(decode_extent_table(body, test_lineage(9), 12, 2, *again));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(decode_extent_table(ByteView(body).first(size), lineage, 12, 2, *again));
  }
  Bytes twice = body;
  std::copy_n(twice.begin() + kNodeHeaderSize, kSegmentEntrySize,
              twice.begin() + kNodeHeaderSize + kSegmentEntrySize);
  EXPECT_FALSE(decode_extent_table(twice, lineage, 12, 2, *again));  // the same slot twice

  auto nodes = std::make_unique<NodeTable>();
  (*nodes)[3] = {4096, 500, 1, crypto::sha256(as_bytes("x"))};
  const Bytes page = encode_node_table(lineage, 1, 2, *nodes);
  auto nodes_again = std::make_unique<NodeTable>();
  ASSERT_TRUE(decode_node_table(page, lineage, 1, 2, 2, *nodes_again));
  EXPECT_EQ(*nodes_again, *nodes);
  EXPECT_FALSE(decode_node_table(page, lineage, 2, 2, 2, *nodes_again));
  EXPECT_FALSE(decode_extent_table(page, lineage, 2, 2, *again));
}

// Written down in docs/formats/blob.md: a second implementation must come to the same key.
TEST(Format, ExtentKeysAreHkdf) {
  Bytes info = to_bytes(as_bytes("bulkhead extent v1"));
  const Lineage lineage = test_lineage(5);
  info.insert(info.end(), lineage.begin(), lineage.end());
  for (const Byte b : {0x03, 0x02, 0, 0, 0, 0, 0, 0})
    info.push_back(b);
  Byte expected[32];
  crypto::hkdf_sha256(test_file_key().view(), {}, info, expected);
  EXPECT_TRUE(equal(derive_extent_key(test_file_key(), lineage, 0x203).view(), expected));
}

}  // namespace
}  // namespace bulkhead::store
