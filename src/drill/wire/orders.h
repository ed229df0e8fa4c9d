// What an attacker tells the edge that they have taken: it does these, and says what came of it.
//
//   attacker: kMagic, then frames: order (u8), its operands
//   edge:     a frame for each: see below. No answer at all: the edge is dead.
#pragma once

#include <cstdint>
#include <string_view>

namespace bulkhead::drill {

constexpr std::string_view kMagic = "DRILL-1\n";

enum class Order : std::uint8_t {
  // u8 (1: our standard input's descriptor goes along), string datagram
  //   -> u8 Heard, u32 count, u32 each descriptor's number, string datagram
  kChannel = 'C',
  // u32 number of the system call, six times (u8 0, u64 value) or (u8 1, string buffer)
  //   -> u64 result (negative: -errno), string of each buffer as it is afterwards
  kSystemCall = 'S',
  // string key, string nonce, string associated data, then (u8 0, string box)
  // or (u8 1, u32 descriptor, u64 offset, u32 length)
  //   -> u8 1 opened, string plaintext
  kOpenBox = 'O',
  // string command: becomes /bin/sh -c COMMAND, the client's socket as its descriptor 9
  //   -> u64 -errno, where that did not work
  kShell = 'X',
  // -> string of each thing that this edge saw of its client: user, password, code, session
  //    identifier, signed request, signature
  kMemory = 'V',
  // -> u64 address, u64 length of what was seen, for others to read from /proc/PID/mem; u32 pid
  kWhere = 'W',
};

enum class Heard : std::uint8_t { kReply = 0, kEnded = 1 };

}  // namespace bulkhead::drill
