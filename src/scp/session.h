// The server's half of the scp protocol (rcp's, of 4.3BSD; what OpenSSH's `scp -O` and PuTTY's
// `pscp -scp` speak) as a state machine without I/O: bytes of the channel in, calls of
// sftp::FileSystem, bytes into a sftp::ReplySink.
//
// The bytes are hostile. Memory is bounded by limits.h whatever they are; the data of a file goes
// through piece by piece and is never collected. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "scp/command.h"
#include "sftp/file_system.h"
#include "sftp/reply_sink.h"

namespace bulkhead::scp {

class Session {
 public:
  virtual ~Session() = default;

  // The next bytes of the channel, in any portions. Returns how many it took: fewer than given only
  // while output waits for room or busy() is true; come again with the rest after resume().
  virtual std::size_t on_data(ByteView bytes) = 0;
  // The client sends no more. Afterwards exit_status() is there, or will be after some resume().
  virtual void on_eof() = 0;
  // To be called when there is room in the sink again, and again and again while busy(), which may
  // be so from the beginning (whoever receives speaks first). Works for some milliseconds.
  virtual void resume() = 0;
  virtual bool busy() const = 0;

  // Once it is over: 0 when everything was transferred. Nothing may be called any more. What was
  // being written and was not finished is kept for resuming by another protocol.
  virtual std::optional<std::uint32_t> exit_status() const = 0;
};

// `text` is the command as the client sent it; one that cannot be done becomes a session that says
// why, in the way that clients show to people. Nothing is sent before the first call. The file
// system and the sink must outlive it.
std::unique_ptr<Session> start(std::string_view text, sftp::FileSystem& files,
                               sftp::ReplySink& out);

}  // namespace bulkhead::scp
