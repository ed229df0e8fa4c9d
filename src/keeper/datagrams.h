// One datagram over a local socket: how the keeper talks with the vault, and with the process that
// asks a seal's device. Hostile input is only counted here, not read.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::keeper {

// What is said of the other end when it is not as it should be.
struct OtherEnd {
  std::string_view gone;            // kDisconnected: it has closed its end
  std::string_view silent;          // kTimeout: no answer within the socket's time
  std::string_view makes_no_sense;  // kMalformed: a datagram that is longer than it may be
};

Status send_datagram(int socket, ByteView bytes, const OtherEnd& other_end);
// How many bytes of `into` it has. Descriptors that come along are not taken, and are an error.
Result<std::size_t> receive_datagram(int socket, MutableByteView into, const OtherEnd& other_end);

}  // namespace bulkhead::keeper
