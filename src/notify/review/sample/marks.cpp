#include "notify/review/sample/marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/csv.h"
#include "base/utf8.h"

namespace bulkhead::review {
namespace {

constexpr std::size_t kBytesMost = 256U * 1024 * 1024;
constexpr std::size_t kColumnsMost = 100;
constexpr std::size_t kCellBytesMost = 64 * 1024;
constexpr std::size_t kRowsMost = 2'000'000;

constexpr std::array<std::string_view, 6> kWords = {"right",  "wrong",  "nothing",
                                                    "listed", "missed", "unclear"};

// Rows of RFC 4180, one at a time.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }
  std::uint64_t line() const { return row_line_; }
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::kMalformed, fmt::format("{}:{}: {}", name_, row_line_, what));
  }
  // False at the end.
  Result<bool> next(std::vector<std::string>& cells) {
    cells.clear();
    row_line_ = line_;
    if (at_ >= text_.size()) return false;
    for (;;) {
      if (cells.size() == kColumnsMost) return wrong("has too many columns");
      BH_TRY(std::string cell, next_cell());
      cells.push_back(std::move(cell));
      if (at_ >= text_.size()) return true;
      const char end = text_[at_++];
      if (end == ',') continue;
      if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      ++line_;
      return true;
    }
  }

 private:
  // Stands at a comma, a line's end or the end behind it.
  Result<std::string> next_cell() {
    std::string cell;
    if (at_ < text_.size() && text_[at_] == '"') return quoted();
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r')
      cell += text_[at_++];
    if (cell.size() > kCellBytesMost) return wrong("a cell is too long");
    return cell;
  }
  Result<std::string> quoted() {
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      if (cell.size() == kCellBytesMost) return wrong("a cell is too long");
      cell += text_[at_];
    }
    if (at_ >= text_.size()) return wrong("a quoted cell has no end");
    ++at_;
    const bool ends =
        at_ >= text_.size() || text_[at_] == ',' || text_[at_] == '\n' || text_[at_] == '\r';
    if (!ends) return wrong("something stands behind a quoted cell");
    return cell;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1, row_line_ = 1;
};

std::string plain(std::string_view text) {
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\t') word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return word;
}

struct Columns {
  std::optional<std::size_t> unit, mark, by, note;
};

Columns columns_of(const std::vector<std::string>& header) {
  Columns columns;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string word = plain(header[i]);
    if (word == "unit" && !columns.unit) columns.unit = i;
    if (word == "mark" && !columns.mark) columns.mark = i;
    if (word == "by" && !columns.by) columns.by = i;
    if (word == "note" && !columns.note) columns.note = i;
  }
  return columns;
}

std::string cell_at(const std::vector<std::string>& cells, std::optional<std::size_t> column) {
  return column && *column < cells.size() ? cells[*column] : std::string();
}

}  // namespace

std::string_view to_string(Mark mark) {
  return kWords[static_cast<std::size_t>(mark)];
}

Status read_marks(std::string_view csv, const std::string& name, Marks& marks) {
  if (csv.size() > kBytesMost) return fail(ErrorCode::kLimitExceeded, name + ": is too large");
  if (!is_utf8(csv)) return fail(ErrorCode::kMalformed, name + ": is no UTF-8 text");
  CsvReader reader(csv, name);
  std::vector<std::string> cells;
  BH_TRY(const bool any, reader.next(cells));
  const Columns columns = columns_of(cells);
  if (!any || !columns.unit || !columns.mark)
    return reader.wrong("the first line has to name the columns unit and mark");
  for (std::size_t rows = 0;; ++rows) {
    BH_TRY(const bool more, reader.next(cells));
    if (!more) return {};
    if (rows == kRowsMost) return reader.wrong("there are too many rows");
    const std::string unit = plain(cell_at(cells, columns.unit));
    const std::string word = plain(cell_at(cells, columns.mark));
    if (unit.empty() || word.empty()) continue;
    const auto at = std::find(kWords.begin(), kWords.end(), word);
    if (at == kWords.end())
      return reader.wrong("mark: right, wrong, nothing, listed, missed or unclear is expected");
    MarkedUnit marked{.mark = static_cast<Mark>(at - kWords.begin()),
                      .by = cell_at(cells, columns.by),
                      .note = cell_at(cells, columns.note),
                      .line = reader.line()};
    const auto [there, is_new] = marks.emplace(unit, marked);
    if (!is_new && there->second.mark != marked.mark)
      return fail(ErrorCode::kConflict,
                  fmt::format("{}:{}: {} was marked otherwise before: look at it together and "
                              "leave one mark",
                              name, reader.line(), unit));
  }
}

std::string marks_template(const Sample& sample) {
  std::string text =
      "unit,kind,file,offset,where,person,name,born,element,excerpt,mark,by,note\r\n";
  for (const SampleUnit& unit : sample.units) {
    const bool finding = unit.kind == UnitKind::kFinding;
    const ReviewedPlace place = unit.places.empty() ? ReviewedPlace{} : unit.places.front();
    const bool placed = !finding || !unit.places.empty();
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},,,\r\n", unit.id, to_string(unit.kind), csv_field(unit.file),
        placed ? fmt::format("{}", finding ? place.offset : unit.offset) : "",
        csv_field(place.where), unit.person, csv_field(unit.name), csv_field(unit.born),
        finding ? exposure::to_string(unit.element) : "", csv_field(unit.excerpt));
  }
  return text;
}

}  // namespace bulkhead::review
