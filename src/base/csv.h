// Cells of CSV files that people open in a spreadsheet, and rows as others export them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bulkhead {

// RFC 4180: quoted where it must be. What a spreadsheet would run as a formula gets a leading
// apostrophe: the values are other people's.
std::string csv_field(std::string_view text);

// Rows of RFC 4180 line by line, also of those that quote carelessly. Hostile input; each byte is
// looked at once, and memory is that of one row, which the caller bounds by bytes().
class CsvRow {
 public:
  explicit CsvRow(std::size_t fields_most) : fields_most_(fields_most) {}
  // A line without its end. False where a quoted field goes on in the next line; else the row is
  // whole, and the next line begins another. Fields beyond the most that there may be are dropped.
  bool take(std::string_view line, char separator);
  const std::vector<std::string>& fields() const { return fields_; }
  bool unfinished() const { return quoted_; }
  std::size_t bytes() const { return bytes_; }  // of its lines
  void drop();                                  // the next line begins a row

 private:
  std::size_t fields_most_;
  std::vector<std::string> fields_;
  std::string field_;
  std::size_t bytes_ = 0;
  bool quoted_ = false;
};

}  // namespace bulkhead
