// One real user with a stock client, and an attacker on the path between them and the server, who
// waits until the edge that serves them is taken.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "drill/stage/stage.h"
#include "drill/stage/taken_edge.h"

namespace bulkhead::drill {

// Passes bytes on between one client and the throw-away server, until the attacker takes over.
class Relay {
 public:
  explicit Relay(Stage& stage);
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

// OpenSSH's sftp, logged in through the relay as that person. It has fetched `path` (nothing where
// that is empty) and goes on being connected.
class HonestClient {
 public:
  HonestClient(Stage& stage, const Person& person, const std::string& path);

  // From now on the edge that served them obeys.
  TakenEdge take_edge() { return TakenEdge(stage_, relay_.take_over()); }
  // What it fetched, as it lies on the user's disk.
  std::string fetched() const;
  // Says goodbye, as people do.
  void leave();

 private:
  Stage& stage_;
  Relay relay_;
  std::string downloaded_;
  std::unique_ptr<Child> sftp_;
};

}  // namespace bulkhead::drill
