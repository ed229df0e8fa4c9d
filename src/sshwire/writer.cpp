#include "sshwire/writer.h"

namespace bulkhead::sshwire {

Writer& Writer::byte(Byte value) {
  bytes_.push_back(value);
  return *this;
}

Writer& Writer::uint32(std::uint32_t value) {
  Byte at[4];
  store_be(at, value);
  return raw(at);
}

Writer& Writer::uint64(std::uint64_t value) {
  Byte at[8];
  store_be(at, value);
  return raw(at);
}

Writer& Writer::raw(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

Writer& Writer::string(ByteView bytes) {
  uint32(static_cast<std::uint32_t>(bytes.size()));
  return raw(bytes);
}

Writer& Writer::mpint(ByteView unsigned_big_endian) {
  return string(mpint_contents(unsigned_big_endian));
}

Writer& Writer::name_list(std::span<const std::string_view> names) {
  std::size_t size = names.empty() ? 0 : names.size() - 1;
  for (const auto name : names)
    size += name.size();
  uint32(static_cast<std::uint32_t>(size));
  bool first = true;
  for (const auto name : names) {
    if (!first) byte(',');
    first = false;
    raw(as_bytes(name));
  }
  return *this;
}

Bytes mpint_contents(ByteView unsigned_big_endian) {
  while (!unsigned_big_endian.empty() && unsigned_big_endian[0] == 0) {
    unsigned_big_endian = unsigned_big_endian.subspan(1);
  }
  Bytes contents;
  contents.reserve(unsigned_big_endian.size() + 1);
  if (!unsigned_big_endian.empty() && (unsigned_big_endian[0] & 0x80) != 0) contents.push_back(0);
  contents.insert(contents.end(), unsigned_big_endian.begin(), unsigned_big_endian.end());
  return contents;
}

}  // namespace bulkhead::sshwire
