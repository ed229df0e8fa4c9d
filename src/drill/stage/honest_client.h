// One real user with a stock client, and an attacker on the path between them and the server, who
// waits until the edge that serves them is taken.
#pragma once

#include <memory>
#include <string>

#include "drill/stage/relay.h"
#include "drill/stage/stage.h"
#include "drill/stage/taken_edge.h"

namespace bulkhead::drill {

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
