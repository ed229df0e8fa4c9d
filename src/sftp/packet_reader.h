// Reads the fields of one packet (draft section 4, RFC 4251 section 5). Hostile input.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::sftp {

// A field that does not fit sets ok() to false for good, and everything read from then on is zero
// or empty: read all fields of a request, then look once. Views are into the packet.
class PacketReader {
 public:
  explicit PacketReader(ByteView packet) : rest_(packet) {}

  std::uint8_t u8() { return integer<std::uint8_t>(); }
  std::uint32_t u32() { return integer<std::uint32_t>(); }
  std::uint64_t u64() { return integer<std::uint64_t>(); }
  ByteView string() {
    const std::uint32_t size = u32();
    return take(size);
  }
  std::string_view text() { return as_text(string()); }

  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }

 private:
  template <typename T>
  T integer() {
    const ByteView bytes = take(sizeof(T));
    return bytes.empty() ? T{0} : load_be<T>(bytes.data());
  }
  ByteView take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace bulkhead::sftp
