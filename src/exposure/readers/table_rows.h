// Rows of a table, wherever it comes from, into persons: what each column is used for is planned
// before (delimited_columns.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/readers/delimited_columns.h"
#include "exposure/readers/draft.h"

namespace bulkhead::exposure {

// One row: its cells by column, valid during take().
struct TableRow {
  std::uint64_t offset = 0;  // where it begins in the file
  const std::vector<std::string_view>* cells = nullptr;
  // Where a cell stands: in `text`, which begins at `offset`, or at a place of its own (then
  // `places` has as many as there are cells).
  std::string_view text;
  struct Place {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;  // of what stands in the file; 0: the value's
  };
  const std::vector<Place>* places = nullptr;
  bool doubled_quotes = false;  // "" in a cell is one quote
};

class TableRows {
 public:
  TableRows(const ColumnPlan& plan, Collector& collector) : plan_(plan), collector_(collector) {}

  void take(const TableRow& row);

 private:
  void take_other(const std::vector<ColumnUse>& columns, Role role, std::uint32_t main_row);
  void mark_treating();
  void fill(Draft& draft, const std::vector<ColumnUse>& columns);
  RawField raw(const ColumnUse& use) const;
  void unescape(RawField& field);

  const ColumnPlan& plan_;
  Collector& collector_;
  const TableRow* row_ = nullptr;
  std::string unescaped_;
  Draft main_, other_;
};

}  // namespace bulkhead::exposure
