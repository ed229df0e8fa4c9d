// Starts, watches and kills all other processes; accepts connections and hands each to a process of
// its own. Parses nothing that came from the network: it does not read from a client's socket at
// all.
//
// One thread, one epoll loop. Order that others rely on:
//   - ChannelOpened is sent when a process was started, ChannelAssigned before the process gets its
//   client, ChannelEnded
//     when it was reaped. So a vault that empties its control socket before it reads a channel
//     knows the client.
//   - KillChannels: SIGKILL to all that are meant, then shutdown(2) of their clients' sockets, then
//   reaping, ChannelEnded
//     for each, then Killed.
//   - The keeper's end: all untrusted processes are killed, the vault is told to stop, run() fails.
//   - The vault's end is the end of everything: all untrusted processes are killed, clients
//   disconnected, run() fails.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "supervisor/listener.h"
#include "supervisor/process.h"
#include "supervisor/refill_pace.h"
#include "supervisor/sessions.h"
#include "supervisor/settings.h"
#include "supervisor/vault_link.h"

namespace bulkhead::supervisor {

class Supervisor {
 public:
  // `ready` is told the listeners' addresses when clients may connect; once.
  using Ready = std::function<void(const std::vector<Listener>& listeners)>;

  explicit Supervisor(Settings settings, Ready ready)
      : settings_(std::move(settings)), ready_(std::move(ready)) {}

  // Returns after SIGTERM or SIGINT (done), or with the reason why it could not start or go on;
  // without words where the vault has said it.
  Status run();

 private:
  enum class Stage { kStarting, kServing, kStopping };

  // start.cpp
  Status set_up();
  Status watch_signals();
  Status start_keeper_and_vault();
  void raise_descriptor_limit();
  Status watch(int fd, std::uint32_t events, std::uint64_t tag);

  // supervisor.cpp
  Status wait_and_handle();
  Status handle(std::uint64_t tag, std::uint32_t events);
  int wait_ms() const;
  Status on_signal();
  Status begin_stopping();
  void reload();
  Status on_vault_ended();
  Status on_keeper_ended();
  Status on_time();

  // processes.cpp
  Status start_worker(ProcessKind kind, const char* program, std::uint64_t memory_bytes);
  Status start_session(ProcessKind kind, const std::string& program,
                       std::vector<std::string> arguments);
  Status refill();
  Status on_process_ended(ChannelId channel);
  void on_process_ready(ChannelId channel);
  Status on_kill(const KillChannels& wanted);
  void kill_everything();
  Status answer_finished_kills();

  // clients.cpp
  Status on_listener(std::size_t index);
  Status admit(Listener& listener, Arrival arrival);
  void hand_over(ChannelId channel);
  void refuse(std::string_view why);
  Status punish(const std::string& host, Offence offence);
  Status set_accepting();
  bool can_serve_client(const Listener& listener);

  // vault messages, supervisor.cpp
  Status on_link(std::uint32_t events);
  Status on_message(const ToSupervisor& message);
  Status on_ready(const supervisor::Ready& ready);
  Status send(const ToVault& message, std::vector<UniqueFd> descriptors = {},
              std::function<void()> then = {});
  Status vault_lost(const Error& why);
  Status update_link_interest();

  std::int64_t now_ms() const { return system_clock().monotonic_ms(); }

  struct Kill {
    std::uint64_t request;
    std::set<ChannelId> still_there;
    std::uint32_t processes;
    std::int64_t began_us;
  };

  Settings settings_;
  Ready ready_;
  Stage stage_ = Stage::kStarting;
  UniqueFd epoll_;
  UniqueFd signals_;
  std::vector<Listener> listeners_;
  std::set<std::size_t> polling_listeners_;  // those on which clients may come in now
  bool polling_link_writable_ = false;
  bool clients_allowed_ = true;  // by the vault
  std::optional<Process> keeper_;
  std::optional<Process> vault_;
  std::optional<VaultLink> link_;
  bool link_lost_ = false;
  std::optional<Error> why_stopping_;  // none: we were asked to
  Sessions sessions_;
  Penalties penalties_;
  std::vector<Kill> kills_;

  RefillPace refill_pace_;
  std::int64_t accept_not_before_ms_ = 0;
  std::int64_t stop_deadline_ms_ = 0;
  std::int64_t last_words_until_ms_ = 0;  // of a vault that closed its link
  std::uint64_t refused_ = 0;             // since it was logged last
  std::int64_t refused_logged_ms_ = 0;
};

}  // namespace bulkhead::supervisor
