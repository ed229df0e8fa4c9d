// The vault's sockets: one to the supervisor, one for each untrusted process. Level-triggered, one
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "channel/endpoint.h"
#include "channel/message_socket.h"
#include "processes/vault/event_loop.h"
#include "proto/supervisor.pb.h"
#include "vault/vault.h"

namespace bulkhead::processes {

class Channels final : public vault::Outbox, public vault::Processes {
 public:
  explicit Channels(EventLoop& loop) : loop_(loop) {}
  ~Channels() override;

  // Without a supervisor (a command's own vault) there are no channels and no processes.
  Status attach_supervisor(UniqueFd socket);
  bool attached() const { return supervisor_ != nullptr; }
  void serve(vault::Vault& vault) { vault_ = &vault; }
  Status send_ready(bool contained, vault::ChannelId last_channel);
  bool stop_asked() const { return stop_asked_; }
  bool supervisor_gone() const { return supervisor_gone_; }

  // vault::Outbox
  void send(vault::ChannelId channel, channel::Reply reply,
            std::vector<UniqueFd> descriptors) override;
  void end(vault::ChannelId channel) override;
  // vault::Processes
  void peer_offended(const std::string& peer_address, Offence offence) override;
  void start_analyst() override;
  void start_compactor() override;
  void kill(std::vector<vault::ChannelId> channels,
            std::function<void(std::uint32_t)> done) override;
  void accept_clients(bool accept) override;

 private:
  void on_supervisor();
  void on_message(const supervisor::ToVault& message, std::vector<UniqueFd> descriptors);
  void on_channel(vault::ChannelId channel, bool writable);
  bool is_assigned(vault::ChannelId channel) const;
  void add_channel(const supervisor::ChannelOpened& opened, UniqueFd socket);
  void drop(vault::ChannelId channel, std::string_view how);
  Status tell(const supervisor::ToSupervisor& message);
  void want(vault::ChannelId channel, bool speaks = false);

  struct Open {
    std::unique_ptr<channel::Endpoint> endpoint;
    bool assigned = false;  // the supervisor said whose connection it is
    bool asking = false;  // a request is with the vault: nothing more is read until it is answered
    std::uint32_t watched = 0x1;  // of its socket: EPOLLIN
  };

  EventLoop& loop_;
  vault::Vault* vault_ = nullptr;
  std::unique_ptr<channel::MessageSocket> supervisor_;
  std::unordered_map<vault::ChannelId, Open> open_;
  std::map<std::uint64_t, std::function<void(std::uint32_t)>> kills_;
  std::uint64_t next_kill_ = 1;
  bool stop_asked_ = false;
  bool supervisor_gone_ = false;
};

}  // namespace bulkhead::processes
