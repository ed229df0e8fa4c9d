// Sits at the attacker's end and counts what of the canary files arrives there. It sees every byte
// that comes back over the attacker's sockets, and knows nothing of what the vault says was
// released.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace bulkhead::drill {

// Contents that cannot be taken for anything else: lines of 32 bytes, each of them once.
struct Canary {
  std::uint32_t number = 0;
  std::string owner;
  std::string name;
  std::string contents;
};

class Observer {
 public:
  Observer();

  // A file of `lines` lines; `owner` is who may read it.
  Canary plant(const std::string& owner, std::uint32_t lines);
  // A user who is live and proved themselves while the attack goes on: what they may read is within
  // grants.
  void is_live(const std::string& owner) { live_.insert(owner); }

  // Forgets what arrived so far.
  void start();
  // Everything that arrived. `stream` keeps apart what comes over different sockets.
  void saw(std::uint64_t stream, std::string_view bytes);
  // A file that the attacker made, or a trace that they erased, seen from outside.
  void note_file(const std::string& what) { other_files_.insert(what); }

  std::uint64_t files() const;
  std::uint64_t bytes() const;
  std::uint64_t bytes_beyond_grants() const;
  std::uint64_t names() const { return names_.size(); }

  const std::string& run() const { return run_; }

 private:
  void count_lines(std::string_view bytes);
  void count_names(std::string_view bytes);

  std::string run_;  // eight letters that are new in every run
  std::map<std::uint32_t, Canary> planted_;
  std::set<std::string> live_;
  std::map<std::uint64_t, std::string> tails_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> lines_;  // (canary, line) that arrived
  std::set<std::string> names_;
  std::set<std::string> other_files_;
};

}  // namespace bulkhead::drill
