// The untrusted processes that run, and the limits on how many.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "proto/supervisor.pb.h"
#include "supervisor/process.h"
#include "supervisor/settings.h"

namespace bulkhead::supervisor {

using ChannelId = std::uint64_t;

constexpr bool is_edge(ProcessKind kind) {
  return kind == SFTP_SESSION || kind == HTTPS_SESSION;
}

struct Session {
  enum class State {
    kStarting,  // not yet in its sandbox
    kWaiting,   // for a client
    kServing,   // has one (or is an analyst or a compactor)
  };

  ChannelId channel = 0;
  ProcessKind kind = PROCESS_KIND_UNSPECIFIED;
  State state = State::kStarting;
  Process process;
  std::uint32_t slot = 0;
  UniqueFd handover;       // through which it gets its client; none afterwards
  UniqueFd client;         // our duplicate, so that the connection can be cut
  std::string counted_as;  // counting_key() of the client
  std::string peer_host;   // host_of() of the client
  bool killed = false;
};

constexpr ProcessKind kind_for(Protocol protocol) {
  return protocol == Protocol::kHttps ? HTTPS_SESSION : SFTP_SESSION;
}

// All of them by channel. Destroying it kills and reaps every one.
class Sessions {
 public:
  using Map = std::map<ChannelId, Session>;

  ChannelId next_channel() { return next_channel_++; }
  // Channels are numbered on from those of earlier runs: the journal knows them by their numbers.
  void number_after(ChannelId last) { next_channel_ = last + 1; }
  // A slot that no running process has; slots are used in turn, so that a number comes back late.
  std::uint32_t take_slot();
  void give_slot_back(std::uint32_t slot) { slots_.erase(slot); }

  Session& add(Session session);
  Session* find(ChannelId channel);
  Map& all() { return sessions_; }
  // Of an ended process: gives its slot and its place in the limits back, and closes the client's
  // socket.
  void remove(ChannelId channel);

  // Edges of a kind that have no client, in the sandbox already or on the way there.
  std::size_t waiting(ProcessKind kind) const;
  // The longest waiting edge of a kind that is in its sandbox; nullptr if there is none.
  Session* ready_edge(ProcessKind kind);

  std::size_t serving_clients() const { return clients_; }
  std::size_t serving(const std::string& counting_key) const;
  void assign(Session& session, UniqueFd client, const std::string& counting_key);

 private:
  Map sessions_;
  std::set<ChannelId> unused_;  // edges without a client: few, where sessions_ may be thousands
  ChannelId next_channel_ = 1;
  std::set<std::uint32_t> slots_;
  std::uint32_t next_slot_ = 0;
  std::size_t clients_ = 0;
  std::unordered_map<std::string, std::size_t> by_address_;
};

}  // namespace bulkhead::supervisor
