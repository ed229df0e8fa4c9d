#include "journal/merkle.h"

#include <gtest/gtest.h>

#include <string>

namespace bulkhead::journal {
namespace {

// The eight leaves that implementations of RFC 6962 are commonly compared on, and the roots of the
// trees of the first one to eight of them.
const char* const kLeaves[] = {"",
                               "00",
                               "10",
                               "2021",
                               "3031",
                               "40414243",
                               "5051525354555657",
                               "606162636465666768696a6b6c6d6e6f"};
const char* const kRoots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                              "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                              "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                              "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                              "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                              "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                              "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

// The definition of section 2.1, word for word.
Hash definition(std::span<const Bytes> entries) {
  if (entries.empty()) return crypto::sha256({});
  if (entries.size() == 1) return leaf_hash(entries[0]);
  std::size_t k = 1;
  while (k * 2 < entries.size())
    k *= 2;
  return node_hash(definition(entries.first(k)), definition(entries.subspan(k)));
}

std::vector<Bytes> some_entries(std::size_t count) {
  std::vector<Bytes> entries;
  for (std::size_t i = 0; i < count; ++i)
    entries.push_back(to_bytes(as_bytes("entry " + std::to_string(i))));
  return entries;
}

TEST(Merkle, RootsOfTheKnownLeaves) {
  Frontier frontier;
  EXPECT_EQ(to_hex(frontier.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < 8; ++i) {
    frontier.append(leaf_hash(*from_hex(kLeaves[i])));
    EXPECT_EQ(to_hex(frontier.root()), kRoots[i]) << i + 1;
  }
}

TEST(Merkle, FrontierAndTableAgreeWithTheDefinition) {
  const auto entries = some_entries(70);
  Frontier frontier;
  SubtreeTable table;
  for (std::size_t n = 0; n <= entries.size(); ++n) {
    EXPECT_EQ(frontier.root(), definition(std::span(entries).first(n)));
    EXPECT_EQ(root_of(n, table.reader()), frontier.root());
    const auto again = Frontier::from(frontier.size(), frontier.hashes());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->root(), frontier.root());
    if (n == entries.size()) break;
    frontier.append(leaf_hash(entries[n]));
    table.append(leaf_hash(entries[n]));
  }
  EXPECT_FALSE(Frontier::from(3, {Hash{}}));
}

TEST(Merkle, InclusionProofsHoldAndOnlyForTheirLeaf) {
  const auto entries = some_entries(40);
  SubtreeTable table;
  for (const auto& entry : entries)
    table.append(leaf_hash(entry));
  for (std::uint64_t size = 1; size <= entries.size(); ++size) {
    const TreeHead head{size, root_of(size, table.reader())};
    for (std::uint64_t i = 0; i < size; ++i) {
      auto proof = inclusion_proof(i, size, table.reader());
      const Hash leaf = leaf_hash(entries[i]);
      ASSERT_TRUE(verify_inclusion(i, leaf, head, proof)) << i << " of " << size;
      EXPECT_FALSE(verify_inclusion(i, leaf_hash(as_bytes("other")), head, proof));
      EXPECT_FALSE(verify_inclusion(i + 1, leaf, head, proof));
      EXPECT_FALSE(verify_inclusion(size + i, leaf, head, proof));
      if (!proof.empty()) {
        auto shorter = proof;
        shorter.pop_back();
        EXPECT_FALSE(verify_inclusion(i, leaf, head, shorter));
        proof.back()[0] ^= 1;
        EXPECT_FALSE(verify_inclusion(i, leaf, head, proof));
      }
      proof.push_back(Hash{});
      EXPECT_FALSE(verify_inclusion(i, leaf, head, proof));
    }
  }
}

TEST(Merkle, ConsistencyProofsHoldAndOnlyForTheirHeads) {
  const auto entries = some_entries(40);
  SubtreeTable table;
  for (const auto& entry : entries)
    table.append(leaf_hash(entry));
  const auto head = [&](std::uint64_t size) {
    return TreeHead{size, root_of(size, table.reader())};
  };
  for (std::uint64_t size = 1; size <= entries.size(); ++size) {
    for (std::uint64_t old = 1; old <= size; ++old) {
      auto proof = consistency_proof(old, size, table.reader());
      ASSERT_TRUE(verify_consistency(head(old), head(size), proof)) << old << " to " << size;
      TreeHead wrong = head(old);
      wrong.root[5] ^= 1;
      EXPECT_FALSE(verify_consistency(wrong, head(size), proof));
      wrong = head(size);
      wrong.root[5] ^= 1;
      EXPECT_FALSE(verify_consistency(head(old), wrong, proof));
      if (!proof.empty()) {
        proof[0][0] ^= 1;
        EXPECT_FALSE(verify_consistency(head(old), head(size), proof));
        proof.pop_back();
        EXPECT_FALSE(verify_consistency(head(old), head(size), proof));
      }
    }
  }
  EXPECT_TRUE(verify_consistency(TreeHead{}, head(7), {}));
  EXPECT_FALSE(verify_consistency(head(7), head(6), {}));
}

}  // namespace
}  // namespace bulkhead::journal
