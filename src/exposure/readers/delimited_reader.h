// Delimited text with a header line: comma, tab, pipe or semicolon, with or without quotes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/detect/header_dictionary.h"
#include "exposure/readers/byte_source.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/part_feeder.h"

namespace bulkhead::exposure {

struct DelimitedLayout {
  char delimiter = ',';
  bool has_header = false;
  std::uint64_t header_at = 0;  // offset of the header line
  std::uint64_t rows_at = 0;    // offset of the first row
  std::vector<HeaderMeaning> columns;
  FieldKind file_kind = FieldKind::kNone;  // what CODE and DESCRIPTION hold, by the file's name
  std::string recognised_by;               // "comma, 12 of 14 columns known"
};

// From the first bytes of a file; nothing where it is no delimited text. has_header is false where
// rows are regular but no line names the columns.
std::optional<DelimitedLayout> find_delimited_layout(std::string_view head,
                                                     std::string_view name_hint,
                                                     const Rules& rules);

// Which of a table's first rows names its columns. Titles and notes may stand above it.
struct HeaderCells {
  std::size_t count = 0;  // of the row's cells; `cells` may hold fewer
  std::span<const std::string_view> cells;
};
struct TableHeader {
  std::size_t row = 0;
  std::size_t known = 0;  // of its columns
  std::vector<HeaderMeaning> columns;
};
std::optional<TableHeader> find_header(std::span<const HeaderCells> rows, std::size_t columns,
                                       const Rules& rules);
// A cell that a header does not hold: a number, a date, an address of e-mail.
bool looks_like_data(std::string_view cell);

Status read_delimited(ByteSource& source, const DelimitedLayout& layout, Collector& collector);
// The same by several threads. False: this file can only be read from the front (quotes that
// nothing closes, rows that are too long); then nothing was found, and read_delimited() is to be
// asked.
Result<bool> read_delimited_in_parts(ByteSource& source, const DelimitedLayout& layout,
                                     Collector& collector, unsigned threads,
                                     std::size_t part_bytes = PartFeeder::kPartBytes);

}  // namespace bulkhead::exposure
