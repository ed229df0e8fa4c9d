// CSV exports (RFC 4180) of MOVEit Transfer's and GoAnywhere's audit logs.
#include <algorithm>

#include "base/csv.h"
#include "incident/logs/formats.h"
#include "incident/logs/table_log.h"

namespace bulkhead::incident {
namespace {

constexpr std::size_t kFieldsMost = 256;

// As exports of databases write that there is nothing.
bool is_null(std::string_view field) {
  return field == "NULL" || field == "\\N";
}

char separator_of(std::string_view header) {
  char best = ',';
  for (const char one : {'\t', ';', '|'}) {
    if (std::count(header.begin(), header.end(), one) >
        std::count(header.begin(), header.end(), best))
      best = one;
  }
  return best;
}

bool recognises(const TableLog& table, const std::vector<std::string_view>& lines) {
  if (lines.empty()) return false;
  CsvRow header(kFieldsMost);
  header.take(lines.front(), separator_of(lines.front()));
  return fits(table, header.fields());
}

class CsvLog final : public LogReader {
 public:
  CsvLog(const TableLog& table, LogSettings settings)
      : table_(table), settings_(std::move(settings)) {}

  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (!row_.unfinished()) {
      begun_ = number;
      lines_ = 0;
      if (!headed_) separator_ = separator_of(line);
    }
    ++lines_;
    if (row_.unfinished() && row_.bytes() + line.size() > kLogLineBytesMost) {
      lose();
      return true;
    }
    if (!row_.take(line, separator_)) return true;
    return headed_ ? row(take_access) : header();
  }
  Unfinished finish() override {
    if (row_.unfinished()) lose();
    return lost_;
  }

 private:
  bool header() {
    headed_ = true;
    for (std::size_t i = 0; i < kColumns; ++i)
      at_[i] = column_at(table_, static_cast<Column>(i), row_.fields());
    return fits(table_, row_.fields());
  }
  bool row(const TakeAccess& take_access) {
    const std::vector<std::string>& fields = row_.fields();
    if (fields.size() == 1 && fields.front().empty()) return true;
    TableRow row;
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (at_[i] < fields.size() && !is_null(fields[at_[i]])) row.value[i] = fields[at_[i]];
    }
    return take_row(table_, row, begun_, settings_, take_access);
  }
  // A quote without an end: what it swallowed may have been rows.
  void lose() {
    if (lost_.lines == 0) lost_.first = begun_;
    lost_.lines += lines_;
    row_.drop();
  }

  const TableLog& table_;
  LogSettings settings_;
  CsvRow row_{kFieldsMost};
  std::size_t at_[kColumns] = {};
  std::uint64_t begun_ = 0, lines_ = 0;  // of the row
  Unfinished lost_;
  char separator_ = ',';
  bool headed_ = false;
};

}  // namespace

bool recognises_moveit(const std::vector<std::string_view>& lines) {
  return recognises(kMoveItTable, lines);
}
bool recognises_goanywhere(const std::vector<std::string_view>& lines) {
  return recognises(kGoAnywhereTable, lines);
}
std::unique_ptr<LogReader> open_moveit(const LogSettings& settings) {
  return std::make_unique<CsvLog>(kMoveItTable, settings);
}
std::unique_ptr<LogReader> open_goanywhere(const LogSettings& settings) {
  return std::make_unique<CsvLog>(kGoAnywhereTable, settings);
}

}  // namespace bulkhead::incident
