#include "generate/mainframe.h"

namespace bulkhead::generate {
namespace {

constexpr std::size_t kBlock = 4'000;
constexpr std::string_view kPunctuation = " .<(+|&!$*);-/,%_>?:#@'=\"";
constexpr std::string_view kPunctuationBytes =
    "\x40\x4B\x4C\x4D\x4E\x4F\x50\x5A\x5B\x5C\x5D\x5E\x60\x61\x6B\x6C\x6D\x6E\x6F\x7A\x7B\x7C\x7D"
    "\x7E\x7F";

unsigned char byte_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(0xF0 + (c - '0'));
  const int letter = (c | 0x20) - 'a';
  if (letter >= 0 && letter < 26 && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
    const int row = letter < 9 ? 0 : letter < 18 ? 1 : 2;
    const int column = row == 0 ? letter + 1 : row == 1 ? letter - 8 : letter - 16;
    const int upper = c >= 'A' && c <= 'Z' ? 0xC0 : 0x80;
    return static_cast<unsigned char>(upper + row * 16 + column);
  }
  const std::size_t at = kPunctuation.find(c);
  return at == std::string_view::npos ? 0x6F : static_cast<unsigned char>(kPunctuationBytes[at]);
}

std::string length_word(std::size_t length) {
  return {static_cast<char>(length >> 8), static_cast<char>(length & 0xFF), '\0', '\0'};
}

}  // namespace

std::string ebcdic(std::string_view ascii) {
  std::string bytes;
  for (const char c : ascii)
    bytes.push_back(static_cast<char>(byte_of(c)));
  return bytes;
}

std::string packed(std::string_view digits, unsigned positions) {
  std::string padded(positions > digits.size() ? positions - digits.size() : 0, '0');
  padded += digits;
  if (padded.size() % 2 == 0) padded.insert(padded.begin(), '0');
  padded.push_back('?');  // 0x3F: its low half is the sign F
  std::string bytes;
  for (std::size_t i = 0; i < padded.size(); i += 2)
    bytes.push_back(static_cast<char>((padded[i] - '0') << 4 | (padded[i + 1] & 0x0F)));
  return bytes;
}

std::string binary(std::uint64_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i-- > 0;)
    text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::uint64_t VariableBlocks::put(std::string_view record) {
  if (block_.size() + record.size() + 8 > kBlock) finish();
  block_ += length_word(record.size() + 4);
  const std::uint64_t at = file_.position() + 4 + block_.size();
  block_ += record;
  return at;
}

void VariableBlocks::finish() {
  if (block_.empty()) return;
  file_.put(length_word(block_.size() + 4));
  file_.put(block_);
  block_.clear();
}

}  // namespace bulkhead::generate
