// The administration socket: DIR/admin.sock, or one connection that a command brought along.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "channel/message_socket.h"
#include "processes/vault/event_loop.h"
#include "vault/administration/administration.h"

namespace bulkhead::processes {

class AdministrationServer {
 public:
  using Handler = std::function<void(const admin::Request&, vault::Administration::Send)>;

  AdministrationServer(EventLoop& loop, Handler handler)
      : loop_(loop), handler_(std::move(handler)) {}
  ~AdministrationServer();

  Status listen(const std::string& path);  // replaces a socket that a killed vault left
  Status adopt(UniqueFd connection);
  bool idle() const { return connections_.empty(); }

 private:
  // Commands read at their own pace: replies wait here, bounded by what one command may ask for.
  struct Connection {
    std::unique_ptr<channel::MessageSocket> socket;
    bool gone = false;
  };

  void on_listener();
  void on_connection(int fd);
  bool same_user(int fd) const;
  void close(int fd);

  EventLoop& loop_;
  Handler handler_;
  UniqueFd listener_;
  std::string path_;
  std::unordered_map<int, std::shared_ptr<Connection>> connections_;
};

}  // namespace bulkhead::processes
