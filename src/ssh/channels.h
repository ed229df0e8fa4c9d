// The connection layer (RFC 4254): global requests, and up to max_channels channels of type
// "session".
#pragma once

#include <memory>
#include <vector>

#include "ssh/authority.h"
#include "ssh/channel.h"
#include "ssh/disconnect.h"
#include "ssh/options.h"
#include "ssh/packet_input.h"
#include "ssh/subsystem.h"
#include "ssh/transport.h"
#include "sshwire/reader.h"

namespace bulkhead::ssh {

class Channels {
 public:
  Channels(Authority& authority, Transport& transport, Services& services, const Options& options);

  Step on_global_request(const Packet& packet);
  Step on_open(const Packet& packet);
  Step on_window_adjust(const Packet& packet);
  Step on_data(const Packet& packet);
  Step on_extended_data(const Packet& packet);
  Step on_eof(const Packet& packet);
  Step on_close(const Packet& packet);
  Step on_request(const Packet& packet);

  Step pump();
  bool busy() const;
  Step take_turns();
  // Grows with every byte that a channel brings or takes.
  std::uint64_t transferred_bytes() const;
  std::size_t open_channels() const;

 private:
  StepResult<Channel*> find(std::uint32_t id);
  Step refuse_open(std::uint32_t peer_id, sshwire::OpenFailure why, std::string_view message);
  Step read_only_channel(const Packet& packet, std::string_view name, Channel*& channel);
  void remove_gone(Channel& channel);

  Authority& authority_;
  Transport& transport_;
  Services& services_;
  const Options& options_;
  std::vector<std::unique_ptr<Channel>> slots_;  // the index is our channel number
  std::uint64_t window_budget_;
  std::uint64_t transferred_on_gone_ = 0;
  bool no_more_sessions_ = false;
};

}  // namespace bulkhead::ssh
