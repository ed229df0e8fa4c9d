// The server side of SFTP version 3 (draft-ietf-secsh-filexfer-02, with OpenSSH's PROTOCOL
// extensions) as a state machine without I/O: bytes of the channel in, calls of FileSystem, replies
// into a ReplySink.
//
// The bytes are hostile. Memory is bounded by limits.h whatever they are; requests are answered one
// after the other in the order in which they came. The data of a WRITE goes to the file piece by
// piece as it arrives and is never collected; the data of a READ is read straight into the sink.
// One thread.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "sftp/file_system.h"
#include "sftp/reply_sink.h"

namespace bulkhead::sftp {

class Session;

class Server {
 public:
  // All three must outlive the server. The clock is for the listing's dates.
  Server(FileSystem& file_system, ReplySink& sink, const Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The next bytes of the channel, in any portions. Returns how many it took: fewer than given only
  // when the sink is full or busy() has begun; come again with the rest when there is room, or
  // after resume(). An error ends the session: the client broke the protocol, and the sentence says
  // how (kMalformed) and may be shown to it. What the sink holds should still be sent; on_data()
  // must not be called again.
  Result<std::size_t> on_data(ByteView bytes);

  // A request that takes long (copy-data) is under way: call resume() until this is false, looking
  // after the connection between the calls. Each call works for some milliseconds.
  bool busy() const;
  Status resume();

  // False when the channel ends in the middle of a packet: worth a line in the log, nothing else.
  bool between_packets() const;

 private:
  // How many bytes of a packet, its length field included, must be there before the next step can
  // be taken.
  Result<std::size_t> bytes_needed(ByteView have) const;
  Result<bool> step(ByteView& rest);
  Status execute(ByteView packet);
  bool continue_write(ByteView& rest);
  void drop_held();

  ReplySink& sink_;
  std::unique_ptr<Session> session_;
  Bytes held_;                    // the beginning of a packet whose rest has not arrived
  std::size_t data_left_ = 0;     // of the WRITE that is arriving
  std::size_t padding_left_ = 0;  // behind it, in its packet
  bool over_ = false;
};

}  // namespace bulkhead::sftp
