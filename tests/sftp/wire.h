// The client's side of the wire, for tests: requests by construction, replies taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "sftp/protocol.h"
#include "sftp/reply_sink.h"

namespace bulkhead::sftp::test {

// Request(PacketType::kOpen, 7).text("/a").u32(flags).u32(0).packet()
class Request {
 public:
  Request(PacketType type, std::uint32_t id) {
    bytes_.push_back(static_cast<Byte>(type));
    u32(id);
  }
  Request& u32(std::uint32_t value) { return integer(value); }
  Request& u64(std::uint64_t value) { return integer(value); }
  Request& text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    return raw(value);
  }
  Request& raw(std::string_view value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  Bytes packet() const {
    Bytes whole(4);
    store_be(whole.data(), static_cast<std::uint32_t>(bytes_.size()));
    whole.insert(whole.end(), bytes_.begin(), bytes_.end());
    return whole;
  }

 private:
  template <typename T>
  Request& integer(T value) {
    bytes_.resize(bytes_.size() + sizeof(T));
    store_be(bytes_.data() + bytes_.size() - sizeof(T), value);
    return *this;
  }
  Bytes bytes_;
};

struct Reply {
  PacketType type{};
  std::uint32_t id = 0;
  Bytes body;  // behind the id

  StatusCode status() const {
    return type == PacketType::kStatus
               ? static_cast<StatusCode>(load_be<std::uint32_t>(body.data()))
               : static_cast<StatusCode>(~0U);
  }
  std::string status_text() const { return type == PacketType::kStatus ? text_at(4) : ""; }
  std::string text_at(std::size_t at) const {
    return std::string(
        as_text(ByteView(body).subspan(at + 4, load_be<std::uint32_t>(body.data() + at))));
  }
  // Of SSH_FXP_HANDLE and SSH_FXP_DATA.
  std::string string() const { return text_at(0); }
  std::uint32_t u32_at(std::size_t at) const { return load_be<std::uint32_t>(body.data() + at); }
  std::uint64_t u64_at(std::size_t at) const { return load_be<std::uint64_t>(body.data() + at); }
};

// The whole replies in `bytes`; what is left of it stays.
inline std::vector<Reply> take_replies(Bytes& bytes) {
  std::vector<Reply> replies;
  std::size_t at = 0;
  while (bytes.size() - at >= 9) {
    const std::size_t length = load_be<std::uint32_t>(bytes.data() + at);
    if (bytes.size() - at < 4 + length) break;
    const Byte* packet = bytes.data() + at + 4;
    replies.push_back({static_cast<PacketType>(packet[0]), load_be<std::uint32_t>(packet + 1),
                       Bytes(packet + 5, packet + length)});
    at += 4 + length;
  }
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return replies;
}

class BufferSink final : public ReplySink {
 public:
  std::size_t full_at = SIZE_MAX;
  Bytes bytes;

  bool may_continue() const override { return bytes.size() < full_at; }
  MutableByteView reserve(std::size_t at_least) override {
    reserved_.assign(at_least, 0xee);  // what was not written shows
    return reserved_;
  }
  void commit(std::size_t size) override {
    bytes.insert(bytes.end(), reserved_.begin(),
                 reserved_.begin() + static_cast<std::ptrdiff_t>(size));
    reserved_.clear();
  }

 private:
  Bytes reserved_;
};

inline Bytes init_packet(std::uint32_t version = 3) {
  return Request(PacketType::kInit, version).packet();
}

}  // namespace bulkhead::sftp::test
