#include "exposure/layouts/picture.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kMaxPositions = 1024 * 1024;

// "(12)" at the start of `rest`; 1 where there is none, nothing where it is broken.
std::optional<std::uint32_t> take_repeat(std::string_view& rest) {
  if (!rest.starts_with("(")) return 1;
  const std::size_t end = rest.find(')');
  if (end == std::string_view::npos || end == 1) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : rest.substr(1, end - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
    if (value > kMaxPositions) return std::nullopt;
  }
  rest.remove_prefix(end + 1);
  return value;
}

}  // namespace

std::optional<Picture> parse_picture(std::string_view text) {
  Picture picture;
  bool edited = false;
  bool letters = false;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const bool pair = text.starts_with("CR") || text.starts_with("DB");
    const char symbol = text[0];
    text.remove_prefix(pair ? 2 : 1);
    const auto repeat = take_repeat(text);
    if (!repeat) return std::nullopt;
    std::uint32_t width = *repeat;
    switch (symbol) {
      case '9':
        picture.digits += width;
        break;
      case 'S':
        picture.is_signed = true;
        width = 0;
        break;
      case 'V':
      case 'P':
        width = 0;
        break;
      case 'X':
      case 'A':
        letters = true;
        break;
      case 'N':
      case 'G':  // two bytes a character
        letters = true;
        width *= 2;
        break;
      case 'Z':
      case '*':
      case 'B':
      case '0':
      case '/':
      case ',':
      case '.':
      case '+':
      case '-':
      case '$':
      case 'E':
        edited = true;
        break;
      case 'C':
      case 'D':
        if (!pair) return std::nullopt;
        edited = true;
        width *= 2;
        break;
      default:
        return std::nullopt;
    }
    picture.positions += width;
    if (picture.positions > kMaxPositions) return std::nullopt;
  }
  picture.numeric = !letters && !edited && picture.digits > 0;
  return picture;
}

}  // namespace bulkhead::exposure
