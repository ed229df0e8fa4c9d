#include "ssh/packet_output.h"

#include <cstring>

#include "base/error.h"

namespace bulkhead::ssh {
namespace {
constexpr std::size_t kMinPadding = 4;
// Up to so much is moved to the front of the buffer to make room; more waits until it is sent.
constexpr std::size_t kCheapToMove = 128 * 1024;
}  // namespace

PacketOutput::PacketOutput(std::size_t capacity_bytes, crypto::Random& random)
    : random_(random),
      sealer_(make_plain_sealer()),
      buffer_(std::make_unique_for_overwrite<Byte[]>(capacity_bytes)),
      capacity_(capacity_bytes) {}

std::size_t PacketOutput::padding_for(std::size_t payload_bytes) const {
  const Framing& framing = sealer_->framing();
  const std::size_t unpadded = (framing.length_in_blocks ? 5 : 1) + payload_bytes;
  std::size_t padding = framing.block_bytes - unpadded % framing.block_bytes;
  if (padding < kMinPadding) padding += framing.block_bytes;
  return padding;
}

std::size_t PacketOutput::packet_bytes(std::size_t payload_bytes) const {
  return kPayloadOffset + payload_bytes + padding_for(payload_bytes) + sealer_->framing().tag_bytes;
}

bool PacketOutput::room(std::size_t bytes) {
  if (capacity_ - end_ >= bytes) return true;
  const std::size_t held = end_ - begin_;
  if (begin_ == 0 || held > kCheapToMove || capacity_ - held < bytes) return false;
  std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  begin_ = 0;
  end_ = held;
  return true;
}

std::size_t PacketOutput::free_bytes() {
  const std::size_t held = end_ - begin_;
  return held <= kCheapToMove ? capacity_ - held : capacity_ - end_;
}

void PacketOutput::fill_padding(Byte* at, std::size_t bytes) {
  if (padding_left_ < bytes) {
    random_.fill(padding_);
    padding_left_ = padding_.size();
  }
  std::memcpy(at, padding_.data() + padding_.size() - padding_left_, bytes);
  padding_left_ -= bytes;
}

void PacketOutput::seal(std::size_t payload_bytes) {
  const std::size_t padding = padding_for(payload_bytes);
  const std::size_t wire_bytes = packet_bytes(payload_bytes);
  BH_ASSERT(capacity_ - end_ >= wire_bytes);
  Byte* packet = tail();
  store_be(packet, static_cast<std::uint32_t>(1 + payload_bytes + padding));
  packet[4] = static_cast<Byte>(padding);
  fill_padding(packet + kPayloadOffset + payload_bytes, padding);
  sealer_->seal({packet, wire_bytes}, sequence_);
  ++sequence_;
  end_ += wire_bytes;
  bytes_under_key_ += wire_bytes;
  ++packets_under_key_;
}

bool PacketOutput::send(ByteView payload) {
  if (!room(packet_bytes(payload.size()))) return false;
  std::memcpy(tail() + kPayloadOffset, payload.data(), payload.size());
  seal(payload.size());
  return true;
}

bool PacketOutput::send_raw(ByteView bytes) {
  if (!room(bytes.size())) return false;
  std::memcpy(tail(), bytes.data(), bytes.size());
  end_ += bytes.size();
  return true;
}

void PacketOutput::sent(std::size_t bytes) {
  BH_ASSERT(bytes <= end_ - begin_);
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void PacketOutput::protect(std::unique_ptr<PacketSealer> sealer) {
  sealer_ = std::move(sealer);
  bytes_under_key_ = 0;
  packets_under_key_ = 0;
}

}  // namespace bulkhead::ssh
