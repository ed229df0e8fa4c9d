// The edge's side of its channel to the vault: one question at a time, blocking.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "channel/message_socket.h"
#include "proto/channel.pb.h"

namespace bulkhead::channel {

// One thread. The vault is trusted by an edge; a reply that does not fit its question is still an
// error (kInternal) and ends the channel, as does the vault going away (kDisconnected). Once the
// channel has ended every call says so.
class Client {
 public:
  explicit Client(UniqueFd socket) : socket_(std::move(socket), Descriptors::kAccept) {}

  // Fills in the id, sends, and waits for the answer. A Reply with a code other than 0 comes back
  // as that Error. The descriptors that came along go to `descriptors`; where that is nullptr they
  // are closed.
  Result<Reply> call(Request request, std::vector<UniqueFd>* descriptors = nullptr);

  bool ended() const { return ended_; }

 private:
  Result<Message> exchange(const Request& request);

  MessageSocket socket_;
  std::uint64_t next_id_ = 1;
  bool ended_ = false;
};

}  // namespace bulkhead::channel
