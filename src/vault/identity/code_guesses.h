// Slows down guessing a second factor's six digits by somebody who has the first (RFC 4226 section
// 7.3): after a few wrong codes of one user none is looked at for a while, longer each time.
//
// In memory: it starts anew with the vault. Bounded by the number of users.
#pragma once

#include <cstdint>
#include <map>

#include "vault/ids.h"

namespace bulkhead::vault {

class CodeGuesses {
 public:
  // Times are of Clock::monotonic_ms().
  bool may_try(UserId user, std::int64_t now_ms) const;
  void wrong(UserId user, std::int64_t now_ms);
  void right(UserId user) { guesses_.erase(user); }

 private:
  struct Guesses {
    std::uint32_t wrong = 0;  // in a row
    std::int64_t not_before_ms = 0;
  };
  std::map<UserId, Guesses> guesses_;
};

}  // namespace bulkhead::vault
