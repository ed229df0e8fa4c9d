// Which rows of all files are one person. Union-find over mentions, guided by keys and checked for
// contradictions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "exposure/resolve/mentions.h"
#include "exposure/resolve/name_match.h"

namespace bulkhead::exposure {

class Clusters {
 public:
  Clusters(const std::vector<NamedFindings>& files, unsigned threads);
  Clusters(const Clusters&) = delete;

  void resolve();

  const std::vector<Mention>& mentions() const { return mentions_; }
  std::uint32_t root(std::uint32_t mention);

  // Pairs of roots that may be one person, but were kept apart.
  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ambiguous() const {
    return ambiguous_;
  }
  // Roots joined on evidence that leaves a doubt, a role each.
  std::uint64_t doubtful_merges(Role role) const {
    return doubtful_[static_cast<std::size_t>(role)];
  }

 private:
  // What the mentions of one cluster say. A few values each are enough to find a contradiction.
  struct Known {
    std::array<std::uint32_t, 4> births{}, firsts{}, ssns{}, suffixes{};
    std::array<std::uint32_t, 4> files{};  // and one each; the last one taken: maybe more
  };
  enum class Verdict : std::uint8_t { kApart, kNear, kDoubtful, kSame };
  // What the people under one key have in common.
  struct Group {
    KeyType type = KeyType::kName;
    bool family = false;  // more births or first names than one person's
    bool shared = false;  // some of them certainly are two
  };

  void sort_keys();
  void use_keys(KeyType type);
  void merge_group(KeyType type, const Key* begin, const Key* end);
  void merge_roots(const Group& group);
  void note_same_names(const std::vector<std::uint32_t>& roots);
  Group group_of(const std::vector<std::uint32_t>& roots, KeyType type);
  Verdict compare(std::uint32_t a, std::uint32_t b, const Group& group) const;
  Verdict compare_births(std::uint32_t a, std::uint32_t b, NameMatch first,
                         const Group& group) const;
  Verdict compare_misspelt(std::uint32_t a, std::uint32_t b, const Group& group) const;
  bool same_last_name(std::uint32_t a, std::uint32_t b) const;
  NameMatch match_firsts(const Known& a, const Known& b) const;
  void unite(std::uint32_t a, std::uint32_t b);
  void note_ambiguous(std::uint32_t a, std::uint32_t b);
  // `memory` holds it where nothing else does.
  const Known& known(std::uint32_t root, Known& memory) const;
  std::uint32_t birth(std::uint32_t root) const;  // the first one that is known; 0: none
  std::uint32_t first(std::uint32_t root) const;

  unsigned threads_;
  Mentions source_;
  const std::vector<Mention>& mentions_;
  const NameTable& names_;
  std::vector<std::uint32_t> parent_;
  // Of clusters of several mentions; one mention says itself what is known.
  static constexpr std::uint32_t kAlone = 0xFFFFFFFF;
  std::vector<std::uint32_t> known_at_;
  std::vector<Known> known_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ambiguous_;
  std::array<std::uint64_t, kRoleCount> doubtful_{};
  std::vector<std::uint32_t> roots_, persons_, fitting_, births_, firsts_;  // of the group at hand
};

}  // namespace bulkhead::exposure
