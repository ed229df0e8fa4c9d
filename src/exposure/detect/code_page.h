// Single-byte code pages of mainframes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::exposure {

enum class CodePage : std::uint8_t {
  kAscii,   // bytes as they are: ASCII, and UTF-8 in what is longer
  kLatin1,  // ISO 8859-1
  kEbcdic037,
  kEbcdic500,
  kEbcdic1047,
  kEbcdic1140,
};

constexpr bool is_ebcdic(CodePage page) {
  return page >= CodePage::kEbcdic037;
}

// Each byte as Latin-1; 0x80 stands for the euro sign. The identity for the first two.
const std::array<unsigned char, 256>& to_latin1(CodePage page);

// What to_latin1 gave, as UTF-8.
void append_utf8(std::string_view latin1, std::string& to);

std::string_view to_string(CodePage page);  // "ebcdic-037"
std::optional<CodePage> code_page_from(std::string_view name);

}  // namespace bulkhead::exposure
