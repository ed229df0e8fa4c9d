#include "exposure/containers/sheet_cells.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "exposure/containers/sheet_reader.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxColumns = 16'384;  // a sheet's (18.3.1.13)
constexpr std::size_t kMaxText = 64 * 1024;  // a cell's is 32767 characters at most
constexpr std::size_t kMaxRowText = 1024 * 1024;

// "AB12" -> 27; kMaxColumns where it is no place.
std::size_t column_of(std::string_view reference) {
  std::size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z') break;
    column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
    if (column > kMaxColumns) return kMaxColumns;
  }
  return column == 0 ? kMaxColumns : column - 1;
}

std::uint64_t number_or(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

}  // namespace

void SheetCells::start(std::string_view name, const XmlAttributes& attributes,
                       std::uint64_t offset) {
  if (name == "row") {
    row_.number = number_or(attributes.get("r"), next_row_);
    next_row_ = row_.number + 1;
    row_.offset = offset;
    row_.used = row_.filled = 0;
    row_text_ = 0;
    next_column_ = 0;
  } else if (name == "c") {
    start_cell(attributes);
  } else if (name == "rPh") {
    ++phonetic_;
  } else if (name == "v" || name == "t") {
    in_value_ = phonetic_ == 0;
  }
}

void SheetCells::start_cell(const XmlAttributes& attributes) {
  const std::string_view reference = attributes.get("r");
  column_ = reference.empty() ? next_column_ : column_of(reference);
  next_column_ = column_ + 1;
  const std::string_view type = attributes.get("t");
  type_ = type == "s"                            ? Type::kShared
          : type == "inlineStr" || type == "str" ? Type::kText
          : type == "b"                          ? Type::kBoolean
          : type == "d"                          ? Type::kDay
          : type == "e"                          ? Type::kError
                                                 : Type::kNumber;
  shape_ = book_.shape(number_or(attributes.get("s"), 0));
  raw_.clear();
  seen_value_ = false;
}

void SheetCells::text(std::string_view text, std::uint64_t offset) {
  if (!in_value_ || raw_.size() > kMaxText) return;
  if (!seen_value_) raw_offset_ = offset;
  seen_value_ = true;
  raw_ += text;
}

void SheetCells::end(std::string_view name, std::uint64_t offset, std::uint64_t behind) {
  if (name == "v" || name == "t") {
    if (in_value_) raw_end_ = offset;
    in_value_ = false;
  } else if (name == "rPh") {
    if (phonetic_ > 0) --phonetic_;
  } else if (name == "c") {
    end_cell();
  } else if (name == "row") {
    row_.behind = behind;
    if (row_.filled > 0) take_(row_);
  }
}

void SheetCells::end_cell() {
  if (!seen_value_ || column_ >= kMaxColumns || type_ == Type::kError) return;
  if (row_.cells.size() <= column_) row_.cells.resize(column_ + 1);
  for (; row_.used <= column_; ++row_.used)
    row_.cells[row_.used].text.clear();
  SheetCell& cell = row_.cells[column_];
  cell.number = false;
  cell.offset = raw_offset_;
  cell.length = static_cast<std::uint32_t>(raw_end_ > raw_offset_ ? raw_end_ - raw_offset_ : 0);
  if (type_ == Type::kNumber) {
    set_number(cell);
  } else if (type_ == Type::kShared) {
    std::string_view text;
    if (!book_.string(number_or(raw_, UINT64_MAX), text)) ++cut_;
    cell.text = text.substr(0, kMaxText);
  } else if (type_ == Type::kBoolean) {
    cell.text = raw_ == "1" ? "TRUE" : "FALSE";
  } else {
    cell.text = type_ == Type::kDay ? raw_.substr(0, 10) : raw_;
  }
  row_text_ += cell.text.size();
  if (row_text_ > kMaxRowText) {
    ++cut_;
    cell.text.clear();
    return;
  }
  row_.filled += cell.text.find_first_not_of(" \t\r\n") == std::string::npos ? 0 : 1;
}

// What a person sees: a day, a number without the digits that come of its being binary, zeros in
// front.
void SheetCells::set_number(SheetCell& cell) {
  cell.text = raw_;
  const char* begin = raw_.data();
  while (begin != raw_.data() + raw_.size() && (*begin == ' ' || *begin == '+'))
    ++begin;
  const auto [end, error] = std::from_chars(begin, raw_.data() + raw_.size(), cell.value);
  if (error != std::errc() || end == begin || !std::isfinite(cell.value)) return;
  cell.number = true;
  if (shape_.date) {
    const std::string day = day_of_serial(cell.value, book_.since_1904());
    if (!day.empty()) cell.text = day;
    cell.number = day.empty();
    return;
  }
  // Fifteen digits are what a sheet keeps.
  const double rounded = std::round(cell.value);
  const bool whole =
      std::abs(rounded) < 1e15 && std::abs(cell.value - rounded) <= std::abs(rounded) * 1e-15;
  if (!whole) return;
  cell.text = std::to_string(static_cast<std::int64_t>(rounded));
  if (cell.text.size() < shape_.digits && rounded >= 0)
    cell.text.insert(0, shape_.digits - cell.text.size(), '0');
}

std::string day_of_serial(double serial, bool since_1904) {
  constexpr std::int64_t kLastDay = 2'958'465;  // 9999-12-31
  if (!(serial >= 0) || serial > static_cast<double>(kLastDay)) return "";
  auto days = static_cast<std::int64_t>(serial);
  if (!since_1904 && days < 1) return "";
  if (!since_1904 && days == 60) return "1900-02-29";  // a day that there was only in spreadsheets
  // Days of the civil calendar since 1970-01-01.
  days += since_1904 ? -24'107 : days > 60 ? -25'569 : -25'568;
  // Eras of 400 years that begin in March.
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

}  // namespace bulkhead::exposure
