// What the sheets of a workbook (ECMA-376 part 1, 18) refer to: shared strings, formats of numbers,
// the names of sheets. Read before any sheet.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/containers/archive_stream.h"
#include "exposure/containers/limits.h"

namespace bulkhead::exposure {

// How a number of one format is shown, as far as it says what the number is.
struct NumberShape {
  bool date = false;
  unsigned digits = 0;  // filled up with zeros to so many
};
// Of a format's text ("mm/dd/yyyy", "000-00-0000"). Exposed for tests.
NumberShape shape_of(std::string_view format);

class Workbook {
 public:
  struct Sheet {
    std::string name;
    bool hidden = false;
  };

  // Errors are the source's. What cannot be read is missing then, and why() says so.
  static Result<Workbook> read(ByteSource& source, const ArchiveFormat& zip,
                               ContainerBudget& budget);

  bool empty() const { return sheets_.empty(); }
  // By the part's name ("xl/worksheets/sheet1.xml"); null where it is no sheet of the workbook.
  const Sheet* sheet(const std::string& part) const;
  // "" and false where there is none.
  bool string(std::uint64_t index, std::string_view& text) const;
  NumberShape shape(std::uint64_t style) const;
  bool since_1904() const { return since_1904_; }
  const std::string& why() const { return why_; }

 private:
  friend class WorkbookReader;
  std::map<std::string, Sheet> sheets_;
  std::string text_;                 // of all shared strings
  std::vector<std::uint64_t> ends_;  // of each in it
  std::vector<NumberShape> shapes_;  // by style
  bool since_1904_ = false;
  std::string why_;
};

// A part of a workbook that holds nothing of persons, or is read with the sheets.
bool is_known_part(std::string_view name);
// By the first member's name: a file of ECMA-376 may begin so.
bool may_be_workbook(std::string_view first_member);

}  // namespace bulkhead::exposure
