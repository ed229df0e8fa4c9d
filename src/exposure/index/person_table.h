// The persons of one file as its readers saw them: one row for every different description of a
// person, with how often it came and where. Compact, because a file may describe millions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exposure/detect/element.h"

namespace bulkhead::exposure {

// Kinds of what a record says about who a person is. Written into findings: append only.
enum class FactKind : std::uint8_t {
  kName,        // last, first, middle, suffix
  kOtherName,   // the same four; another name of the same person (NM1*70, NM1*74)
  kBirthDate,   // CCYYMMDD, or the value as written where it is no date
  kDeathDate,   // likewise; empty: dead, day unknown
  kIdentifier,  // value, issuer, label; sub = IdentifierType
  kAddress,     // line 1, line 2, city, state, postal code
  kPhone,       // digits
  kEmail,
  kOtherBirthDate,  // of an other name
};
constexpr std::uint8_t kFactKindCount = 9;

enum FactFlag : std::uint8_t {
  kFactInvalid = 1,      // in the right place, but fails its check
  kFactSpecimen = 2,     // a well-known sample number
  kFactFromHicn = 4,     // the SSN inside a HICN
  kFactPlaceholder = 8,  // a date such as 1900-01-01
  kFactAlias = 16,       // belongs to an other name
  kFactSynthetic = 32,   // CMS's synthetic MBI
  kFactPrior = 64,       // a prior number of the same person
  kFactNotAKey = 128,    // shared by a household or a group: says nothing about who it is; of a
                         // name: as somebody shows it, for who has no other (FHIR's display)
};

// One fact; the views point into the table (or into a reader's block).
struct Fact {
  static constexpr std::size_t kMaxParts = 5;
  FactKind kind = FactKind::kName;
  std::uint8_t sub = 0;
  std::uint8_t flags = 0;
  std::uint8_t part_count = 0;
  std::string_view parts[kMaxParts];
};

// A place where an element stands: `length` bytes from `offset` of the innermost file are its
// value.
struct Evidence {
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint16_t where = 0;  // index into places(): "DMG02", a column's header
  Element element = Element::kName;
};

// Reads packed facts one by one. Robust against any bytes: `next` is false at the end and at the
// first damage.
class FactReader {
 public:
  explicit FactReader(std::string_view packed) : rest_(packed) {}
  bool next(Fact& fact);
  bool damaged() const { return damaged_; }

 private:
  std::string_view rest_;
  bool damaged_ = false;
};

// Packs the facts of one record after the other, always into the same memory.
class FactPacker {
 public:
  void clear() { size_ = 0; }
  void add(const Fact& fact);
  std::string_view packed() const { return std::string_view(memory_).substr(0, size_); }

 private:
  std::string memory_;  // its size is what there is room for
  std::size_t size_ = 0;
};

class PersonTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr unsigned kEvidencePerElement = 3;

  struct Row {
    std::uint64_t facts_at = 0;
    std::uint32_t facts_length = 0;
    std::uint32_t records = 0;  // how many records of the file said so
    std::uint64_t first_offset = 0;
    std::uint32_t first_evidence = kNone;
    std::uint32_t last_evidence = kNone;
    std::uint64_t evidence_counts = 0;  // two bits an element
    ElementSet elements;
    ElementSet possible;
    ElementSet masked;
    Role role = Role::kMember;
    SensitivitySet sensitive = 0;
    bool joinable = false;
    std::uint32_t tag = 0;  // of joinable rows: a hash of what makes them equal
  };

  // Adds a record, or counts it with the equal row. `joinable`: an equal description is the same
  // person (it holds an identifier, or name and date of birth); otherwise each record keeps a row
  // of its own. Returns the row.
  std::uint32_t add(Role role, std::string_view packed_facts, bool joinable, std::uint64_t offset);
  void add_elements(std::uint32_t row, ElementSet elements, ElementSet possible, ElementSet masked,
                    SensitivitySet sensitive);
  // Keeps the first kEvidencePerElement of each element and row.
  void add_evidence(std::uint32_t row, std::span<const Evidence> places);
  void add_evidence(std::uint32_t row, const Evidence& evidence);
  // `row` is related to `to` (guardian of, dependant of), both of this table.
  void add_relation(std::uint32_t row, std::uint32_t to);
  // As if what was added to `next` had been added here: the rows of a file's next part.
  void append(const PersonTable& next);
  std::uint16_t place(std::string_view where);  // interned; the 65,536th and later become "other"

  std::size_t size() const { return rows_.size(); }
  const Row& row(std::uint32_t index) const { return rows_[index]; }
  std::string_view facts(std::uint32_t index) const {
    return std::string_view(arena_).substr(rows_[index].facts_at, rows_[index].facts_length);
  }
  std::vector<Evidence> evidence(std::uint32_t index) const;
  template <typename Take>
  void each_evidence(std::uint32_t index, Take&& take) const {
    for (std::uint32_t at = rows_[index].first_evidence; at != kNone; at = evidence_[at].next)
      take(evidence_[at].evidence);
  }
  const std::vector<std::string>& places() const { return places_; }
  const std::vector<std::pair<std::uint32_t, std::uint32_t>>& relations() const {
    return relations_;
  }
  std::uint64_t memory_bytes() const;

 private:
  friend class FindingsDecoder;
  struct EvidenceNode {
    Evidence evidence;
    std::uint32_t next = kNone;
  };
  std::uint32_t add_tagged(Role role, std::string_view facts, bool joinable, std::uint32_t tag,
                           std::uint64_t offset);
  std::uint32_t find_or_reserve(Role role, std::string_view facts, std::uint32_t tag);
  void grow_slots();

  std::vector<Row> rows_;
  std::string arena_;
  std::vector<EvidenceNode> evidence_;
  std::vector<std::string> places_;
  std::unordered_map<std::string, std::uint16_t> place_index_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> relations_;
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t row = kNone;
  };
  std::vector<Slot> slots_;  // open addressing, a power of two
  std::size_t slots_used_ = 0;
};

}  // namespace bulkhead::exposure
