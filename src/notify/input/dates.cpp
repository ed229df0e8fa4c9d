#include "notify/input/dates.h"

#include <fmt/format.h>

#include <charconv>

namespace bulkhead::notify {
namespace {

std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const Day result{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!result.ok()) return std::nullopt;
  return result;
}

std::string iso(Day day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

Day plus_days(Day day, int days) {
  return Day(std::chrono::sys_days(day) + std::chrono::days(days));
}

int age_on(Day birth, Day day) {
  const int years = static_cast<int>(day.year()) - static_cast<int>(birth.year());
  const bool had_birthday =
      std::pair(day.month(), day.day()) >= std::pair(birth.month(), birth.day());
  return had_birthday ? years : years - 1;
}

}  // namespace bulkhead::notify
