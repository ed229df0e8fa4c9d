// Bytes: views, owned buffers, hexadecimal, and the big- and little-endian integers of file
// formats.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;
using ByteView = std::span<const Byte>;
using MutableByteView = std::span<Byte>;
template <std::size_t N>
using ByteArray = std::array<Byte, N>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}
inline std::string to_string(ByteView view) {
  return std::string(as_text(view));
}

std::string to_hex(ByteView bytes);  // lower case
std::optional<Bytes> from_hex(
    std::string_view text);  // either case; nothing for odd length or other characters
std::string to_base64(ByteView bytes, bool padded = true);  // RFC 4648 section 4
std::optional<Bytes> from_base64(
    std::string_view text);  // padded or not; nothing for anything else

bool equal(ByteView a, ByteView b);  // not constant time: see crypto/constant_time.h for secrets

// Integers at an unaligned position. The caller has checked the bounds.
template <typename T>
inline T load_be(const Byte* at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>((value << 8) | at[i]);
  return value;
}
template <typename T>
inline void store_be(Byte* at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    at[i] = static_cast<Byte>(value >> (8 * (sizeof(T) - 1 - i)));
}
template <typename T>
inline T load_le(const Byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));  // the machines that Debian supports us on are little-endian
  return value;
}
template <typename T>
inline void store_le(Byte* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace bulkhead
