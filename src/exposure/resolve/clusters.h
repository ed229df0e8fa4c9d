// Which rows of all files are one person. Union-find over mentions, guided by keys and checked for
// contradictions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exposure/exposure.h"
#include "exposure/resolve/name_match.h"

namespace bulkhead::exposure {

// One row of one file, or an other name of it (then joined with it from the start).
struct Mention {
  std::uint32_t file = 0;
  std::uint32_t row = 0;
  std::uint32_t first = 0, last = 0, middle = 0, suffix = 0;  // into Clusters' names; 0: none
  std::uint32_t birth = 0;                                    // CCYYMMDD; 0: none, or a placeholder
  std::uint32_t ssn = 0;                                      // a valid SSN as a number; 0: none
  Role role = Role::kMember;
  bool other_name = false;
};

class Clusters {
 public:
  explicit Clusters(const std::vector<NamedFindings>& files);

  void resolve();

  const std::vector<Mention>& mentions() const { return mentions_; }
  std::uint32_t root(std::uint32_t mention);
  const std::string& name(std::uint32_t id) const { return names_[id]; }

  // Pairs of roots that may be one person, but were kept apart.
  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ambiguous() const {
    return ambiguous_;
  }
  // Roots joined on evidence that leaves a doubt, a role each.
  std::uint64_t doubtful_merges(Role role) const {
    return doubtful_[static_cast<std::size_t>(role)];
  }

 private:
  // In the order in which they are used: the surest first.
  enum class KeyType : std::uint8_t {
    kNameBirth,
    kSsn,
    kMedicare,
    kNpi,
    kIssued,
    kPseudonym,
    kBare,
    kName
  };
  struct Key {
    KeyType type;
    std::uint64_t hash;
    std::uint32_t mention;
    auto operator<=>(const Key&) const = default;
  };
  // What the mentions of one cluster say. A few values each are enough to find a contradiction.
  struct Known {
    std::array<std::uint32_t, 4> births{}, firsts{}, ssns{}, suffixes{};
    std::array<std::uint32_t, 4> files{};  // and one each; the last one taken: maybe more
  };
  enum class Verdict : std::uint8_t { kApart, kNear, kDoubtful, kSame };

  void add_row(std::uint32_t file, std::uint32_t row, const PersonTable& table);
  void add_identifier(const Fact& fact, std::uint32_t mention);
  void add_key(KeyType type, std::initializer_list<std::string_view> parts, std::uint32_t mention);
  void add_name_keys(std::uint32_t mention);
  std::uint32_t intern(std::string name);
  void merge_group(const Key* begin, const Key* end);
  void note_same_names(const std::vector<std::uint32_t>& roots);
  // What the people under one key have in common.
  struct Group {
    KeyType type = KeyType::kName;
    bool family = false;  // more births or first names than one person's
    bool shared = false;  // some of them certainly are two
  };
  Group group_of(const std::vector<std::uint32_t>& roots, KeyType type) const;
  Verdict compare(std::uint32_t a, std::uint32_t b, const Group& group) const;
  Verdict compare_births(std::uint32_t a, std::uint32_t b, NameMatch first,
                         const Group& group) const;
  Verdict compare_misspelt(std::uint32_t a, std::uint32_t b, const Group& group) const;
  bool same_last_name(std::uint32_t a, std::uint32_t b) const;
  NameMatch match_firsts(const Known& a, const Known& b) const;
  void unite(std::uint32_t a, std::uint32_t b);
  void note_ambiguous(std::uint32_t a, std::uint32_t b);

  const std::vector<NamedFindings>& files_;
  std::vector<Mention> mentions_;
  std::vector<std::uint32_t> parent_;
  std::vector<Known> known_;
  std::vector<Key> keys_;
  std::string own_file_;  // stands for the issuer of a number that has none
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> name_ids_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ambiguous_;
  std::array<std::uint64_t, kRoleCount> doubtful_{};
};

}  // namespace bulkhead::exposure
