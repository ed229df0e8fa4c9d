// Addresses whose connections end without a log-in are refused for a while. Each offence adds its
// time to what is left of the last ones; nobody is refused before enough has gathered, nor for
// longer than the most. (OpenSSH's PerSourcePenalties is the model.)
//
// Memory is bounded: of too many addresses those are forgotten whose time ends first.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace bulkhead::supervisor {

enum class Offence { kNoLogin, kFailedLogin, kCrash };

struct PenaltySettings {
  std::uint32_t no_login_ms = 1'000;
  std::uint32_t failed_login_ms = 5'000;
  std::uint32_t crash_ms = 90'000;
  std::uint32_t enforced_from_ms = 15'000;
  std::uint32_t most_ms = 600'000;  // 0: no penalties
  std::uint32_t addresses = 65'536;
};

// `network` is counting_key() of an address; times are of Clock::monotonic_ms().
class Penalties {
 public:
  // For how long nobody is accepted from there from now on, where that begins with this offence;
  // otherwise 0.
  std::uint64_t add(const std::string& network, Offence offence, const PenaltySettings& settings,
                    std::int64_t now_ms);
  bool refused(const std::string& network, std::int64_t now_ms) const;
  std::size_t size() const { return penalties_.size(); }

 private:
  struct Penalty {
    std::int64_t ends_at_ms = 0;
    bool enforced = false;
  };
  void forget_first();

  std::unordered_map<std::string, Penalty> penalties_;
  std::set<std::pair<std::int64_t, std::string>> by_end_;
};

}  // namespace bulkhead::supervisor
