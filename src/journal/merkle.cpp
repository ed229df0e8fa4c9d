#include "journal/merkle.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace bulkhead::journal {
namespace {

// The largest power of two smaller than n; n > 1. RFC 6962 section 2.1 calls it k.
std::uint64_t split_point(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

Hash range_hash(std::uint64_t begin, std::uint64_t end, const SubtreeHash& subtree) {
  const std::uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return subtree(
        level,
        begin >> level);  // ranges that come up here always start at a multiple of their length
  }
  const std::uint64_t middle = begin + split_point(count);
  return node_hash(range_hash(begin, middle, subtree), range_hash(middle, end, subtree));
}

void add_path(std::uint64_t index, std::uint64_t begin, std::uint64_t end,
              const SubtreeHash& subtree, std::vector<Hash>& path) {
  if (end - begin == 1) return;
  const std::uint64_t middle = begin + split_point(end - begin);
  if (index < middle) {
    add_path(index, begin, middle, subtree, path);
    path.push_back(range_hash(middle, end, subtree));
  } else {
    add_path(index, middle, end, subtree, path);
    path.push_back(range_hash(begin, middle, subtree));
  }
}

// SUBPROOF(m, D[begin:end], b), section 2.1.2; `old_end` = begin + m.
void add_subproof(std::uint64_t old_end, std::uint64_t begin, std::uint64_t end, bool known,
                  const SubtreeHash& subtree, std::vector<Hash>& proof) {
  if (old_end == end) {
    if (!known) proof.push_back(range_hash(begin, end, subtree));
    return;
  }
  const std::uint64_t middle = begin + split_point(end - begin);
  if (old_end <= middle) {
    add_subproof(old_end, begin, middle, known, subtree, proof);
    proof.push_back(range_hash(middle, end, subtree));
  } else {
    add_subproof(old_end, middle, end, false, subtree, proof);
    proof.push_back(range_hash(begin, middle, subtree));
  }
}

}  // namespace

Hash leaf_hash(ByteView entry) {
  static constexpr Byte kLeafPrefix[] = {0x00};
  thread_local crypto::Hasher hasher;
  hasher.update(kLeafPrefix);
  hasher.update(entry);
  return hasher.finish_sha256();
}

Hash node_hash(const Hash& left, const Hash& right) {
  Byte bytes[65];
  bytes[0] = 0x01;
  std::copy(left.begin(), left.end(), bytes + 1);
  std::copy(right.begin(), right.end(), bytes + 33);
  return crypto::sha256(bytes);
}

Hash empty_tree_hash() {
  static const Hash hash = crypto::sha256({});
  return hash;
}

std::optional<Frontier> Frontier::from(std::uint64_t size, std::vector<Hash> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) return std::nullopt;
  Frontier frontier;
  frontier.size_ = size;
  frontier.hashes_ = std::move(hashes);
  return frontier;
}

Hash Frontier::root() const {
  if (hashes_.empty()) return empty_tree_hash();
  Hash hash = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i-- > 0;)
    hash = node_hash(hashes_[i], hash);
  return hash;
}

void SubtreeTable::append(const Hash& leaf) {
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].push_back(leaf);
  for (std::size_t level = 0; levels_[level].size() % 2 == 0; ++level) {
    if (levels_.size() == level + 1) levels_.emplace_back();
    const auto& below = levels_[level];
    levels_[level + 1].push_back(node_hash(below[below.size() - 2], below.back()));
  }
}

SubtreeHash SubtreeTable::reader() const {
  return [this](unsigned level, std::uint64_t index) { return at(level, index); };
}

Hash root_of(std::uint64_t size, const SubtreeHash& subtree) {
  return size == 0 ? empty_tree_hash() : range_hash(0, size, subtree);
}

std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                  const SubtreeHash& subtree) {
  BH_ASSERT(index < size);
  std::vector<Hash> path;
  add_path(index, 0, size, subtree, path);
  return path;
}

std::vector<Hash> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                    const SubtreeHash& subtree) {
  BH_ASSERT(old_size > 0 && old_size <= size);
  std::vector<Hash> proof;
  add_subproof(old_size, 0, size, true, subtree, proof);
  return proof;
}

bool verify_inclusion(std::uint64_t index, const Hash& leaf, const TreeHead& head,
                      std::span<const Hash> proof) {
  if (index >= head.size) return false;
  std::uint64_t fn = index;  // the names of RFC 9162 section 2.1.3.2
  std::uint64_t sn = head.size - 1;
  Hash r = leaf;
  for (const Hash& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) || fn == sn) {
      r = node_hash(p, r);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == head.root;
}

bool verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Hash> proof) {
  if (older.size > newer.size) return false;
  if (older.size == newer.size) return proof.empty() && older.root == newer.root;
  if (older.size == 0) return proof.empty() && older.root == empty_tree_hash();
  // RFC 9162 section 2.1.4.2.
  std::vector<Hash> path(proof.begin(), proof.end());
  if (std::has_single_bit(older.size)) path.insert(path.begin(), older.root);
  if (path.empty()) return false;
  std::uint64_t fn = older.size - 1;
  std::uint64_t sn = newer.size - 1;
  while (fn & 1) {
    fn >>= 1;
    sn >>= 1;
  }
  Hash fr = path[0];
  Hash sr = path[0];
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) || fn == sn) {
      fr = node_hash(path[i], fr);
      sr = node_hash(path[i], sr);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = node_hash(sr, path[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == older.root && sr == newer.root;
}

}  // namespace bulkhead::journal
