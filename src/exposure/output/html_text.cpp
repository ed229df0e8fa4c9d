#include "exposure/output/html_text.h"

#include <cstddef>

namespace bulkhead::exposure {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kHidden = "…";
constexpr std::size_t kShownFrom = 8, kShown = 2;

std::string_view escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

// The bytes of a well-formed character at the front (RFC 3629); 0: it is none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;  // could be shorter
  if (first == 0xED && byte(1) > 0x9F) return 0;  // a surrogate
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return size;
}

// C0 and C1 controls, and the marks that turn directions (U+202A to U+202E, U+2066 to U+2069).
bool is_invisible(std::string_view character) {
  if (character.size() == 1)
    return (character[0] < ' ' && character[0] != '\t' && character[0] != '\n') ||
           character[0] == 0x7f;
  if (character.size() == 2) return character[0] == '\xC2' && character[1] < '\xA0';
  return (character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||
         (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9");
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    const std::string_view character = text.substr(0, size);
    if (size == 0 || is_invisible(character)) {
      html += kReplacement;
    } else if (const std::string_view entity = size == 1 ? escaped(text[0]) : std::string_view();
               !entity.empty()) {
      html += entity;
    } else {
      html += character;
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return html;
}

std::string masked_name(std::string_view name) {
  if (name.empty()) return {};
  const std::size_t size = character_bytes(name);
  return std::string(name.substr(0, size)) + std::string(kHidden);
}

std::string masked_number(std::string_view number) {
  if (number.empty()) return {};
  const bool shown = number.size() >= kShownFrom;
  return std::string(kHidden) + std::string(shown ? number.substr(number.size() - kShown) : "");
}

std::string masked_date(std::string_view iso_date) {
  if (iso_date.empty()) return {};
  const bool is_date = iso_date.size() == 10 && iso_date[4] == '-' && iso_date[7] == '-';
  return std::string(is_date ? iso_date.substr(0, 4) : "") + std::string(kHidden);
}

}  // namespace bulkhead::exposure
