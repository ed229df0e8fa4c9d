// The Merkle tree of RFC 6962 section 2.1: hashes, the frontier of a growing tree, proofs. Pure
// functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace bulkhead::journal {

using Hash = crypto::Sha256;

Hash leaf_hash(ByteView entry);                       // SHA-256(0x00 || entry)
Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(0x01 || left || right)
Hash empty_tree_hash();                               // SHA-256()

// A tree of `size` leaves and its root.
struct TreeHead {
  std::uint64_t size = 0;
  Hash root = empty_tree_hash();
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// What is needed to go on appending and to know the root at any time: the hashes of the perfect
// subtrees that `size` leaves decompose into, largest first; as many as `size` has one-bits.
class Frontier {
 public:
  Frontier() = default;
  // Nothing when the number of hashes does not fit the size.
  static std::optional<Frontier> from(std::uint64_t size, std::vector<Hash> hashes);

  void append(const Hash& leaf) {
    append(leaf, [](unsigned, const Hash&) {});
  }
  // `made(level, hash)` is told of every perfect subtree that this leaf completes, itself first.
  template <typename Made>
  void append(const Hash& leaf, const Made& made) {
    Hash hash = leaf;
    unsigned level = 0;
    made(level, hash);
    for (std::uint64_t bits = size_; bits & 1; bits >>= 1) {
      hash = node_hash(hashes_.back(), hash);
      hashes_.pop_back();
      made(++level, hash);
    }
    hashes_.push_back(hash);
    ++size_;
  }
  std::uint64_t size() const { return size_; }
  const std::vector<Hash>& hashes() const { return hashes_; }
  Hash root() const;
  TreeHead head() const { return {size_, root()}; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> hashes_;
};

// The hash of a perfect subtree: leaves [index << level, (index + 1) << level). How they are kept
// is the caller's choice (tiles, one file, memory).
using SubtreeHash = std::function<Hash(unsigned level, std::uint64_t index)>;

// All perfect subtrees of a list of leaf hashes, in memory (64 bytes a leaf).
class SubtreeTable {
 public:
  void append(const Hash& leaf);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  Hash at(unsigned level, std::uint64_t index) const { return levels_.at(level).at(index); }
  SubtreeHash reader() const;  // valid as long as this table

 private:
  std::vector<std::vector<Hash>> levels_;
};

Hash root_of(std::uint64_t size, const SubtreeHash& subtree);
// PATH(index, D[size]), section 2.1.1; index < size.
std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                  const SubtreeHash& subtree);
// PROOF(old_size, D[size]), section 2.1.2; 0 < old_size <= size.
std::vector<Hash> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                    const SubtreeHash& subtree);

// RFC 9162 sections 2.1.3.2 and 2.1.4.2. The proofs are hostile input.
bool verify_inclusion(std::uint64_t index, const Hash& leaf, const TreeHead& head,
                      std::span<const Hash> proof);
bool verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Hash> proof);

}  // namespace bulkhead::journal
