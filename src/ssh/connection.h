// One client's SSH connection, server side: a state machine without I/O.
//
// The owner brings received bytes (hostile) to consume() and sends what output() shows; time comes
// from the Clock. Memory is bounded: the output buffer, and per channel what its window allows.
// Authority is asked from within consume() and blocks it. Not thread-safe.
//
//     Connection connection(authority, services, options, clock);
//     connection.start();
//     loop: consume() what came; send output(), tell output_sent(); call on_time() at
//     next_time_ms();
//           until ended() and output() is sent.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "ssh/authority.h"
#include "ssh/channels.h"
#include "ssh/login.h"
#include "ssh/options.h"
#include "ssh/subsystem.h"
#include "ssh/transport.h"

namespace bulkhead::ssh {

struct Ending {
  enum class By { kServer, kClient, kNetwork };
  By by;
  DisconnectReason reason;
  std::string message;  // ours; what a client wrote into its DISCONNECT is not kept
};

class Connection {
 public:
  // All must outlive the connection. `options` is copied.
  Connection(Authority& authority, Services& services, const Options& options, const Clock& clock);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();

  // Takes whole packets from the front of `received`, decrypting in place, and returns how many
  // bytes it took. The rest must be brought again at the front of the next call, unchanged, with
  // what has come since. Takes nothing while the output is too full (see wants_input()) or after
  // the end.
  std::size_t consume(MutableByteView received);
  // Whether consume() can do anything with more bytes. False: send output first.
  bool wants_input();

  ByteView output() const { return transport_.output().pending(); }
  void output_sent(std::size_t bytes);

  // Whether a subsystem wants to go on working: call take_turn() instead of waiting for the
  // network.
  bool busy() const { return !ended() && channels_.busy(); }
  void take_turn();

  // When on_time() is to be called next, on Clock::monotonic_ms(); nothing: never.
  std::optional<std::int64_t> next_time_ms() const;
  void on_time();

  // The network says that the client is gone.
  void network_ended(std::string message);
  // From the owner: ends the connection with a DISCONNECT.
  void end(DisconnectReason reason, std::string message);

  bool ended() const { return ending_.has_value(); }
  const std::optional<Ending>& ending() const { return ending_; }

  bool logged_in() const { return login_.done(); }
  const Transport& transport() const { return transport_; }
  MutableByteView output_memory() { return transport_.output().memory(); }

 private:
  friend struct DispatchTable;

  StepResult<std::size_t> consume_one(MutableByteView received);
  Step on_packet(const Packet& packet);
  Step on_disconnect(const Packet& packet);
  Step on_ignore(const Packet& packet);
  Step on_debug(const Packet& packet);
  Step on_unimplemented(const Packet& packet);
  Step send_unimplemented(const Packet& packet);
  Step on_kexinit(const Packet& packet);
  Step on_newkeys(const Packet& packet);
  void settle(const Step& step);
  void note_progress(std::int64_t now_ms);

  Options options_;
  const Clock& clock_;
  Transport transport_;
  Login login_;
  Channels channels_;
  std::optional<Ending> ending_;
  std::int64_t started_at_ms_ = 0;
  std::int64_t progress_at_ms_ = 0;
  std::uint64_t progress_bytes_ = 0;
};

}  // namespace bulkhead::ssh
