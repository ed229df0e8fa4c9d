// Datagrams with file descriptors over one end of a SOCK_SEQPACKET socketpair.
//
// The peer may be hostile: a datagram that is empty or too long, or that brings descriptors where
// none may come, is an error (kMalformed, kLimitExceeded), after which the socket is of no more
// use. The peer's end being closed is kDisconnected. One thread at a time.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"
#include "channel/limits.h"

namespace bulkhead::channel {

enum class Descriptors {
  kAccept,
  // The kernel drops a descriptor that comes nevertheless, before this process would hold it;
  // receiving is then an error.
  kRefuse,
};

struct Message {
  Bytes bytes;
  std::vector<UniqueFd> descriptors;
};

class MessageSocket {
 public:
  MessageSocket(UniqueFd fd, Descriptors descriptors)
      : fd_(std::move(fd)), descriptors_(descriptors) {}

  // Both ends, close-on-exec, with buffers that hold at least one message of the largest size.
  static Result<std::pair<UniqueFd, UniqueFd>> make_pair();

  int fd() const { return fd_.get(); }

  // Block until the kernel takes it, or until something is there.
  Status send(ByteView message, std::span<const UniqueFd> descriptors = {});
  Result<Message> receive();

  // Never block: false, or nothing, when it would.
  Result<bool> try_send(ByteView message, std::span<const UniqueFd> descriptors = {});
  Result<std::optional<Message>> try_receive();

 private:
  Result<bool> send_with(ByteView message, std::span<const UniqueFd> descriptors, int flags);
  Result<std::optional<Message>> receive_with(int flags);

  UniqueFd fd_;
  Descriptors descriptors_;
};

}  // namespace bulkhead::channel
