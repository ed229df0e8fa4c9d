#include "exposure/layouts/field_value.h"

#include <algorithm>

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxText = 4096;

bool is_padding(char c, char space) {
  return c == space || c == '\0' || c == '\xFF';
}

// Bounds of what is not padding.
std::string_view without_padding(std::string_view bytes, char space) {
  while (!bytes.empty() && is_padding(bytes.front(), space))
    bytes.remove_prefix(1);
  while (!bytes.empty() && is_padding(bytes.back(), space))
    bytes.remove_suffix(1);
  return bytes;
}

bool is_printable(unsigned char latin1) {
  if (latin1 < 0x20 || latin1 == 0x7F) return latin1 == '\t';
  return latin1 <= 0x80 || latin1 >= 0xA0;
}

// ASCII with some letters in UTF-8 or Latin-1 among it: other bytes than those are another code
// page's.
bool is_readable(std::string_view text) {
  std::size_t high = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7F) return false;
    high += byte >= 0x80 ? 1 : 0;
  }
  return high == 0 || high * 2 <= text.size();
}

std::string_view keep(std::string_view text, std::string& scratch) {
  const std::size_t at = scratch.size();
  scratch.append(text);
  return std::string_view(scratch).substr(at);
}

DecodedField decode_text(std::string_view bytes, CodePage page, std::string& scratch) {
  DecodedField field;
  const std::string_view value =
      without_padding(bytes, is_ebcdic(page) ? '\x40' : ' ').substr(0, kMaxText);
  field.at = static_cast<std::uint32_t>(value.data() - bytes.data());
  field.length = static_cast<std::uint32_t>(value.size());
  field.blank = value.empty();
  if (page == CodePage::kAscii) {
    field.fits = is_readable(value);
    field.text = value;
    return field;
  }
  const auto& table = to_latin1(page);
  const std::size_t start = scratch.size();
  bool high = false;
  for (const char c : value) {
    const unsigned char latin1 = table[static_cast<unsigned char>(c)];
    high = high || latin1 >= 0x80;
    field.fits = field.fits && is_printable(latin1);
    scratch.push_back(static_cast<char>(latin1));
  }
  if (high) {
    const std::string latin1 = scratch.substr(start);
    scratch.resize(start);
    append_utf8(latin1, scratch);
  }
  field.text = std::string_view(scratch).substr(start);
  return field;
}

// The digit under a sign that is written over it; -1 where there is none. EBCDIC: zone C, D or F.
// ASCII: {, A to I and }, J to R as converted from EBCDIC, p to y as some compilers write it.
int overpunched_digit(unsigned char byte, CodePage page) {
  if (is_ebcdic(page)) {
    const unsigned zone = byte >> 4;
    return (zone == 0xC || zone == 0xD) && (byte & 0x0F) <= 9 ? byte & 0x0F : -1;
  }
  if (byte == '{' || byte == '}') return 0;
  if (byte >= 'A' && byte <= 'I') return byte - 'A' + 1;
  if (byte >= 'J' && byte <= 'R') return byte - 'J' + 1;
  if (byte >= 'p' && byte <= 'y') return byte - 'p';
  return -1;
}

DecodedField decode_zoned(const LayoutNode& node, std::string_view bytes, CodePage page,
                          std::string& scratch) {
  DecodedField field;
  std::string_view value = without_padding(bytes, is_ebcdic(page) ? '\x40' : ' ');
  field.at = static_cast<std::uint32_t>(value.data() - bytes.data());
  field.length = static_cast<std::uint32_t>(value.size());
  field.blank = value.empty();
  if (value.size() > 64) {
    field.fits = false;
    return field;
  }
  const auto& table = to_latin1(page);
  const std::size_t start = scratch.size();
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    const unsigned char c = table[byte];
    if (c >= '0' && c <= '9') {
      scratch.push_back(static_cast<char>(c));
      continue;
    }
    const bool edge = i == 0 || i + 1 == value.size();
    if (node.is_signed && node.sign_separate && edge && (c == '+' || c == '-')) continue;
    const int digit = node.is_signed && edge ? overpunched_digit(byte, page) : -1;
    field.fits = field.fits && digit >= 0;
    scratch.push_back(digit >= 0 ? static_cast<char>('0' + digit) : static_cast<char>(c));
  }
  field.text = std::string_view(scratch).substr(start);
  return field;
}

