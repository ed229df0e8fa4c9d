// Rows and fields of delimited text (RFC 4180, and what real files make of it).
#pragma once

#include <string_view>
#include <vector>

#include "exposure/readers/block_window.h"

namespace bulkhead::exposure {

// Where the row at the start of `text` ends, without its line break. A quoted field may hold line
// breaks; a quote that is never closed within `kMaxQuoted` bytes is an ordinary character.
struct RowEnd {
  std::size_t length = 0;    // of the row
  std::size_t taken = 0;     // with its line break
  bool complete = false;     // false: the row goes on behind `text`
  bool quoted = false;       // it holds a quote
  bool stray_quote = false;  // a quote that nothing closes
};
constexpr std::size_t kMaxQuoted = 64 * 1024;
// `quotes` false: a quote is a character like others.
RowEnd find_row_end(std::string_view text, char delimiter, bool at_end_of_file, bool quotes = true);

// Splits a row. Quotes around a field are left out, doubled ones inside are kept as they stand. At
// most `limit` fields are stored, all are counted.
std::size_t split_row(std::string_view row, char delimiter, bool quoted, std::size_t limit,
                      std::vector<std::string_view>& fields);

}  // namespace bulkhead::exposure
