// Dates as files write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::exposure {

struct Date {
  int year = 0, month = 0, day = 0;
  auto operator<=>(const Date&) const = default;
  std::string compact() const;  // "19740309"
  std::string iso() const;      // "1974-03-09"
};

// CCYYMMDD, CCYY-MM-DD (a time may follow), MM/DD/CCYY, DD-MON-CCYY. Only real days of the
// calendar. `day_first`: read 03/09/1974 as 3 September.
std::optional<Date> parse_date(std::string_view text, bool day_first = false);

// Dates that stand for "unknown": 1900-01-01, 0001-01-01, 9999-12-31…
bool is_placeholder(const Date& date);

// Completed years from `birth` to `on`.
int age_on(const Date& birth, const Date& on);

}  // namespace bulkhead::exposure
