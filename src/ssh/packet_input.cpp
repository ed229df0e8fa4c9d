#include "ssh/packet_input.h"

namespace bulkhead::ssh {

Step PacketInput::check_length(std::uint32_t length) const {
  const Framing& framing = opener_->framing();
  // padding_length, a message number, and at least four bytes of padding.
  if (length < 1 + 1 + 4) return protocol_error("A packet is too short");
  if (length > kMaxPacketLength)
    return protocol_error("A packet is too long, or the stream is out of step");
  const std::size_t rounded = length + (framing.length_in_blocks ? 4 : 0);
  if (rounded % framing.block_bytes != 0)
    return protocol_error("A packet is not padded to the cipher's block size");
  return {};
}

namespace {
Disconnect wrong_tag() {
  return {DisconnectReason::kMacError, "A packet does not carry the right authentication code"};
}
}  // namespace

// Where the length is hidden: as if the packet were of the largest size and its tag wrong.
StepResult<std::optional<Packet>> PacketInput::refuse(const Disconnect& why,
                                                      std::size_t received_bytes) {
  if (!opener_->framing().hide_length) return std::unexpected(why);
  refused_ = true;
  if (received_bytes < 4 + std::size_t{kMaxPacketLength}) return std::optional<Packet>();
  return std::unexpected(wrong_tag());
}

StepResult<std::optional<Packet>> PacketInput::next(MutableByteView received) {
  const Framing& framing = opener_->framing();
  if (refused_) return refuse(wrong_tag(), received.size());
  if (!length_) {
    if (received.size() < framing.bytes_for_length) return std::optional<Packet>();
    const std::uint32_t length = opener_->packet_length(received, sequence_);
    if (const Step good = check_length(length); !good) return refuse(good.error(), received.size());
    length_ = length;
  }
  const std::size_t wire_bytes = 4 + std::size_t{*length_} + framing.tag_bytes;
  if (received.size() < wire_bytes) return std::optional<Packet>();

  const MutableByteView packet = received.first(wire_bytes);
  if (!opener_->open(packet, sequence_)) return refuse(wrong_tag(), received.size());
  const std::size_t padding = packet[4];
  if (padding < 4 || padding + 2 > *length_)
    return protocol_error("A packet has a wrong padding length");
  const Packet result = {packet.subspan(5, *length_ - 1 - padding), sequence_, wire_bytes};
  length_.reset();
  ++sequence_;
  bytes_under_key_ += wire_bytes;
  ++packets_under_key_;
  return std::optional<Packet>(result);
}

void PacketInput::protect(std::unique_ptr<PacketOpener> opener) {
  opener_ = std::move(opener);
  bytes_under_key_ = 0;
  packets_under_key_ = 0;
}

}  // namespace bulkhead::ssh
