// Writes the data types of RFC 4251 section 5.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::sshwire {

class Writer {
 public:
  Writer() = default;
  explicit Writer(Byte message) { bytes_.push_back(message); }

  Writer& byte(Byte value);
  Writer& boolean(bool value) { return byte(value ? 1 : 0); }
  Writer& uint32(std::uint32_t value);
  Writer& uint64(std::uint64_t value);
  Writer& raw(ByteView bytes);
  Writer& string(ByteView bytes);
  Writer& string(std::string_view text) { return string(as_bytes(text)); }
  Writer& mpint(ByteView unsigned_big_endian);
  Writer& name_list(std::span<const std::string_view> names);

  ByteView view() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

// The contents of an mpint: no superfluous zero bytes, one in front where the top bit would be set.
Bytes mpint_contents(ByteView unsigned_big_endian);

}  // namespace bulkhead::sshwire
