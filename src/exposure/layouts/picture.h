// COBOL's PICTURE.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::exposure {

struct Picture {
  bool numeric = false;  // only 9 S V P: edited numbers are text
  bool is_signed = false;
  std::uint32_t positions = 0;  // characters that are stored
  std::uint32_t digits = 0;     // before and behind the decimal point
};

// `text` in upper case. Nothing where it is no picture, or longer than any item may be.
std::optional<Picture> parse_picture(std::string_view text);

}  // namespace bulkhead::exposure
