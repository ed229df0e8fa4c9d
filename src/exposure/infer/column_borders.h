// Where the columns of a record begin and end, from the bytes of many records.
#pragma once

#include <optional>
#include <vector>

#include "exposure/detect/rules.h"
#include "exposure/infer/grid.h"
#include "exposure/infer/value_tests.h"
#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

struct Segment {
  std::uint32_t at = 0, length = 0;
  FieldUsage usage = FieldUsage::kText;
  std::uint16_t digits = 0;  // of numbers that are no text
  bool is_signed = false;

  std::uint32_t end() const { return at + length; }
};

// In order, without overlaps; columns that are always blank are in none.
std::vector<Segment> find_segments(const Grid& grid, const Rules& rules);

// What stands in a segment, a text a row; blanks are empty. Numbers as digits.
class SegmentTexts {
 public:
  SegmentTexts(const Grid& grid, const Segment& segment);
  std::string_view row(std::size_t i) const { return texts_[i]; }
  Values values() const&;  // without blanks; views of this
  Values values() && = delete;
  std::size_t filled() const { return filled_; }
  std::size_t misfits() const { return misfits_; }  // bytes that such a field cannot have

 private:
  std::vector<std::string> texts_;
  std::size_t filled_ = 0, misfits_ = 0;
};

// Splits a run of columns that hold nothing but digits into dates, numbers with a check, and what
// is left. `states`: a segment with the codes of states, for postal codes. `worth`: how much of it
// is explained; comparable between runs.
std::vector<Segment> split_digits(const Grid& grid, Segment run,
                                  const std::optional<Segment>& states, const Rules& rules,
                                  double* worth = nullptr);

}  // namespace bulkhead::exposure
