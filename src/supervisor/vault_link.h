// The control socket to the vault (proto/supervisor.proto). Never blocks: what does not fit waits,
// in order.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "channel/message_socket.h"
#include "proto/supervisor.pb.h"

namespace bulkhead::supervisor {

// One thread. An error means that the vault is gone or makes no sense: there is no going on.
class VaultLink {
 public:
  explicit VaultLink(UniqueFd socket) : socket_(std::move(socket), channel::Descriptors::kRefuse) {}

  int fd() const { return socket_.fd(); }

  // `then` runs once the message is in the vault's queue: whatever is done there reaches the vault
  // later than it.
  Status send(const ToVault& message, std::vector<UniqueFd> descriptors = {},
              std::function<void()> then = {});
  // More is waiting than the vault has taken: start nothing that makes more.
  bool congested() const { return !waiting_.empty(); }
  Status flush();

  // Nothing when nothing is there.
  Result<std::optional<ToSupervisor>> receive();

 private:
  struct Waiting {
    channel::Message message;
    std::function<void()> then;
  };

  channel::MessageSocket socket_;
  std::deque<Waiting> waiting_;
};

}  // namespace bulkhead::supervisor
