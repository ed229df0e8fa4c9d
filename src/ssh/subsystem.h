// What runs behind a channel: a subsystem such as SFTP. The seam between the SSH server and the
// protocols above it.
//
// All calls come from the connection's one thread. Nothing here blocks; a handler that cannot go on
// says so and is called again.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::ssh {

// The most that one reserve() may ask for: the largest SFTP packet and its length field fit.
constexpr std::size_t kMaxReserveBytes = 257 * 1024;

// A channel's outgoing stream. Belongs to the connection; valid as long as the handler that got it.
class ChannelWriter {
 public:
  virtual ~ChannelWriter() = default;

  // `bytes` contiguous bytes to be filled, which lie in the outgoing packet itself; or nothing when
  // the client does not read fast enough or keys are being exchanged: then come back in
  // on_writable(). How the bytes are cut into packets is not the handler's business. bytes <=
  // kMaxReserveBytes.
  virtual MutableByteView reserve(std::size_t bytes) = 0;
  // Sends the first `bytes` of what was reserved last. Nothing may be called on this writer in
  // between, and a reservation does not outlive the callback in which it was made.
  virtual void commit(std::size_t bytes) = 0;
  // reserve, copy, commit. False: not now.
  bool write(ByteView bytes);

  // The subsystem is done: exit status, EOF and CLOSE follow what was written (RFC 4254
  // section 6.10). The handler is not called again.
  virtual void finish(std::uint32_t exit_status) = 0;
};

class ChannelHandler {
 public:
  virtual ~ChannelHandler() = default;  // the channel is closed, or the connection is gone

  // The client's bytes, straight from where they were decrypted; valid during the call. Returns how
  // many were taken; the rest is brought again, with what has come since, after on_writable() or
  // on_turn(). A handler that takes less than all must be waiting for reserve(), or be busy():
  // otherwise nobody would call it again. Not called after finish().
  virtual std::size_t on_data(ByteView bytes) = 0;
  // A reserve() that got nothing may get something now.
  virtual void on_writable() {}
  // Something that takes long is under way. While this is true, on_turn() is called again and
  // again, to work for some milliseconds each time; in between the connection answers keepalives,
  // exchanges keys and looks at the clock.
  virtual bool busy() const { return false; }
  virtual void on_turn() {}
  // The client sends no more; everything before has been taken.
  virtual void on_eof() = 0;
};

// What a logged-in client may start.
class Services {
 public:
  virtual ~Services() = default;
  // Nothing: refused (CHANNEL_FAILURE). `writer` lives longer than the handler.
  virtual std::unique_ptr<ChannelHandler> open_subsystem(std::string_view name,
                                                         ChannelWriter& writer) = 0;
  virtual std::unique_ptr<ChannelHandler> open_exec(std::string_view command,
                                                    ChannelWriter& writer);
};

}  // namespace bulkhead::ssh
