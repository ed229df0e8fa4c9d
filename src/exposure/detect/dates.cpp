#include "exposure/detect/dates.h"

#include <fmt/format.h>

#include <array>

#include "base/ascii.h"

namespace bulkhead::exposure {
namespace {

// `count` digits from `at`; nothing where there are fewer.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<Date> checked(int year, int month, int day) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int last = kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
  if (day > last) return std::nullopt;
  return Date{year, month, day};
}

std::optional<int> month_from(std::string_view name) {
  static constexpr std::string_view kMonths = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
  if (name.size() != 3) return std::nullopt;
  char upper[3];
  for (int i = 0; i < 3; ++i)
    upper[i] = static_cast<char>(name[static_cast<std::size_t>(i)] & ~0x20);
  for (int month = 0; month < 12; ++month) {
    if (kMonths.substr(static_cast<std::size_t>(month) * 3, 3) == std::string_view(upper, 3))
      return month + 1;
  }
  return std::nullopt;
}

// What may follow a date: a time of day.
bool is_time_tail(std::string_view rest) {
  return rest.empty() || rest[0] == 'T' || rest[0] == ' ';
}

std::optional<Date> parse_slashed(std::string_view text, bool day_first) {
  // Two numbers of one or two digits, then four digits of a year; the separator is the same.
  std::size_t at = 0;
  int parts[2] = {0, 0};
  char separator = 0;
  for (int& part : parts) {
    const std::size_t start = at;
    while (at < text.size() && at - start < 2 && is_digit(text[at]))
      part = part * 10 + (text[at++] - '0');
    if (at == start || at >= text.size()) return std::nullopt;
    if (text[at] != '/' && text[at] != '-' && text[at] != '.') return std::nullopt;
    if (separator != 0 && separator != text[at]) return std::nullopt;
    separator = text[at++];
  }
  const auto year = digits(text, at, 4);
  if (!year || !is_time_tail(text.substr(at + 4))) return std::nullopt;
  if (day_first) std::swap(parts[0], parts[1]);
  if (auto date = checked(*year, parts[0], parts[1])) return date;
  return checked(*year, parts[1], parts[0]);  // 31/12/1974 can only be meant one way
}

}  // namespace

std::string Date::compact() const {
  std::string text(8, '0');
  int digits = year * 10'000 + month * 100 + day;  // a year has four at most
  for (std::size_t at = 8; at-- > 0; digits /= 10)
    text[at] = static_cast<char>('0' + digits % 10);
  return text;
}
std::string Date::iso() const {
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::optional<Date> parse_date(std::string_view text, bool day_first) {
  if (text.size() < 8 || text.size() > 40) return std::nullopt;
  if (const auto year = digits(text, 0, 4)) {
    if (text.size() == 8 || (text.size() > 8 && is_digit(text[4]))) {
      const auto month = digits(text, 4, 2);
      const auto day = digits(text, 6, 2);
      // CCYYMMDDHHMM is a date with a time (DT of X12).
      if (month && day && (text.size() == 8 || text.size() == 12 || text.size() == 14))
        return checked(*year, *month, *day);
      if (text.size() == 8) return std::nullopt;
    }
    if (text.size() >= 10 && (text[4] == '-' || text[4] == '/') && text[7] == text[4]) {
      const auto month = digits(text, 5, 2);
      const auto day = digits(text, 8, 2);
      if (month && day && is_time_tail(text.substr(10))) return checked(*year, *month, *day);
    }
    return std::nullopt;
  }
  // 17-Jan-1942, 7-JAN-1942
  const std::size_t dash = text.find('-');
  if ((dash == 1 || dash == 2) && dash + 9 <= text.size() && text[dash + 4] == '-') {
    const auto day = digits(text, 0, dash);
    const auto month = month_from(text.substr(dash + 1, 3));
    const auto year = digits(text, dash + 5, 4);
    if (day && month && year && is_time_tail(text.substr(dash + 9)))
      return checked(*year, *month, *day);
  }
  return parse_slashed(text, day_first);
}

bool is_placeholder(const Date& date) {
  static constexpr Date kPlaceholders[] = {
      {1900, 1, 1},   {1, 1, 1},      {9999, 12, 31}, {1901, 1, 1},   {1800, 1, 1},
      {1899, 12, 31}, {1899, 12, 30}, {9999, 1, 1},   {1111, 11, 11}, {1753, 1, 1}};
  for (const Date& placeholder : kPlaceholders) {
    if (date == placeholder) return true;
  }
  return date.year < 1850 || date.year > 2200;
}

int age_on(const Date& birth, const Date& on) {
  int years = on.year - birth.year;
  if (on.month < birth.month || (on.month == birth.month && on.day < birth.day)) --years;
  return years;
}

}  // namespace bulkhead::exposure
