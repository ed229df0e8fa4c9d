#include "exposure/detect/values.h"

#include <algorithm>

#include "base/ascii.h"

namespace bulkhead::exposure {
namespace {

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits)
    value = value * 10 + (c - '0');
  return value;
}
bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// What Compact makes of each byte; 0: it is left out.
constexpr std::array<std::uint8_t, 256> kKept = [] {
  std::array<std::uint8_t, 256> kept{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool capital = c >= 'A' && c <= 'Z';
    const bool small = c >= 'a' && c <= 'z';
    if (digit || capital || c >= 0x80) kept[c] = static_cast<std::uint8_t>(c);
    if (small) kept[c] = static_cast<std::uint8_t>(c - 'a' + 'A');
  }
  return kept;
}();

constexpr std::array<bool, 256> kMasks = [] {
  std::array<bool, 256> masks{};
  for (const unsigned char c : {'X', 'x', '*', '#'})
    masks[c] = true;
  return masks;
}();

// Words written for "no value"; compared in upper case without separators.
bool is_none_word(std::string_view compact) {
  if (compact.size() < 2 || compact.size() > 13 ||
      (compact[0] != 'N' && compact[0] != 'U' && compact[0] != 'R')) {
    return false;
  }
  return one_of(compact, {"NA", "NONE", "NULL", "UNKNOWN", "UNK", "NOTAVAILABLE", "NOTPROVIDED",
                          "NOTAPPLICABLE", "NAN", "REFUSED", "UNAVAILABLE"});
}

}  // namespace

Compact::Compact(std::string_view text) {
  unsigned others = 0;  // characters that are no digits
  const std::size_t whole = std::min(text.size(), text_.size());
  for (std::size_t i = 0; i < whole; ++i) {
    const std::uint8_t kept = kKept[static_cast<unsigned char>(text[i])];
    text_[length_] = static_cast<char>(kept);
    length_ += kept != 0 ? 1 : 0;
    others += kept > '9' ? 1 : 0;
  }
  for (std::size_t i = whole; i < text.size() && length_ < text_.size(); ++i) {
    const std::uint8_t kept = kKept[static_cast<unsigned char>(text[i])];
    if (kept == 0) continue;
    text_[length_++] = static_cast<char>(kept);
    others += kept > '9' ? 1 : 0;
  }
  all_digits_ = others == 0;
}

bool is_filler_number_at_length(std::string_view text) {
  const Compact compact(text);
  const std::string_view value = compact.view();
  if (value.empty() || is_none_word(value)) return true;
  if (!compact.all_digits()) return false;
  if (value.size() == 1) return value[0] == '0';
  return std::all_of(value.begin(), value.end(), [&](char c) { return c == value[0]; });
}

bool is_filler_text_at_length(std::string_view text) {
  const Compact compact(text);
  return compact.view().empty() || is_none_word(compact.view());
}

bool is_masked_at_length(std::string_view text) {
  if (text.size() >= 8 && text.size() <= 10 && Compact(text).view() == "REDACTED") return true;
  bool any = false;
  for (const char c : text)
    any |= kMasks[static_cast<unsigned char>(c)];
  if (!any) return false;
  std::size_t masks = 0;
  std::size_t nines = 0;
  bool others = false;
  for (const char c : text) {
    if (c == 'X' || c == 'x' || c == '*' || c == '#')
      ++masks;
    else if (c == '9')
      ++nines;
    else if (is_digit(c))
      others = true;
    else if (std::string_view("- ./(),'").find(c) == std::string_view::npos)
      return false;
  }
  // X999999999 is a number of which each letter became X and each digit 9.
  return masks >= 2 || (masks == 1 && !others && nines >= 3);
}

// SSA: area 000, 666 and 900-999, group 00 and serial 0000 were never issued.
SsnCheck check_ssn(std::string_view ssn) {
  if (ssn.size() != 9 || !all_digits(ssn)) return SsnCheck::kNotOne;
  static constexpr std::string_view kSpecimens[] = {"078051120", "219099999", "123456789",
                                                    "987654321", "457555462"};
  if (std::find(std::begin(kSpecimens), std::end(kSpecimens), ssn) != std::end(kSpecimens))
    return SsnCheck::kSpecimen;
  if (ssn.substr(0, 8) == "98765432")
    return SsnCheck::kSpecimen;  // 987-65-4320 to -4329: for advertisements
  const int area = number(ssn.substr(0, 3));
  if (area == 0 || area == 666 || area >= 900) return SsnCheck::kInvalid;
  if (ssn.substr(3, 2) == "00" || ssn.substr(5) == "0000") return SsnCheck::kInvalid;
  return SsnCheck::kValid;
}

