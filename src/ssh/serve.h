// The I/O around a Connection: one socket, one blocking loop.
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "ssh/connection.h"

namespace bulkhead::ssh {

struct ServeOptions {
  // Received in one go; at least one largest packet (kMaxPacketBytes) fits, or it is rounded up.
  std::size_t receive_bytes = 512 * 1024;
  // How long a client may take to read the DISCONNECT, or the last of the output.
  std::int64_t linger_ms = 2000;
};

// Greets and serves until the connection ends, either way; returns how. Does not close the socket.
// The socket may be blocking or not; TCP_NODELAY is the caller's to set. Calls only poll, recv, send,
// shutdown, setsockopt(TCP_QUICKACK), madvise and the clock.
Ending serve(int socket, Connection& connection, const Clock& clock,
             const ServeOptions& options = {});

}  // namespace bulkhead::ssh
