#include "exposure/infer/record_sorts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "exposure/infer/grid.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kMarkWithin = 64;  // columns in which a mark may stand
constexpr std::uint32_t kLongestMark = 3;
constexpr std::size_t kMostSorts = 12;
constexpr std::size_t kMostEdges = 3;        // header records, trailer records
constexpr std::uint32_t kMostColumns = 600;  // that are compared
constexpr std::size_t kOdd = 3;              // columns that are odd in any record
constexpr double kLeastGain = 0.3;           // of the disorder that a mark must take away

using Counts = std::array<std::uint32_t, 7>;

std::size_t index_of(char character_class) {
  constexpr std::string_view kClasses = "bdapzx";
  return std::min<std::size_t>(kClasses.find(character_class), 6);
}

// What class each byte of each record is in; behind a record's end another one of its own.
class ClassTable {
 public:
  explicit ClassTable(const Grid& grid) : columns_(std::min(grid.width(), kMostColumns)) {
    rows_.resize(grid.rows());
    for (std::size_t row = 0; row < grid.rows(); ++row) {
      const std::size_t length = grid.records()[row].size();
      rows_[row].resize(columns_);
      for (std::uint32_t c = 0; c < columns_; ++c)
        rows_[row][c] = static_cast<unsigned char>(
            c < length ? index_of(class_of_character(grid.at(row, c))) : 6);
    }
  }
  std::uint32_t columns() const { return columns_; }
  const std::vector<unsigned char>& row(std::size_t i) const { return rows_[i]; }

  // Bits of disorder over all columns, of the rows in `which` together.
  double disorder(const std::vector<std::size_t>& which) const {
    double bits = 0;
    const double total = static_cast<double>(which.size());
    for (std::uint32_t c = 0; c < columns_; ++c) {
      Counts counts{};
      for (const std::size_t row : which)
        ++counts[rows_[row][c]];
      for (const std::uint32_t count : counts) {
        if (count > 0) bits -= count * std::log2(count / total);
      }
    }
    return bits;
  }

  // Bits that a further group of so many rows takes away though it means nothing: few rows look
  // orderly.
  double by_chance(std::size_t rows) const {
    return 0.5 * columns_ * std::log2(1.0 + static_cast<double>(rows));
  }

 private:
  std::uint32_t columns_;
  std::vector<std::vector<unsigned char>> rows_;
};

// How many of the first and last records look like none of those in the middle.
void find_edges(const RecordForm& form, const ClassTable& table, RecordSorts& sorts) {
  const std::size_t rows = form.records.size();
  const std::size_t edge = std::min(kMostEdges, rows / 4);
  if (edge == 0) return;
  std::vector<Counts> counts(table.columns());
  for (std::size_t row = edge; row + edge < rows; ++row) {
    for (std::uint32_t c = 0; c < table.columns(); ++c)
      ++counts[c][table.row(row)[c]];
  }
  // Columns in which a record has what (nearly) no other one has there.
  const auto oddities = [&](std::size_t row, std::uint32_t own) {
    std::size_t odd = 0;
    for (std::uint32_t c = 0; c < table.columns(); ++c)
      odd += counts[c][table.row(row)[c]] <= own ? 1 : 0;
    return odd;
  };
  std::size_t usual = 0;
  for (std::size_t row = edge; row + edge < rows; ++row)
    usual = std::max(usual, oddities(row, 1));
  const auto is_edge = [&](std::size_t row) { return oddities(row, 0) > kOdd + 2 * usual; };
  while (sorts.headers < edge && is_edge(sorts.headers))
    ++sorts.headers;
  if (!form.whole_file) return;
  while (sorts.trailers < edge && is_edge(rows - 1 - sorts.trailers))
    ++sorts.trailers;
}

struct Mark {
  std::uint32_t at = 0, length = 0;
  double left = 0;  // disorder that is left
};

using Groups = std::map<std::string, std::vector<std::size_t>, std::less<>>;

// The rows by what stands there; nothing where that is no mark.
std::optional<Groups> groups_by(const Grid& grid, std::uint32_t at, std::uint32_t length,
                                std::size_t from, std::size_t to) {
  Groups groups;
  for (std::size_t row = from; row < to; ++row) {
    const std::string_view value = grid.cell(row, at, length);
    const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
      const char what = class_of_character(c);
      return what == 'a' || what == 'd';
    });
    if (!plain) return std::nullopt;
    groups[std::string(value)].push_back(row);
    if (groups.size() > kMostSorts) return std::nullopt;
  }
  if (groups.size() < 2) return std::nullopt;
  return groups;
}

std::optional<Mark> find_mark(const Grid& grid, const ClassTable& table, std::size_t from,
                              std::size_t to) {
  std::vector<std::size_t> all;
  for (std::size_t row = from; row < to; ++row)
    all.push_back(row);
  const double whole = table.disorder(all) + table.by_chance(all.size());
  std::optional<Mark> best;
  for (std::uint32_t length = 1; length <= kLongestMark; ++length) {
    for (std::uint32_t at = 0; at + length <= std::min(grid.width(), kMarkWithin); ++at) {
      const auto groups = groups_by(grid, at, length, from, to);
      if (!groups) continue;
      Mark mark{at, length, 0};
      for (const auto& [value, rows] : *groups)
        mark.left += table.disorder(rows) + table.by_chance(rows.size());
      if (whole - mark.left < kLeastGain * whole) continue;
      // A longer mark must explain more than a shorter one.
      if (!best || mark.left < best->left - 0.02 * whole) best = mark;
    }
  }
  // Bits by chance: few rows in many groups fit anything.
  if (whole < 2.0 * static_cast<double>(all.size())) return std::nullopt;
  return best;
}

}  // namespace

RecordSorts sort_records(const RecordForm& form) {
  RecordSorts sorts;
  const Grid grid(form.records, form.page);
  const ClassTable table(grid);
  find_edges(form, table, sorts);
  const std::size_t from = sorts.headers, to = form.records.size() - sorts.trailers;
  const auto mark = find_mark(grid, table, from, to);
  if (!mark) {
    sorts.sorts.push_back({"",
                           {form.records.begin() + static_cast<std::ptrdiff_t>(from),
                            form.records.begin() + static_cast<std::ptrdiff_t>(to)}});
    return sorts;
  }
  sorts.mark_at = mark->at;
  sorts.mark_length = mark->length;
  const auto groups = groups_by(grid, mark->at, mark->length, from, to);
  for (const auto& [value, rows] : *groups) {
    RecordSort sort{value, {}};
    for (const std::size_t row : rows)
      sort.records.push_back(form.records[row]);
    sorts.sorts.push_back(std::move(sort));
  }
  return sorts;
}

}  // namespace bulkhead::exposure
