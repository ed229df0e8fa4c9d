// Cuts the received bytes into packets (RFC 4253 section 6), decrypting where they lie.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "ssh/disconnect.h"
#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

// Largest packet_length that we take; OpenSSH has the same. RFC 4253 section 6.1 asks for 35000 in
// total at least.
constexpr std::uint32_t kMaxPacketLength = 256 * 1024;
constexpr std::size_t kMaxPacketBytes =
    4 + kMaxPacketLength + 64;  // with length field and the longest tag

struct Packet {
  ByteView payload;  // at least one byte: the message's number
  std::uint32_t sequence;
  std::size_t wire_bytes;  // so much of what was received it took
};

class PacketInput {
 public:
  PacketInput() : opener_(make_plain_opener()) {}

  // The packet at the start of `received`, or nothing while it is not whole. Until it has been
  // handed out, each call must bring the same bytes at the start (possibly moved, possibly more
  // behind them): the length may have been decrypted already.
  StepResult<std::optional<Packet>> next(MutableByteView received);

  // From the next packet on.
  void protect(std::unique_ptr<PacketOpener> opener);
  void reset_sequence() { sequence_ = 0; }

  std::uint32_t next_sequence() const { return sequence_; }
  std::uint64_t bytes_under_key() const { return bytes_under_key_; }
  std::uint64_t packets_under_key() const { return packets_under_key_; }

 private:
  Step check_length(std::uint32_t length) const;
  StepResult<std::optional<Packet>> refuse(const Disconnect& why, std::size_t received_bytes);

  std::unique_ptr<PacketOpener> opener_;
  std::uint32_t sequence_ = 0;
  std::optional<std::uint32_t> length_;  // of the packet at the start, once it is known
  bool refused_ = false;                 // it does not open, and that is not to be seen yet
  std::uint64_t bytes_under_key_ = 0;
  std::uint64_t packets_under_key_ = 0;
};

}  // namespace bulkhead::ssh
