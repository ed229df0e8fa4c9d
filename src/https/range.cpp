#include "https/range.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace bulkhead::https {
namespace {

bool is_unit(std::string_view text) {
  constexpr std::string_view kBytes = "bytes";
  return std::ranges::equal(text, kBytes, [](char a, char b) { return (a | 0x20) == b; });
}

// Too large a number is one behind every end.
bool read_number(std::string_view text, std::uint64_t& value) {
  if (!all_digits(text)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) value = UINT64_MAX;
  return true;
}

}  // namespace

RangeAnswer answer_range(std::string_view range, std::uint64_t size) {
  using enum RangeAnswer::Kind;
  const auto equals = range.find('=');
  if (equals == std::string_view::npos || !is_unit(range.substr(0, equals))) return {};
  range.remove_prefix(equals + 1);
  while (range.starts_with(' ') || range.starts_with('\t'))
    range.remove_prefix(1);
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view from = range.substr(0, dash);
  const std::string_view to = range.substr(dash + 1);
  std::uint64_t first = 0;
  std::uint64_t last = UINT64_MAX;
  if (from.empty()) {  // the last so many bytes
    std::uint64_t suffix = 0;
    if (!read_number(to, suffix)) return {};
    if (suffix == 0 || size == 0) return {kNotSatisfiable, {}};
    suffix = std::min(suffix, size);
    return {kPart, {size - suffix, suffix}};
  }
  if (!read_number(from, first) || (!to.empty() && !read_number(to, last)) || last < first)
    return {};
  if (first >= size) return {kNotSatisfiable, {}};
  return {kPart, {first, std::min(last, size - 1) - first + 1}};
}

}  // namespace bulkhead::https
