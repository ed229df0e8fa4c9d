// What reviewers said about the units of a sample: a CSV, filled in by hand or in a spreadsheet.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "notify/review/sample/draw.h"

namespace bulkhead::review {

enum class Mark {
  kRight,    // a finding that is so
  kWrong,    // a finding that is not
  kNothing,  // a window that holds nothing of anybody
  kListed,   // it does, and that person with that element is in the result
  kMissed,   // it does, and it is not in the result
  kUnclear,  // counted as an error: what nobody can tell is not known to be right
};
std::string_view to_string(Mark mark);  // "right", "wrong", "nothing", "listed", "missed"…

struct MarkedUnit {
  Mark mark = Mark::kUnclear;
  std::string by, note;
  std::uint64_t line = 0;
};
using Marks = std::map<std::string, MarkedUnit>;

// Hostile input: bounded, RFC 4180, a header with `unit` and `mark`; `by` and `note` if they are
// there, other columns are not looked at. Rows without a mark are not marked yet. Two reviewers may
// mark one unit if they agree; kConflict "FILE:LINE: …" where they do not: settle it.
Status read_marks(std::string_view csv, const std::string& name, Marks& marks);

// The file to fill in.
std::string marks_template(const Sample& sample);

}  // namespace bulkhead::review
