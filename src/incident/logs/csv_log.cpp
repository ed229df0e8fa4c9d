// CSV exports (RFC 4180) of MOVEit Transfer's and GoAnywhere's audit logs.
#include <algorithm>

#include "incident/logs/formats.h"
#include "incident/logs/table_log.h"

namespace bulkhead::incident {
namespace {

constexpr std::size_t kFieldsMost = 256;

// False where a quoted field goes on in the next line.
bool split(std::string_view line, char separator, std::vector<std::string>& fields) {
  fields.clear();
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        field += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == separator) {
      if (fields.size() == kFieldsMost) return true;
      fields.push_back(std::move(field));
      field.clear();
    } else if (c != '\r') {
      field += c;
    }
  }
  fields.push_back(std::move(field));
  return !quoted;
}

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
  std::vector<std::string> header;
  split(lines.front(), separator_of(lines.front()), header);
  return fits(table, header);
}

class CsvLog final : public LogReader {
 public:
  CsvLog(const TableLog& table, LogSettings settings)
      : table_(table), settings_(std::move(settings)) {}

  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (!pending_.empty()) {
      if (pending_.size() + line.size() > kLogLineBytesMost) {
        pending_.clear();
        return false;
      }
      pending_ += '\n';
    } else {
      begun_ = number;
    }
    pending_ += line;
    if (!headed_) separator_ = separator_of(pending_);
    if (!split(pending_, separator_, fields_)) return true;
    pending_.clear();
    return headed_ ? row(take_access) : header();
  }

 private:
  bool header() {
    headed_ = true;
    for (std::size_t i = 0; i < kColumns; ++i)
      at_[i] = column_at(table_, static_cast<Column>(i), fields_);
    return fits(table_, fields_);
  }
  bool row(const TakeAccess& take_access) {
    if (fields_.size() == 1 && fields_.front().empty()) return true;
    TableRow row;
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (at_[i] < fields_.size() && !is_null(fields_[at_[i]])) row.value[i] = fields_[at_[i]];
    }
    return take_row(table_, row, begun_, settings_, take_access);
  }

  const TableLog& table_;
  LogSettings settings_;
  std::string pending_;
  std::vector<std::string> fields_;
  std::size_t at_[kColumns] = {};
  std::uint64_t begun_ = 0;
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
