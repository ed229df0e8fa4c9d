// The records of one kind as rows of characters: what inference looks at. Some hundred records of
// the start of a file, never all of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/detect/code_page.h"

namespace bulkhead::exposure {

class Grid {
 public:
  // `records` must outlive the grid. Rows are as wide as the longest record; shorter ones (line
  // ends cut their blanks off) are filled with blanks.
  Grid(std::vector<std::string_view> records, CodePage page);

  std::size_t rows() const { return records_.size(); }
  std::uint32_t width() const { return width_; }
  CodePage page() const { return page_; }
  char at(std::size_t row, std::uint32_t column) const { return text_[row * width_ + column]; }
  // As Latin-1.
  std::string_view cell(std::size_t row, std::uint32_t at, std::uint32_t length) const {
    return std::string_view(text_).substr(row * width_ + at, length);
  }
  std::string_view trimmed_cell(std::size_t row, std::uint32_t at, std::uint32_t length) const;
  // The bytes as they are in the file; shorter where the record ends.
  std::string_view raw(std::size_t row, std::uint32_t at, std::uint32_t length) const;
  const std::vector<std::string_view>& records() const { return records_; }

 private:
  std::vector<std::string_view> records_;
  CodePage page_;
  std::uint32_t width_ = 0;
  std::string text_;
};

// What one column (one byte of each record) is made of; counts of rows.
struct ColumnProfile {
  std::size_t blank = 0, digit = 0, letter = 0, other = 0, strange = 0;  // strange: no text at all
  std::size_t distinct = 0;
  double fill = 0;  // share that is not blank
  std::size_t filled() const { return digit + letter + other + strange; }
  bool all_blank() const { return filled() == 0; }
  bool constant() const { return distinct == 1 && blank == 0; }
  // Nearly all that is not blank.
  bool digits() const { return filled() > 0 && digit * 100 >= filled() * 97; }
  bool letters() const { return filled() > 0 && letter * 100 >= filled() * 97; }
};
std::vector<ColumnProfile> profile_columns(const Grid& grid);

// 'b' blank, 'd' digit, 'a' letter, 'p' punctuation, 'z' zero byte, 'x' anything else.
char class_of_character(char latin1);

}  // namespace bulkhead::exposure
