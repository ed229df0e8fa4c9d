#include "supervisor/penalties.h"

#include <algorithm>

namespace bulkhead::supervisor {
namespace {

std::int64_t time_for(Offence offence, const PenaltySettings& settings) {
  switch (offence) {
    case Offence::kNoLogin:
      return settings.no_login_ms;
    case Offence::kFailedLogin:
      return settings.failed_login_ms;
    case Offence::kCrash:
      return settings.crash_ms;
  }
  return 0;
}

}  // namespace

void Penalties::forget_first() {
  penalties_.erase(by_end_.begin()->second);
  by_end_.erase(by_end_.begin());
}

std::uint64_t Penalties::add(const std::string& network, Offence offence,
                             const PenaltySettings& settings, std::int64_t now_ms) {
  while (!by_end_.empty() && by_end_.begin()->first <= now_ms)
    forget_first();
  const std::int64_t time_ms = time_for(offence, settings);
  if (settings.most_ms == 0 || settings.addresses == 0 || time_ms == 0) return 0;
  Penalty penalty;
  if (const auto found = penalties_.find(network); found != penalties_.end()) {
    penalty = found->second;
    by_end_.erase({penalty.ends_at_ms, network});
    penalties_.erase(found);
  }
  penalty.ends_at_ms = std::min(std::max(penalty.ends_at_ms, now_ms) + time_ms,
                                now_ms + std::int64_t{settings.most_ms});
  const std::int64_t left_ms = penalty.ends_at_ms - now_ms;
  const bool begins = !penalty.enforced && left_ms >= std::int64_t{settings.enforced_from_ms};
  penalty.enforced = penalty.enforced || begins;
  while (penalties_.size() >= settings.addresses)
    forget_first();
  penalties_.emplace(network, penalty);
  by_end_.emplace(penalty.ends_at_ms, network);
  return begins ? static_cast<std::uint64_t>(left_ms) : 0;
}

bool Penalties::refused(const std::string& network, std::int64_t now_ms) const {
  const auto found = penalties_.find(network);
  return found != penalties_.end() && found->second.enforced && now_ms < found->second.ends_at_ms;
}

}  // namespace bulkhead::supervisor
