// Which delimiter, which line is the header.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"
#include "exposure/readers/delimited_reader.h"
#include "exposure/readers/delimited_syntax.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kSampleRows = 100;
constexpr std::size_t kHeaderWithin = 20;  // titles and notes may stand above the header
constexpr std::size_t kMaxColumns = 4096;

struct Delimiter {
  char character;
  std::string_view name;
};
constexpr Delimiter kDelimiters[] = {
    {',', "comma"}, {'\t', "tab"}, {'|', "pipe"}, {';', "semicolon"}};

struct SampleRow {
  std::size_t at = 0;
  std::size_t next = 0;
  std::size_t count = 0;
  std::vector<std::string_view> fields;
};

std::vector<HeaderCells> cells_of(const std::vector<SampleRow>& rows) {
  std::vector<HeaderCells> cells;
  for (std::size_t i = 0; i < std::min(rows.size(), kHeaderWithin); ++i)
    cells.push_back({rows[i].count, rows[i].fields});
  return cells;
}

std::vector<SampleRow> sample(std::string_view head, char delimiter, bool whole_file) {
  std::vector<SampleRow> rows;
  std::size_t at = head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < head.size() && rows.size() < kSampleRows) {
    const RowEnd end = find_row_end(head.substr(at), delimiter, whole_file);
    if (!end.complete || end.taken == 0) break;
    SampleRow row{.at = at, .next = at + end.taken};
    row.count =
        split_row(head.substr(at, end.length), delimiter, end.quoted, kMaxColumns, row.fields);
    if (end.length > 0) rows.push_back(std::move(row));
    at += end.taken;
  }
  return rows;
}

}  // namespace

bool looks_like_data(std::string_view cell) {
  cell = trimmed(cell);
  const Compact compact(cell);
  return compact.all_digits() || parse_date(cell).has_value() ||
         cell.find('@') != std::string_view::npos || is_masked(cell);
}

std::optional<TableHeader> find_header(std::span<const HeaderCells> rows, std::size_t columns,
                                       const Rules& rules) {
  for (std::size_t i = 0; i < std::min(rows.size(), kHeaderWithin); ++i) {
    if (rows[i].count != columns || columns > kMaxColumns) continue;
    TableHeader header{.row = i};
    std::size_t filled = 0;
    bool data = false;
    for (const std::string_view cell : rows[i].cells) {
      header.columns.push_back(meaning_of(cell, rules));
      header.known += header.columns.back().known ? 1 : 0;
      filled += trimmed(cell).empty() ? 0 : 1;
      data = data || looks_like_data(cell);
    }
    if (!data && header.known > 0 && filled * 2 > columns) return header;
    // Behind the first full row of data there is no header any more.
    if (data && filled * 2 > columns) break;
  }
  return std::nullopt;
}

std::optional<DelimitedLayout> find_delimited_layout(std::string_view head,
                                                     std::string_view name_hint,
                                                     const Rules& rules) {
  const bool whole_file = head.size() < 64 * 1024;
  std::optional<DelimitedLayout> best;
  std::size_t best_score = 0;
  for (const Delimiter& delimiter : kDelimiters) {
    const std::vector<SampleRow> rows = sample(head, delimiter.character, whole_file);
    std::map<std::size_t, std::size_t> counts;
    for (const SampleRow& row : rows)
      ++counts[row.count];
    if (counts.empty()) continue;
    const auto common =
        std::max_element(counts.begin(), counts.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    // Rows of one width, a few titles and trailers aside.
    const std::size_t columns = common->first;
    const std::size_t others = rows.size() - common->second;
    if (columns < 2 || others > std::max<std::size_t>(5, rows.size() / 20) ||
        others >= common->second)
      continue;
    const auto header = find_header(cells_of(rows), columns, rules);
    const bool regular = rows.size() >= 3 && others == 0;
    if (!header && !regular) continue;
    const std::size_t score = header ? 1000 * header->known + columns : columns;
    if (best && score <= best_score) continue;
    best_score = score;
    best = DelimitedLayout{.delimiter = delimiter.character, .has_header = header.has_value()};
    if (header) {
      best->header_at = rows[header->row].at;
      best->rows_at = rows[header->row].next;
      best->columns = header->columns;
      best->recognised_by =
          fmt::format("{}, {} of {} columns known", delimiter.name, header->known, columns);
    } else {
      best->recognised_by = fmt::format("{}, {} columns", delimiter.name, columns);
    }
  }
  if (best) best->file_kind = kind_of_file(name_hint);
  return best;
}

}  // namespace bulkhead::exposure
