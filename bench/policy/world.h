// A deployment of which only what the release policy sees is real: the catalogue, fed with journal
// entries, and the vault's ReleaseGuard. Time is simulated; files have sizes and no contents.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "vault/release/guard.h"

namespace bulkhead::bench {

constexpr std::int64_t kHourMs = 3600LL * 1000;
constexpr UnixMicros kDay = 24LL * 3600 * kMicrosPerSecond;

struct File {
  std::uint64_t number = 0;  // node, version and lineage
  std::uint64_t folder = 0;
  std::uint64_t bytes = 0;
  UnixMicros at = 0;
  bool there = true;
};

struct Trip {
  UnixMicros at = 0;
  journal::BreakerTripped event;
};

class World {
 public:
  explicit World(const std::string& path);
  // The same deployment, to go on differently.
  std::unique_ptr<World> fork(const std::string& path);

  std::uint64_t add_organisation();
  std::uint64_t add_user(std::uint64_t organisation);
  std::uint64_t add_folder(std::uint64_t organisation);
  void may_read(std::uint64_t user, std::uint64_t folder);
  void upload(std::uint64_t user, std::uint64_t folder, std::uint64_t bytes);
  void remove_older_than(UnixMicros at);

  std::uint64_t log_in(std::uint64_t user, std::string network);  // a session
  struct Got {
    std::uint64_t bytes = 0;
    bool whole = false;
  };
  Got read(std::uint64_t session, const File& file);
  std::uint64_t list(std::uint64_t session, std::uint64_t folder);  // how many names came

  std::vector<const File*> readable(std::uint64_t user) const;  // oldest first
  std::uint64_t names(std::uint64_t folder) const;
  // The account's own breaker, or one above it.
  bool stopped(std::uint64_t user);

  void go_to(UnixMicros at);  // never back
  UnixMicros now() const { return clock_.now(); }
  const std::vector<Trip>& trips() const { return trips_; }
  std::uint64_t refusals() const { return refusals_; }

 private:
  struct User {
    std::uint64_t organisation = 0;
    std::set<std::uint64_t> folders;
  };
  struct Session {
    std::uint64_t user = 0;
    std::set<std::uint64_t> read;
  };

  void open();
  void record(std::uint64_t session, journal::Entry entry);
  bool may_leave(std::uint64_t session, const vault::ReleaseGuard::Wanted& wanted);

  std::string path_;
  ManualClock clock_;
  Configuration configuration_;
  std::unique_ptr<vault::Catalogue> catalogue_;
  std::unique_ptr<vault::ReleaseGuard> guard_;
  std::uint64_t organisations_ = 0;
  std::vector<User> users_;  // by number, from 1
  std::uint64_t last_node_ = 1;
  std::vector<Session> sessions_;  // by number, from 1
  std::vector<File> files_;
  std::vector<Trip> trips_;
  std::uint64_t refusals_ = 0;
};

}  // namespace bulkhead::bench