bool all_of_byte(std::string_view bytes, char c) {
  return std::all_of(bytes.begin(), bytes.end(), [c](char b) { return b == c; });
}

// The digits of a packed number, no more than the picture has.
DecodedField decode_packed(const LayoutNode& node, bool with_sign, std::string_view bytes,
                           CodePage page, std::string& scratch) {
  DecodedField field;
  field.length = static_cast<std::uint32_t>(bytes.size());
  // Never written: blanks of the record's initialisation, or zero bytes, which hold no sign.
  field.blank = all_of_byte(bytes, '\0') || all_of_byte(bytes, '\xFF') ||
                all_of_byte(bytes, is_ebcdic(page) ? '\x40' : ' ');
  if (field.blank || bytes.size() > 32) {
    field.fits = field.blank;
    return field;
  }
  const std::size_t start = scratch.size();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const unsigned high = byte >> 4, low = byte & 0x0F;
    const bool last = i + 1 == bytes.size();
    field.fits = field.fits && high <= 9 && (last && with_sign ? low >= 10 : low <= 9);
    scratch.push_back(static_cast<char>('0' + high % 10));
    if (!last || !with_sign) scratch.push_back(static_cast<char>('0' + low % 10));
  }
  std::string_view digits = std::string_view(scratch).substr(start);
  if (node.digits > 0 && digits.size() > node.digits) {
    // An even number of digits leaves a half-byte of padding in front.
    field.fits = field.fits && digits[0] == '0';
    digits.remove_prefix(digits.size() - node.digits);
  }
  field.text = digits;
  return field;
}

DecodedField decode_binary(const LayoutNode& node, bool little, std::string_view bytes,
                           std::string& scratch) {
  DecodedField field;
  field.length = static_cast<std::uint32_t>(bytes.size());
  if (bytes.size() > 8) {
    field.fits = false;
    return field;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = little ? bytes.size() - 1 - i : i;
    value = value << 8 | static_cast<unsigned char>(bytes[at]);
  }
  const std::uint64_t sign = bytes.empty() ? 0 : 1ULL << (bytes.size() * 8 - 1);
  if (node.is_signed && (value & sign) != 0) {
    value = ~value + 1;  // the amount without its sign
    if (bytes.size() < 8) value &= (sign << 1) - 1;
  }
  std::string digits = std::to_string(value);
  // Padded to the picture's digits, so that an SSN keeps its zeros.
  field.fits = node.digits == 0 || digits.size() <= node.digits;
  if (digits.size() < node.digits) digits.insert(0, node.digits - digits.size(), '0');
  field.text = keep(digits, scratch);
  return field;
}

}  // namespace

DecodedField decode_field(const LayoutNode& node, FieldUsage usage, std::string_view bytes,
                          CodePage page, std::string& scratch) {
  switch (usage) {
    case FieldUsage::kText:
      return decode_text(bytes, page, scratch);
    case FieldUsage::kZoned:
      return decode_zoned(node, bytes, page, scratch);
    case FieldUsage::kPacked:
      return decode_packed(node, true, bytes, page, scratch);
    case FieldUsage::kPackedNoSign:
      return decode_packed(node, false, bytes, page, scratch);
    case FieldUsage::kBinary:
      return decode_binary(node, false, bytes, scratch);
    case FieldUsage::kBinaryLittle:
      return decode_binary(node, true, bytes, scratch);
    case FieldUsage::kFloat:
      break;
  }
  return {.length = static_cast<std::uint32_t>(bytes.size())};
}

std::uint32_t decode_count(const LayoutNode& node, std::string_view bytes, CodePage page) {
  std::string scratch;
  const DecodedField field = decode_field(node, node.usage, bytes, page, scratch);
  std::uint32_t count = 0;
  for (const char c : field.text) {
    if (c < '0' || c > '9') return 0;
    if (count > 1'000'000) return count;
    count = count * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return count;
}

}  // namespace bulkhead::exposure
