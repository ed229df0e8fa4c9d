// The bounded buffer of outgoing packets: payloads are composed where they will be encrypted and
// sent from.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "crypto/random.h"
#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

class PacketOutput {
 public:
  PacketOutput(std::size_t capacity_bytes, crypto::Random& random);

  // Copies a small payload into a packet. False when there is no room.
  [[nodiscard]] bool send(ByteView payload);
  // Bytes outside of the packet protocol: the version line.
  [[nodiscard]] bool send_raw(ByteView bytes);

  // Composing in place: `room(n)` makes n contiguous bytes available at `tail()` if it can; the
  // caller writes the payload at tail() + kPayloadOffset and seals it. Whatever is sent in between
  // invalidates tail().
  static constexpr std::size_t kPayloadOffset = 5;
  bool room(std::size_t bytes);
  std::size_t free_bytes();
  Byte* tail() { return buffer_.get() + end_; }
  std::size_t packet_bytes(std::size_t payload_bytes) const;  // with everything around the payload
  void seal(std::size_t payload_bytes);

  // What is to be sent, and that so much of it was.
  ByteView pending() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void sent(std::size_t bytes);

  // From the next packet on.
  void protect(std::unique_ptr<PacketSealer> sealer);
  void reset_sequence() { sequence_ = 0; }
  std::uint64_t bytes_under_key() const { return bytes_under_key_; }
  std::uint64_t packets_under_key() const { return packets_under_key_; }

  MutableByteView memory() { return {buffer_.get(), capacity_}; }

 private:
  std::size_t padding_for(std::size_t payload_bytes) const;
  void fill_padding(Byte* at, std::size_t bytes);

  crypto::Random& random_;
  std::unique_ptr<PacketSealer> sealer_;
  std::unique_ptr<Byte[]> buffer_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint64_t bytes_under_key_ = 0;
  std::uint64_t packets_under_key_ = 0;
  ByteArray<1024> padding_{};  // random bytes, each used once
  std::size_t padding_left_ = 0;
};

}  // namespace bulkhead::ssh
