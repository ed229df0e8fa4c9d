// What the parsers of signed notes and proofs share; private to this folder. Hostile input.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::journal {

// Takes the next line off `text`; nothing when there is no line end.
inline std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// Digits without leading zeros, below 2^64.
inline std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return value;
}

}  // namespace bulkhead::journal
