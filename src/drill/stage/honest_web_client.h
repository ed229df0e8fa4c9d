// One real user with a stock client of the web, and an attacker on the path as in honest_client.h.
#pragma once

#include <memory>
#include <string>

#include "drill/stage/relay.h"
#include "drill/stage/stage.h"
#include "drill/stage/taken_edge.h"

namespace bulkhead::drill {

// curl, which has checked the server's certificate and proof, logged in through the relay as that
// person, and fetched `path`; it goes on being connected, in the middle of an upload that does not
// end.
class HonestWebClient {
 public:
  HonestWebClient(Stage& stage, const Person& person, const std::string& path);

  // From now on the edge that served them obeys.
  TakenEdge take_edge() { return TakenEdge(stage_, relay_.take_over()); }
  // What it fetched, as it lies on the user's disk.
  std::string fetched() const;

 private:
  Stage& stage_;
  Relay relay_;
  std::string downloaded_;
  std::unique_ptr<Child> curl_;
};

}  // namespace bulkhead::drill
