#include "exposure/containers/sheet_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/containers/sheet_cells.h"
#include "exposure/detect/values.h"
#include "exposure/readers/delimited_columns.h"
#include "exposure/readers/delimited_reader.h"
#include "exposure/readers/table_rows.h"

namespace bulkhead::exposure {
namespace {

using Outcome = ArchiveStream::Outcome;

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kSampleRows = 100;
constexpr std::size_t kNoteColumns = 4;      // of so many, one cell alone is a note
constexpr double kLastBirthSerial = 73'050;  // the year 2100

std::size_t width_of(const SheetRow& row) {
  std::size_t width = row.used;
  while (width > 0 && trimmed(row.cells[width - 1].text).empty())
    --width;
  return width;
}

std::vector<std::string_view> texts_of(const SheetRow& row, std::size_t width) {
  std::vector<std::string_view> texts(width);
  for (std::size_t i = 0; i < std::min(width, row.used); ++i)
    texts[i] = row.cells[i].text;
  return texts;
}

bool holds_data(const SheetRow& row) {
  return std::any_of(row.cells.begin(), row.cells.begin() + static_cast<std::ptrdiff_t>(row.used),
                     [](const SheetCell& cell) { return looks_like_data(cell.text); });
}

// A header that spans several columns stands in the first of them.
std::vector<std::string> carried_on(const SheetRow& row, std::size_t width) {
  std::vector<std::string> texts(width);
  for (std::size_t i = 0; i < width; ++i) {
    const bool own = i < row.used && !trimmed(row.cells[i].text).empty();
    if (own)
      texts[i] = row.cells[i].text;
    else if (i > 0)
      texts[i] = texts[i - 1];
  }
  return texts;
}

// Of two rows: the upper one's texts before the lower one's, or the lower one's alone, whichever
// means something.
TableHeader joined(const SheetRow& upper, const SheetRow& lower, std::size_t width,
                   const Rules& rules) {
  const std::vector<std::string> groups = carried_on(upper, width);
  TableHeader header;
  for (std::size_t i = 0; i < width; ++i) {
    const bool own = i < upper.used && !trimmed(upper.cells[i].text).empty();
    const std::string_view below = i < lower.used ? trimmed(lower.cells[i].text) : "";
    const std::string_view above = own || !below.empty() ? std::string_view(groups[i]) : "";
    const bool both = !above.empty() && !below.empty();
    HeaderMeaning meaning = meaning_of(fmt::format("{}{}{}", above, both ? " " : "", below), rules);
    if (!meaning.known && both) {
      HeaderMeaning alone = meaning_of(below, rules);
      if (alone.known) meaning = std::move(alone);
    }
    header.known += meaning.known ? 1 : 0;
    header.columns.push_back(std::move(meaning));
  }
  return header;
}

// Where a sheet's table begins, by its first rows.
struct SheetHeader {
  std::size_t first = 0;  // row that belongs to it
  std::size_t behind = 0;
  TableHeader header;
};

std::optional<SheetHeader> find_sheet_header(const std::vector<SheetRow>& rows,
                                             const Rules& rules) {
  std::size_t fullest = 0;
  for (const SheetRow& row : rows)
    fullest = std::max(fullest, row.filled);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SheetRow& row = rows[i];
    if (row.filled * 2 <= fullest || row.filled < 2) continue;
    const std::size_t width = width_of(row);
    const std::vector<std::string_view> texts = texts_of(row, width);
    const HeaderCells cells{width, texts};
    const auto found = find_header({&cells, 1}, width, rules);
    if (!found) {
      if (holds_data(row)) return std::nullopt;
      continue;
    }
    SheetHeader header{.first = i, .behind = i + 1, .header = *found};
    // Rows above and below it that are part of it: they name groups of columns, or columns of a
    // group.
    const auto may_join = [&](const SheetRow& other) {
      return other.filled >= 2 && !holds_data(other) && width_of(other) <= width;
    };
    if (i > 0 && may_join(rows[i - 1]) && rows[i - 1].filled < row.filled) {
      TableHeader both = joined(rows[i - 1], row, width, rules);
      if (both.known >= header.header.known) {
        header.header = std::move(both);
        header.first = i - 1;
      }
    } else if (i + 1 < rows.size() && may_join(rows[i + 1])) {
      const std::size_t wide = std::max(width, width_of(rows[i + 1]));
      TableHeader both = joined(row, rows[i + 1], wide, rules);
      if (both.known > header.header.known) {
        header.header = std::move(both);
        header.behind = i + 2;
      }
    }
    return header;
  }
  return std::nullopt;
}

class SheetTable {
 public:
  SheetTable(const Workbook::Sheet& sheet, Collector& collector)
      : sheet_(sheet), collector_(collector) {}

  void take(SheetRow& row, bool since_1904) {
    since_1904_ = since_1904;
    if (begun_) return take_row(row);
    sample_.push_back(row);
    if (sample_.size() == kSampleRows) begin();
  }

  // How the sheet was read, once all rows came.
  void finish() {
    if (!begun_) begin();
    FileReport& report = collector_.report();
    report.format = "xlsx";
    report.recognised_by =
        fmt::format("sheet {}{}, {}", shown_member_name(sheet_.name),
                    sheet_.hidden ? ", hidden" : "", rows_ == 0 ? "empty" : how_);
    report.read = rows_ == 0 || plan_.has_value();
  }

