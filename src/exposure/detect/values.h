// What a value is by itself: filler, masked, and the checks of well-known numbers. No allocation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bulkhead::exposure {

// Without spaces, tabs and line ends around it.
inline std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && space(text.back()))
    text.remove_suffix(1);
  return text;
}

// A value without its separators, letters in upper case, at most 64 characters; longer ones are
// cut.
class Compact {
 public:
  explicit Compact(std::string_view text);
  std::string_view view() const { return {text_.data(), length_}; }
  bool all_digits() const { return all_digits_ && length_ > 0; }

 private:
  std::array<char, 64> text_;
  std::size_t length_ = 0;
  bool all_digits_ = true;
};

// Never a value: blanks, punctuation only, one repeated digit (0, 000000000, 999999999), and the
// words that people and programs write for "none". Most values show in their first two characters
// that they are none of these.
bool is_filler_number_at_length(std::string_view text);
bool is_filler_text_at_length(std::string_view text);
inline bool is_filler_number(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool two_digits =
      text.size() >= 2 && digit(text[0]) && digit(text[1]) && text[0] != text[1];
  return !two_digits && is_filler_number_at_length(text);
}
inline bool is_filler_text(std::string_view text) {
  const char first = text.empty() ? '\0' : static_cast<char>(text[0] & ~0x20);
  const bool other_letter =
      first >= 'A' && first <= 'Z' && first != 'N' && first != 'U' && first != 'R';
  return !other_letter && is_filler_text_at_length(text);
}

// XXXX, ***-**-1234, X9999, REDACTED: hidden on purpose. Nothing but mask characters, digits and separators,
// and at least two mask characters or one and nines.
bool is_masked_at_length(std::string_view text);
inline bool is_masked(std::string_view text) {
  if (text.empty()) return false;
  const char first = static_cast<char>(text[0] & ~0x20);
  if (first >= 'A' && first <= 'Z' && first != 'X' && first != 'R') return false;
  return is_masked_at_length(text);
}

enum class SsnCheck { kNotOne, kValid, kInvalid, kSpecimen };
SsnCheck check_ssn(std::string_view nine_digits);  // kNotOne: not nine digits
bool is_itin(std::string_view nine_digits);

enum class MbiCheck { kNotOne, kValid, kSynthetic };
MbiCheck check_mbi(std::string_view compact);

// A HICN of a wage earner: nine digits and a beneficiary code; or a railroad number. `ssn` is empty
// where it has none.
struct Hicn {
  bool is = false;
  std::string_view ssn;
};
Hicn check_hicn(std::string_view compact);

bool is_npi(std::string_view ten_digits);
bool passes_luhn(std::string_view digits);
bool is_payment_card(std::string_view digits);
bool is_aba_routing(std::string_view nine_digits);

}  // namespace bulkhead::exposure
