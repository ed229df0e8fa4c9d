#include "exposure/infer/value_tests.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/ascii.h"
#include "exposure/detect/common_words.h"
#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr int kEarliest = 1880, kLatest = 2060;
constexpr std::size_t kFewSsns = 8;
constexpr std::size_t kShortestDate = 5;

int year_of(std::string_view compact) {
  int year = 0;
  for (const char c : compact.substr(0, 4))
    year = year * 10 + (c - '0');
  return year;
}

std::size_t distinct_parts(const std::set<std::string>& values, std::size_t at,
                           std::size_t length) {
  std::set<std::string_view> parts;
  for (const std::string& value : values)
    parts.insert(std::string_view(value).substr(at, length));
  return parts.size();
}

// The last digits of SSNs are anything; a digit that is nearly always the same is another number's.
bool ends_anyhow(const std::set<std::string>& values) {
  for (std::size_t at = 5; at < 9; ++at) {
    std::array<std::size_t, 10> counts{};
    for (const std::string& value : values)
      ++counts[static_cast<std::size_t>(value[at] - '0')];
    const std::size_t most = *std::max_element(counts.begin(), counts.end());
    if (most * 10 > values.size() * (values.size() < 20 ? 6 : 3)) return false;
  }
  return true;
}

// One after the other, as counters give them out.
bool mostly_in_sequence(const std::set<std::string>& values) {
  std::size_t close = 0;
  long long last = -1'000'000'000'000;
  for (const std::string& value : values) {
    const long long number = std::stoll(value);
    close += number - last <= 50 ? 1 : 0;
    last = number;
  }
  return close * 2 > values.size();
}

// 12, 12A, 12-14: short, digits first.
bool is_house_number(std::string_view word) {
  if (word.size() > 6 || !is_digit(word[0])) return false;
  const std::size_t end = word.find_first_not_of("0123456789");
  return end == std::string_view::npos || end + 1 == word.size() || word[end] == '-' ||
         word[end] == '/';
}

}  // namespace

std::string plausible_date(std::string_view value, DateForm form) {
  std::string date = date_in_form(value, form);
  if (date.empty()) return date;
  if (form == DateForm::kOther) date = parse_date(date)->compact();
  const int year = year_of(date);
  return year >= kEarliest && year <= kLatest ? date : std::string();
}

DateTest test_dates(const Values& values) {
  DateTest best;
  std::size_t tried = 0;
  // The end of what has no end is 9999-12-31.
  const auto is_none = [](std::string_view value) {
    return is_filler_number(value) || is_masked(value) || value.starts_with("9999") ||
           value.ends_with("9999");
  };
  for (const std::string_view value : values)
    tried += is_none(value) ? 0 : 1;
  if (tried == 0) return best;
  for (std::size_t f = 0; f < kDateForms; ++f) {
    const auto form = static_cast<DateForm>(f);
    std::vector<int> years;
    std::set<std::string> distinct;
    std::size_t found = 0;
    for (const std::string_view value : values) {
      if (value.size() < kShortestDate || is_none(value)) continue;
      // Zeros in front are not left out.
      if (form == DateForm::kCyymmdd && value.size() != 7) continue;
      const std::string date = plausible_date(value, form);
      if (date.empty()) continue;
      ++found;
      distinct.insert(date);
      // 1900-01-01 is nobody's birth date.
      if (!is_placeholder(*parse_date(date))) years.push_back(year_of(date));
    }
    const double share = std::min(1.0, static_cast<double>(found) / static_cast<double>(tried));
    if (share <= best.share || years.empty()) continue;
    std::sort(years.begin(), years.end());
    best = {form,
            share,
            tried,
            distinct.size(),
            years[years.size() / 20],
            years[years.size() / 2],
            years[years.size() - 1 - years.size() / 20]};
  }
  return best;
}