 private:
  void begin() {
    begun_ = true;
    rows_ = sample_.size();
    const auto found = find_sheet_header(sample_, collector_.rules());
    how_ = "no row names its columns";
    if (!found) {
      for (const SheetRow& row : sample_)
        not_understood(row, "row of a sheet without a header");
      return;
    }
    header_ = found->header;
    how_ = fmt::format("header in row {}, {} of {} columns known", sample_[found->first].number,
                       header_.known, header_.columns.size());
    plan_ = plan_columns(header_.columns, kind_of_file(sheet_.name), collector_.persons());
    if (!plan_->persons)
      collector_.warn(sample_[found->first].offset, "no column says whose the rows are");
    kinds_.assign(header_.columns.size(), FieldKind::kNone);
    for (const auto* group :
         {&plan_->main, &plan_->subscriber, &plan_->related, &plan_->provider, &plan_->contact}) {
      for (const ColumnUse& use : *group)
        kinds_[use.index] = use.kind;
    }
    table_.emplace(*plan_, collector_);
    for (std::size_t i = 0; i < found->first; ++i)
      not_understood(sample_[i], "rows above the header");
    for (std::size_t i = found->behind; i < sample_.size(); ++i)
      take_row(sample_[i]);
    sample_.clear();
  }

  void not_understood(const SheetRow& row, std::string_view reason) {
    collector_.not_understood(row.offset, row.behind - row.offset, reason);
  }

  void take_row(SheetRow& row) {
    ++rows_;
    if (!plan_) return not_understood(row, "row of a sheet without a header");
    if (is_header_again(row)) return;
    if (row.filled == 1 && kinds_.size() >= kNoteColumns)
      return not_understood(row, "row with one cell only");
    if (!plan_->persons) return;
    const std::size_t width = std::min(row.used, kinds_.size());
    cells_.assign(width, {});
    places_.assign(width, {});
    for (std::size_t i = 0; i < width; ++i) {
      SheetCell& cell = row.cells[i];
      settle(cell, kinds_[i]);
      cells_[i] = trimmed(cell.text);
      places_[i] = {cell.offset, cell.length};
    }
    table_->take({.offset = row.offset, .cells = &cells_, .places = &places_});
  }

  // What a number is, once its column says so.
  void settle(SheetCell& cell, FieldKind kind) const {
    if (!cell.number) return;
    const bool date = info(kind).shape == FieldShape::kDate;
    if (date && cell.value >= 1 && cell.value <= kLastBirthSerial) {
      cell.text = day_of_serial(cell.value, since_1904_);
      return;
    }
    // A number keeps no zeros in front.
    const std::size_t digits = kind == FieldKind::kSsn ? 9 : kind == FieldKind::kPostalCode ? 5 : 0;
    const bool lost = cell.text.size() < digits && cell.text.size() + 2 >= digits &&
                      Compact(cell.text).all_digits();
    if (lost) cell.text.insert(0, digits - cell.text.size(), '0');
  }

  // Printed once more on each page.
  bool is_header_again(const SheetRow& row) const {
    if (row.filled < 2) return false;
    for (std::size_t i = 0; i < std::max(row.used, kinds_.size()); ++i) {
      const std::string_view text = i < row.used ? std::string_view(row.cells[i].text) : "";
      if (i >= kinds_.size() ? !trimmed(text).empty() : text != header_.columns[i].header)
        return false;
    }
    return true;
  }

  const Workbook::Sheet& sheet_;
  Collector& collector_;
  bool since_1904_ = false;
  bool begun_ = false;
  std::uint64_t rows_ = 0;
  std::string how_;
  std::vector<SheetRow> sample_;
  TableHeader header_;
  std::optional<ColumnPlan> plan_;
  std::vector<FieldKind> kinds_;  // by column
  std::optional<TableRows> table_;
  std::vector<std::string_view> cells_;
  std::vector<TableRow::Place> places_;
};

}  // namespace

Result<FileFindings> read_sheet(ArchiveStream& archive, const Workbook& book,
                                const Workbook::Sheet& sheet, ContainerRun& run) {
  FileFindings findings;
  findings.report.rules_version = run.rules.version();
  Collector collector(findings, run.rules);
  SheetTable table(sheet, collector);
  SheetCells cells(book, [&](SheetRow& row) { table.take(row, book.since_1904()); });
  XmlStream xml(cells);
  Bytes block(kBlock);
  std::uint64_t bytes = 0, good_until = 0;
  Outcome outcome = Outcome::kOk;
  while (outcome == Outcome::kOk && !run.budget.exhausted()) {
    std::size_t count = 0;
    BH_TRY(outcome, archive.read(block, count));
    bytes += count;
    run.budget.take_bytes(count);
    if (xml.feed(ByteView(block).first(count), outcome == Outcome::kEnd)) good_until = bytes;
  }
  table.finish();
  findings.report.bytes = std::max<std::uint64_t>(bytes, 1);
  if (outcome != Outcome::kEnd || !xml.why().empty()) {
    const std::string why = !xml.why().empty()       ? xml.why()
                            : run.budget.exhausted() ? run.budget.why()
                                                     : archive.why();
    collector.not_understood(good_until, std::max<std::uint64_t>(bytes - good_until, 1),
                             "the rest of the sheet cannot be read: " + why);
  }
  if (cells.cut() > 0)
    collector.not_understood(0, std::min(cells.cut(), findings.report.bytes),
                             "cells whose text is missing");
  findings.report.bytes_not_understood =
      std::min(findings.report.bytes_not_understood, findings.report.bytes);
  return findings;
}

}  // namespace bulkhead::exposure
