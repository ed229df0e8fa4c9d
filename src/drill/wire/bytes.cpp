#include "drill/wire/bytes.h"

namespace bulkhead::drill {

void put_u8(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}

void put_u64(std::string& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value >> 32));
  put_u32(out, static_cast<std::uint32_t>(value));
}

void put_string(std::string& out, std::string_view contents) {
  put_u32(out, static_cast<std::uint32_t>(contents.size()));
  out.append(contents);
}

void put_mpint(std::string& out, std::string_view big_endian) {
  while (!big_endian.empty() && big_endian.front() == 0)
    big_endian.remove_prefix(1);
  const bool looks_negative = !big_endian.empty() && (big_endian.front() & 0x80) != 0;
  put_string(out, std::string(looks_negative ? 1 : 0, '\0') + std::string(big_endian));
}

void put_le(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t read_le(std::string_view from, std::size_t offset, std::size_t bytes) {
  if (from.size() < offset + bytes) throw Interrupted("stored bytes end too early");
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(from[offset + i]);
  return value;
}

std::string_view Reader::raw(std::size_t bytes) {
  if (rest_.size() < bytes) throw Interrupted("a message ends too early");
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::uint8_t Reader::u8() {
  return static_cast<std::uint8_t>(raw(1)[0]);
}

std::uint32_t Reader::u32() {
  std::uint32_t value = 0;
  for (const char c : raw(4))
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::uint64_t Reader::u64() {
  const std::uint64_t high = u32();
  return high << 32 | u32();
}

std::string_view Reader::string() {
  return raw(u32());
}

}  // namespace bulkhead::drill