SsnTest test_ssns(const Values& values) {
  SsnTest test;
  std::set<std::string> distinct;
  std::size_t written = 0, tried = 0;
  for (const std::string_view value : values) {
    if (is_filler_number(value) || is_masked(value)) continue;
    ++tried;
    const Compact compact(value);
    if (compact.view().size() != 9 || !compact.all_digits()) return test;
    written += value.size() == 11 && value[3] == '-' && value[6] == '-' ? 1 : 0;
    distinct.insert(std::string(compact.view()));
  }
  test.distinct = distinct.size();
  if (tried < 3 || distinct.size() < 3) return test;
  test.written = written == tried;
  std::size_t valid = 0;
  for (const std::string& value : distinct) {
    const SsnCheck check = check_ssn(value);
    valid += check == SsnCheck::kValid || check == SsnCheck::kSpecimen || is_itin(value) ? 1 : 0;
  }
  test.share = static_cast<double>(valid) / static_cast<double>(distinct.size());
  if (test.written) {
    test.sure = test.share;
    return test;
  }
  const std::size_t enough = std::min<std::size_t>(distinct.size() / 4, 30);
  // Two digits in front that hardly change are zeros of an amount, or a counter's.
  const bool varied = distinct_parts(distinct, 0, 2) >= 3 &&
                      distinct_parts(distinct, 0, 3) > enough &&
                      distinct_parts(distinct, 3, 2) > std::min<std::size_t>(enough, 20) &&
                      distinct_parts(distinct, 5, 4) > distinct.size() / 2 && ends_anyhow(distinct);
  if (distinct.size() < kFewSsns || !varied || test.share < 0.93 || mostly_in_sequence(distinct))
    return test;
  // Of numbers that are anything, 89 in 100 pass; of SSNs as people write them, 985 in 1000.
  test.against = 1;
  for (std::size_t i = 0; i < distinct.size(); ++i)
    test.against = std::min(1e6, test.against * (i < valid ? 0.89 / 0.985 : 0.11 / 0.015));
  test.sure = test.sure_with(1);
  return test;
}

std::size_t count_distinct(const Values& values) {
  return std::set<std::string_view>(values.begin(), values.end()).size();
}

bool is_phone(std::string_view text) {
  const Compact compact(text);
  std::string_view number = compact.view();
  if (!compact.all_digits()) return false;
  if (number.size() == 11 && number[0] == '1') number.remove_prefix(1);
  return number.size() == 10 && number[0] >= '2' && number[3] >= '2' &&
         number.substr(1, 2) != "11" && number.substr(4, 2) != "11";
}

bool few_areas(const Values& phones) {
  std::vector<std::string> areas;
  for (const std::string_view phone : phones)
    areas.emplace_back(Compact(phone).view().substr(0, 3));
  return count_distinct({areas.begin(), areas.end()}) <=
         std::max<std::size_t>(12, count_distinct(phones) / 5);
}

bool is_icd(std::string_view text) {
  if (text.size() < 3 || text.size() > 8 || !is_letter(text[0]) || !is_digit(text[1])) return false;
  if (!is_digit(text[2]) && !is_letter(text[2])) return false;
  std::string_view rest = text.substr(3);
  if (rest.starts_with('.')) rest.remove_prefix(1);
  return rest.size() <= 4 &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return is_digit(c) || is_letter(c); });
}

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
         text.find(' ') == std::string_view::npos;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c == ' ' || c == ',') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
      continue;
    }
    word.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool has_word(std::string_view text, bool (*test)(std::string_view)) {
  const std::vector<std::string> words = words_of(text);
  return std::any_of(words.begin(), words.end(), [&](const std::string& w) { return test(w); });
}

bool is_street(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  if (words.size() < 2) return false;
  // No second number follows: that would be another column.
  const bool house = is_house_number(words[0]) && !all_digits(words[1]);
  const bool numbered =
      house || words[0] == "PO" || words[0] == "P.O." || words[0] == "RR" || words[0] == "BOX";
  return numbered && std::any_of(words.begin() + 1, words.end(),
                                 [](const std::string& word) { return is_street_word(word); });
}

bool is_company(std::string_view text) {
  return has_word(text, is_company_word);
}

}  // namespace bulkhead::exposure
