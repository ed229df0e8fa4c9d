// Calendar days, as laws count them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::notify {

using Day = std::chrono::year_month_day;

// "2023-06-13"; nothing for anything else, or for a day that there is not.
std::optional<Day> parse_day(std::string_view text);
std::string iso(Day day);
Day plus_days(Day day, int days);

// How old somebody born on `birth` is on `day`, in whole years.
int age_on(Day birth, Day day);

}  // namespace bulkhead::notify
