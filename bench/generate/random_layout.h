// Layouts that nobody wrote down: columns in any order, of any width, with any padding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generate/cast.h"

namespace bulkhead::generate {

// Random numbers from a seed: the same ones everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2'654'435'769 + 1) {}
  std::uint64_t below(std::uint64_t range) {  // 0 to range - 1
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return (value ^ (value >> 31)) % range;
  }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

enum class ColumnOf {
  kRecordType,
  kDcn,
  kCase,
  kLast,
  kFirst,
  kInitial,
  kFullName,
  kBirth,
  kSsn,
  kSex,
  kStreet,
  kUnit,
  kCity,
  kState,
  kZip,
  kPhone,
  kBegin,
  kEnd,
  kCode,
  kCounter,
  kAmount,
  kDiagnosis,
  kBlank
};

enum class Storage { kText, kPacked, kBinary };

struct RandomColumn {
  ColumnOf what = ColumnOf::kBlank;
  unsigned width = 0;  // bytes
  std::string form;    // of dates and numbers with separators
  Storage storage = Storage::kText;
};

struct RandomLayout {
  std::vector<RandomColumn> columns;
  bool ebcdic = false;
  std::string line_end;       // "", "\n", "\r\n"
  bool with_lengths = false;  // RECFM V
  bool header = false, trailer = false;
  bool mixed_case = false;
  std::vector<std::string_view> elements;  // that each record has whose values are there

  unsigned length() const;
  bool has(ColumnOf what) const;
};

// Layout `number` of that seed. With names, and a birth date or an SSN: else nobody could know.
RandomLayout random_layout(std::uint64_t seed, unsigned number, bool ebcdic);

// The record of one person, without line end.
std::string record_of(const RandomLayout& layout, const Member& member);

}  // namespace bulkhead::generate
