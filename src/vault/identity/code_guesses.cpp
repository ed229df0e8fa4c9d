#include "vault/identity/code_guesses.h"

#include <algorithm>

namespace bulkhead::vault {
namespace {

constexpr std::uint32_t kFreeGuesses = 5;
constexpr std::int64_t kFirstWaitMs = 30'000;
constexpr std::int64_t kLongestWaitMs = 3600'000;
constexpr std::uint32_t kMostDoublings = 7;

}  // namespace

bool CodeGuesses::may_try(UserId user, std::int64_t now_ms) const {
  const auto found = guesses_.find(user);
  return found == guesses_.end() || now_ms >= found->second.not_before_ms;
}

void CodeGuesses::wrong(UserId user, std::int64_t now_ms) {
  Guesses& guesses = guesses_[user];
  ++guesses.wrong;
  if (guesses.wrong < kFreeGuesses) return;
  const std::uint32_t doublings = std::min(guesses.wrong - kFreeGuesses, kMostDoublings);
  guesses.not_before_ms = now_ms + std::min(kFirstWaitMs << doublings, kLongestWaitMs);
}

}  // namespace bulkhead::vault