bool is_itin(std::string_view digits) {
  if (digits.size() != 9 || !all_digits(digits) || digits[0] != '9') return false;
  const int group = number(digits.substr(3, 2));
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
         (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
}

// CMS, "Understanding the MBI": positions C A AN N A AN N A A N N, letters without S L O I B Z.
MbiCheck check_mbi(std::string_view mbi) {
  if (mbi.size() != 11) return MbiCheck::kNotOne;
  const auto letter = [](char c) {
    return c >= 'A' && c <= 'Z' && std::string_view("SLOIBZ").find(c) == std::string_view::npos;
  };
  const auto either = [&](char c) { return is_digit(c) || letter(c); };
  const bool synthetic = mbi[1] == 'S';  // CMS marks its synthetic data so
  const bool fits = mbi[0] >= '1' && mbi[0] <= '9' && (letter(mbi[1]) || synthetic) &&
                    either(mbi[2]) && is_digit(mbi[3]) && letter(mbi[4]) && either(mbi[5]) &&
                    is_digit(mbi[6]) && letter(mbi[7]) && letter(mbi[8]) && is_digit(mbi[9]) &&
                    is_digit(mbi[10]);
  if (!fits) return MbiCheck::kNotOne;
  return synthetic ? MbiCheck::kSynthetic : MbiCheck::kValid;
}

Hicn check_hicn(std::string_view text) {
  if (text.size() >= 10 && text.size() <= 11 && all_digits(text.substr(0, 9)) &&
      is_letter(text[9]) && (text.size() == 10 || is_letter(text[10]) || is_digit(text[10]))) {
    return {.is = true, .ssn = text.substr(0, 9)};
  }
  static constexpr std::string_view kRailroad[] = {
      "WCA", "WCD", "WCH", "CA", "JA", "MA", "MH", "PA", "PD", "PH", "WA", "WD", "WH", "A", "H"};
  for (const std::string_view prefix : kRailroad) {
    if (!text.starts_with(prefix)) continue;
    const std::string_view digits = text.substr(prefix.size());
    if (all_digits(digits) && digits.size() == 9) return {.is = true, .ssn = digits};
    if (all_digits(digits) && digits.size() == 6) return {.is = true, .ssn = {}};
  }
  return {};
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    if (!is_digit(*at)) return false;
    int value = *at - '0';
    if (twice) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
    twice = !twice;
  }
  return !digits.empty() && sum % 10 == 0;
}

// The check digit is that of 80840 (health applications, USA) before the number: those five add 24.
bool is_npi(std::string_view npi) {
  if (npi.size() != 10 || !all_digits(npi) || (npi[0] != '1' && npi[0] != '2')) return false;
  int sum = 24;
  for (std::size_t i = 0; i < 10; ++i) {
    int value = npi[i] - '0';
    if (i % 2 == 0) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
  }
  return sum % 10 == 0;
}

bool is_payment_card(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19 || !all_digits(digits) || is_filler_number(digits))
    return false;
  const int two = number(digits.substr(0, 2));
  const int four = number(digits.substr(0, 4));
  const bool known = digits[0] == '4' || (two >= 51 && two <= 55) ||
                     (four >= 2221 && four <= 2720) || two == 34 || two == 37 || four == 6011 ||
                     two == 65 || (four >= 3528 && four <= 3589) || two == 36 || two == 38 ||
                     two == 30;
  return known && passes_luhn(digits);
}

bool is_aba_routing(std::string_view aba) {
  if (aba.size() != 9 || !all_digits(aba)) return false;
  const int prefix = number(aba.substr(0, 2));
  const bool known = prefix <= 12 || (prefix >= 21 && prefix <= 32) ||
                     (prefix >= 61 && prefix <= 72) || prefix == 80;
  const auto d = [&](std::size_t i) { return aba[i] - '0'; };
  const int sum = 3 * (d(0) + d(3) + d(6)) + 7 * (d(1) + d(4) + d(7)) + d(2) + d(5) + d(8);
  return known && sum % 10 == 0 && sum > 0;
}

}  // namespace bulkhead::exposure
