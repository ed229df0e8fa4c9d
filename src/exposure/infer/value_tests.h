// What the values of a column, taken together, can be: the tests that a whole column passes or
// fails. One value proves nothing; hundreds that all pass do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exposure/layouts/field_plausibility.h"

namespace bulkhead::exposure {

// Values of a column, blanks left out; Latin-1, trimmed.
using Values = std::vector<std::string_view>;

struct DateTest {
  DateForm form = DateForm::kOther;
  double share = 0;  // of the values that are no fillers, those that are dates
  std::size_t count = 0;
  std::size_t distinct = 0;
  int early = 0, middle = 0, late = 0;  // years: 5 of 100 are before, half are, 95 are
  // Five or six digits of one year may as well be a counter.
  bool is_date() const { return count > 0 && share >= 0.97 && (!is_short() || late > early); }
  bool is_short() const {
    return form != DateForm::kOther && form != DateForm::kCcyymmdd && form != DateForm::kMmddccyy;
  }
  // Years as far apart as birth years are.
  bool spreads() const { return late - early >= 12; }
};
// The best form; digits without separators, or with them.
DateTest test_dates(const Values& values);
// CCYYMMDD; "" where it is none or not of 1880 to 2060.
std::string plausible_date(std::string_view value, DateForm form);

struct SsnTest {
  std::size_t distinct = 0;
  double share = 0;      // of the distinct values, those that the SSA can have given out
  bool written = false;  // 123-45-6789: no chance does that
  double sure = 0;
  double against = -1;  // how much likelier other numbers of nine digits are; -1: not compared
  // `before`: how much likelier other numbers are before one has looked at the digits.
  double sure_with(double before) const { return against < 0 ? sure : 1 / (1 + before * against); }
};
// Nine digits of many areas and groups, all of them given out, hardly any twice.
SsnTest test_ssns(const Values& values);

// Shares of the values.
template <typename Test>
double share_of(const Values& values, Test&& test) {
  if (values.empty()) return 0;
  std::size_t count = 0;
  for (const std::string_view value : values)
    count += test(value) ? 1 : 0;
  return static_cast<double>(count) / static_cast<double>(values.size());
}

std::size_t count_distinct(const Values& values);
bool is_phone(std::string_view text);  // ten digits of the North American plan, or written so
// People of one file live in few areas; what chance makes does not.
bool few_areas(const Values& phones);
bool is_icd(std::string_view text);  // ICD-10-CM by its form
bool is_email(std::string_view text);
bool is_street(std::string_view text);   // "100 MAIN ST", "PO BOX 12"
bool is_company(std::string_view text);  // a word that only companies and professions have
bool has_word(std::string_view text, bool (*test)(std::string_view));
std::vector<std::string> words_of(std::string_view text);  // in upper case

}  // namespace bulkhead::exposure
