// Range requests for bytes (RFC 9110 section 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::https {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t bytes = 0;
};
struct RangeAnswer {
  enum class Kind { kWhole, kPart, kNotSatisfiable } kind = Kind::kWhole;
  ByteRange part;
};

// Of contents of `size` bytes. What is not one range of bytes, written as it must be, is answered
// with the whole, as the standard allows: also several ranges.
RangeAnswer answer_range(std::string_view range, std::uint64_t size);

}  // namespace bulkhead::https
