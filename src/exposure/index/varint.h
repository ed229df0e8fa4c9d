// Unsigned LEB128, as in the findings format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::exposure {

// Behind its last byte, of which there are at most ten.
inline char* write_varint(std::uint64_t value, char* to) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(0x80 | (value & 0x7F));
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

inline void put_varint(std::uint64_t value, std::string& to) {
  char bytes[10];
  to.append(bytes, static_cast<std::size_t>(write_varint(value, bytes) - bytes));
}

// Takes one from the front; false where it is cut off or over 64 bits.
inline bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(from.front());
    from.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace bulkhead::exposure
