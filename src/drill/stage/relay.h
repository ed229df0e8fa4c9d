// The attacker on the path between one client and the throw-away server.
#pragma once

#include <cstdint>
#include <thread>

#include "drill/stage/stage.h"

namespace bulkhead::drill {

// Passes bytes on between one client and the throw-away server, until the attacker takes over.
class Relay {
 public:
  explicit Relay(Stage& stage, Door door = Door::kSftp);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  // Nothing more is passed on; the server's side belongs to the caller.
  int take_over();

 private:
  void pass_on();

  int listening_ = -1;
  int client_ = -1;
  int server_ = -1;
  int wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace bulkhead::drill
