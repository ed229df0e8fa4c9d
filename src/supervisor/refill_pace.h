// How soon processes that died before they served anybody are replaced: ever later, so that a
// program that cannot start does not keep the machine busy. Each kind by itself: one that cannot
// start does not slow the others.
#pragma once

#include <cstdint>
#include <map>

#include "proto/supervisor.pb.h"

namespace bulkhead::supervisor {

// Times are of Clock::monotonic_ms().
class RefillPace {
 public:
  bool may_start(ProcessKind kind, std::int64_t now_ms) const;
  void died_unused(ProcessKind kind, std::int64_t now_ms);
  void served(ProcessKind kind);  // somebody: the next death is the first one again
  // When the next kind that waits may be started; INT64_MAX: none waits.
  std::int64_t next_ms(std::int64_t now_ms) const;

 private:
  struct Pace {
    std::int64_t not_before_ms = 0;
    std::uint32_t deaths = 0;  // in a row
  };
  std::map<ProcessKind, Pace> paces_;
};

}  // namespace bulkhead::supervisor
