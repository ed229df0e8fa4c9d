// The vault's side of one channel: never blocks, holds little, and ends when the peer breaks a
// rule.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"
#include "channel/message_socket.h"
#include "proto/channel.pb.h"

namespace bulkhead::channel {

// What may wait for a peer that does not read, beyond what the kernel holds.
struct OutboxLimits {
  std::size_t bytes = 1 << 20;
  std::size_t messages = 16;
};

// For a level-triggered event loop: wait for readability as long as requests are wanted, and for
// writability while wants_write(). Any error means that the channel is over (every later call
// repeats it): destroy the endpoint. One thread.
class Endpoint {
 public:
  using Handler = std::function<void(ByteView datagram)>;

  explicit Endpoint(UniqueFd socket, OutboxLimits limits = {});

  int fd() const { return socket_.fd(); }

  // Takes one datagram, if one is there, and hands it to `handle` as the very last thing: the
  // handler may reply() here or destroy this Endpoint. The bytes are wiped afterwards (they may
  // hold a password). kDisconnected: the peer is gone. kMalformed, kLimitExceeded: it sent a
  // descriptor, nothing, or too much.
  Status on_readable(const Handler& handle);

  // Sends now or as soon as the peer reads. Sets reply.descriptors. kLimitExceeded when the outbox
  // is full.
  Status reply(Reply reply, std::vector<UniqueFd> descriptors = {});

  bool wants_write() const { return !outbox_.empty(); }
  Status flush();

 private:
  Status ended(Error error);

  MessageSocket socket_;
  OutboxLimits limits_;
  std::deque<Message> outbox_;
  std::size_t outbox_bytes_ = 0;
  std::optional<Error> fault_;
};

}  // namespace bulkhead::channel
