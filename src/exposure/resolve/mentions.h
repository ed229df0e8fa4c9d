// Where somebody is mentioned in all files, and by which keys mentions may belong together: flat
// arrays, a few dozen bytes a row.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exposure/exposure.h"
#include "exposure/resolve/name_table.h"

namespace bulkhead::exposure {

// One row of one file, or an other name of it (then joined with it from the start).
struct Mention {
  std::uint32_t file = 0;
  std::uint32_t row = 0;
  std::uint32_t first = 0, last = 0, middle = 0, suffix = 0;  // names by number; 0: none
  std::uint32_t birth = 0;                                    // CCYYMMDD; 0: none, or a placeholder
  std::uint32_t ssn = 0;                                      // a valid SSN as a number; 0: none
  Role role = Role::kMember;
  bool other_name = false;
};

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
constexpr std::size_t kKeyTypes = 8;

struct Key {
  std::uint64_t hash;
  std::uint32_t mention;
  auto operator<=>(const Key&) const = default;
};

class Mentions {
 public:
  // By `threads` threads; what comes out does not depend on how many.
  Mentions(const std::vector<NamedFindings>& files, unsigned threads);

  const std::vector<Mention>& all() const { return mentions_; }
  const NameTable& names() const { return names_; }
  std::vector<Key>& keys(KeyType type) { return keys_[static_cast<std::size_t>(type)]; }

 private:
  // Rows from `begin` to `end`, counted over all files.
  Mentions(const std::vector<NamedFindings>& files, std::size_t begin, std::size_t end);
  void append(const Mentions& next);
  void add_row(std::uint32_t file, std::uint32_t row, const PersonTable& table);
  void set_name(Mention& mention, const Fact& fact);
  void add_identifier(const Fact& fact, std::uint32_t mention);
  void add_key(KeyType type, std::initializer_list<std::uint64_t> parts, std::uint32_t mention);
  void add_name_keys(std::uint32_t mention);

  std::vector<Mention> mentions_;
  NameTable names_;
  std::array<std::vector<Key>, kKeyTypes> keys_;
  std::array<std::uint64_t, kIdentifierTypeCount> type_hashes_{};
  std::uint64_t own_file_ = 0;  // stands for the issuer of a number that has none
};

}  // namespace bulkhead::exposure
