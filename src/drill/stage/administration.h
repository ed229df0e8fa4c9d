// The administration socket of a throw-away deployment, as an operator's command uses it, and as an
// attacker with an administrator's rights does.
#pragma once

#include <string>
#include <vector>

#include "proto/admin.pb.h"

namespace bulkhead::drill {

class Administration {
 public:
  // Throws Interrupted where nobody listens.
  explicit Administration(const std::string& data_folder);
  ~Administration();
  Administration(const Administration&) = delete;
  Administration& operator=(const Administration&) = delete;

  // Throws Interrupted with the vault's own words where it refuses.
  std::vector<admin::Reply> ask(const admin::Request& request);
  // The same, and the last reply tells whether it refused.
  std::vector<admin::Reply> try_to_ask(const admin::Request& request);

  // All that one kind of entry says, as "key=value key=value".
  struct Event {
    std::uint64_t index = 0;
    std::int64_t at_us = 0;
    std::uint64_t channel = 0;
    std::string event;
    std::string details;
  };
  std::vector<Event> journal(const std::string& event = "");

 private:
  int socket_ = -1;
};

}  // namespace bulkhead::drill
