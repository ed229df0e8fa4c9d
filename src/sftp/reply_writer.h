// Builds one reply packet in place, in the memory of the sink.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "sftp/limits.h"
#include "sftp/protocol.h"
#include "sftp/reply_sink.h"

namespace bulkhead::sftp {

// Nothing is sent unless send() is called. What is written is of our own making and bounded by
// whoever writes it, so that running over is a fault of ours.
class ReplyWriter {
 public:
  static constexpr std::size_t kHeaderBytes = 4 + 1 + 4;  // length, type, request id

  // `body_bytes`: at most so many will follow the header.
  ReplyWriter(ReplySink& sink, PacketType type, std::uint32_t id, std::size_t body_bytes)
      : sink_(sink),
        packet_(sink.reserve(kHeaderBytes + body_bytes).first(kHeaderBytes + body_bytes)) {
    BH_ASSERT(packet_.size() <= kMaxReplyBytes);
    u8(static_cast<std::uint8_t>(type));
    u32(id);
  }

  void u8(std::uint8_t value) { integer(value); }
  void u32(std::uint32_t value) { integer(value); }
  void u64(std::uint64_t value) { integer(value); }
  void bytes(ByteView value) {
    if (value.empty()) return;
    std::memcpy(advance(value.size()), value.data(), value.size());
  }
  void string(ByteView value) {
    u32(static_cast<std::uint32_t>(value.size()));
    bytes(value);
  }
  void text(std::string_view value) { string(as_bytes(value)); }
  // Skips a u32 to be filled in later by set_u32(where, ...).
  std::size_t u32_later() {
    advance(4);
    return at_ - 4;
  }
  void set_u32(std::size_t where, std::uint32_t value) { store_be(packet_.data() + where, value); }

  std::size_t room() const { return packet_.size() - at_; }
  // The room itself, to read a file into; skip() then says how much of it counts.
  MutableByteView rest() { return packet_.subspan(at_); }
  void skip(std::size_t size) { advance(size); }

  void send() {
    set_u32(0, static_cast<std::uint32_t>(at_ - 4));
    sink_.commit(at_);
  }

 private:
  template <typename T>
  void integer(T value) {
    store_be(advance(sizeof(T)), value);
  }
  Byte* advance(std::size_t size) {
    BH_ASSERT(size <= packet_.size() - at_);
    at_ += size;
    return packet_.data() + (at_ - size);
  }

  ReplySink& sink_;
  MutableByteView packet_;
  std::size_t at_ = 4;
};

}  // namespace bulkhead::sftp
