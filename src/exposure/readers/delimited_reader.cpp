#include "exposure/readers/delimited_reader.h"

#include <fmt/format.h>

#include "exposure/in_parts.h"
#include "exposure/readers/delimited_columns.h"
#include "exposure/readers/delimited_syntax.h"
#include "exposure/readers/table_rows.h"

namespace bulkhead::exposure {
namespace {

// Looking for the end of a quote is dear: a file with so many open ones does not quote at all.
constexpr unsigned kMaxStrayQuotes = 64;

class DelimitedFileReader {
 public:
  DelimitedFileReader(ByteSource& source, const DelimitedLayout& layout, FieldKind file_kind,
                      Collector& collector)
      : window_(source),
        layout_(layout),
        collector_(collector),
        plan_(plan_columns(layout.columns, file_kind, collector.persons())) {}
  // A part of the file, of whole rows.
  DelimitedFileReader(const FilePart& part, const DelimitedLayout& layout, FieldKind file_kind,
                      Collector& collector)
      : window_(part.text(), part.offset),
        layout_(layout),
        collector_(collector),
        plan_(plan_columns(layout.columns, file_kind, collector.persons())) {}

  Status read() {
    if (window_.offset() == 0) {
      BH_CHECK(skip_to_rows());
      if (!plan_.persons) collector_.warn(layout_.header_at, "no column says whose the rows are");
    }
    return read_rows();
  }

  // Whether no row was read in a way that depends on more than itself.
  bool regular() const { return regular_ && stray_quotes_ == 0; }

 private:
  Status read_rows() {
    const std::size_t limit = plan_.last_used + 1;
    while (true) {
      BH_TRY(const bool any, next_row());
      if (!any) return {};
      if (row_.empty()) continue;
      const std::size_t count = split_row(row_, layout_.delimiter, quoted_, limit, fields_);
      // One more and empty: a delimiter at the end of each row, which the header has not.
      const bool trailing = count == layout_.columns.size() + 1 && row_.back() == layout_.delimiter;
      if (count != layout_.columns.size() && !trailing) {
        collector_.not_understood(row_offset_, row_.size() + 1,
                                  "row with another number of columns than the header");
        continue;
      }
      if (plan_.persons) take_row();
    }
  }

  Status skip_to_rows() {
    BH_CHECK(need(layout_.rows_at));
    window_.skip(std::min<std::size_t>(layout_.rows_at, window_.rest().size()));
    const bool mark = layout_.header_at == 3;
    if (layout_.header_at > 0 && !mark)
      collector_.not_understood(0, layout_.header_at, "lines above the header");
    return {};
  }

  Status need(std::size_t bytes) {
    while (window_.rest().size() < bytes) {
      BH_TRY(const bool more, window_.more());
      if (!more) break;
    }
    return {};
  }

  Result<bool> next_row() {
    while (true) {
      const RowEnd end = find_row_end(window_.rest(), layout_.delimiter, window_.at_end(),
                                      stray_quotes_ < kMaxStrayQuotes);
      if (end.complete && end.taken > 0) {
        row_ = window_.rest().substr(0, end.length);
        row_offset_ = window_.offset();
        quoted_ = end.quoted;
        regular_ = regular_ && end.taken < BlockWindow::kBytes;
        if (end.stray_quote) {
          ++stray_quotes_;
          collector_.warn(row_offset_, "a quote that nothing closes");
        }
        window_.skip(end.taken);
        return true;
      }
      if (window_.at_end() && window_.rest().empty()) return false;
      BH_TRY(const bool more, window_.more());
      if (more || window_.at_end()) continue;
      // A line longer than the window is no row.
      collector_.not_understood(window_.offset(), window_.rest().size(),
                                "line longer than a row may be");
      window_.skip(window_.rest().size());
    }
  }

  void take_row() {
    rows_.take({.offset = row_offset_,
                .cells = &fields_,
                .text = row_,
                .doubled_quotes = quoted_ || stray_quotes_ >= kMaxStrayQuotes});
  }

  BlockWindow window_;
  const DelimitedLayout& layout_;
  Collector& collector_;
  ColumnPlan plan_;
  std::string_view row_;
  std::uint64_t row_offset_ = 0;
  bool quoted_ = false;
  unsigned stray_quotes_ = 0;
  bool regular_ = true;
  std::vector<std::string_view> fields_;
  TableRows rows_{plan_, collector_};
};

// Behind the last whole row of `text`, which begins with one; 0: there is none.
std::size_t last_row_end(std::string_view text, const DelimitedLayout& layout, bool first) {
  std::size_t at = first ? std::min<std::size_t>(layout.rows_at, text.size()) : 0;
  const std::string_view rows = text.substr(at);
  if (rows.find('"') == std::string_view::npos) {
    const std::size_t newline = rows.rfind('\n');
    return newline == std::string_view::npos ? 0 : at + newline + 1;
  }
  while (true) {
    const RowEnd end = find_row_end(text.substr(at), layout.delimiter, false);
    if (!end.complete || end.taken == 0) return at;
    at += end.taken;
  }
}

struct PartRows {
  FileFindings findings;
  bool regular = false;
  bool last = false;
};

PartRows read_part(const FilePart& part, const DelimitedLayout& layout, const Rules& rules) {
  PartRows result{.findings = {}, .last = part.last};
  Collector collector(result.findings, rules);
  DelimitedFileReader reader(part, layout, layout.file_kind, collector);
  result.regular = reader.read().has_value() && reader.regular();
  return result;
}

}  // namespace

Status read_delimited(ByteSource& source, const DelimitedLayout& layout, Collector& collector) {
  return DelimitedFileReader(source, layout, layout.file_kind, collector).read();
}

Result<bool> read_delimited_in_parts(ByteSource& source, const DelimitedLayout& layout,
                                     Collector& collector, unsigned threads,
                                     std::size_t part_bytes) {
  PartFeeder feeder(source, part_bytes);
  std::optional<Error> error;
  bool first = true;
  const auto next = [&]() -> std::optional<FilePart> {
    auto part =
        feeder.next([&](std::string_view text) { return last_row_end(text, layout, first); });
    first = false;
    if (!part) {
      error = part.error();
      return std::nullopt;
    }
    return std::move(*part);
  };
  FileFindings whole;
  whole.report = collector.report();
  Collector together(whole, collector.rules());
  bool last = false;
  in_parts<FilePart, PartRows>(
      threads, next,
      [&](unsigned, const FilePart& part) { return read_part(part, layout, collector.rules()); },
      [&](const PartRows& rows) {
        last = rows.regular && together.append(rows.findings) && rows.last;
        return rows.regular && !rows.last;
      });
  if (error) return std::unexpected(std::move(*error));
  if (!last) return false;
  collector.report() = std::move(whole.report);
  collector.persons() = std::move(whole.persons);
  return true;
}

}  // namespace bulkhead::exposure
