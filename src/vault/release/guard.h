// May this leave? Budgets, tripwires and breakers, over what the catalogue counted. It decides
// nothing else and writes nothing: what must be journalled it hands back, and once that is applied
// the next question counts it. bench/policy drives this class with simulated time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/configuration.h"
#include "policy/ledger.h"
#include "proto/journal.pb.h"
#include "vault/catalogue/catalogue.h"

namespace bulkhead::vault {

class ReleaseGuard {
 public:
  ReleaseGuard(const Configuration& configuration, Clock& clock, Catalogue& catalogue)
      : configuration_(configuration), clock_(clock), catalogue_(catalogue) {}

  struct Asker {
    ChannelId channel;
    UserId user;
    OrganisationId organisation;
    const std::string& user_name;
    const std::string& organisation_name;
    const std::string& listener;
  };
  struct Wanted {
    NodeId node;  // of the file or folder
    VersionId version;
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;  // 0: this session has had of it before
    std::uint64_t names = 0;
  };
  struct Refusal {
    // To be recorded on the asker's channel, in this order. Whoever records a trip ends what is
    // open of the principals that it stops.
    std::vector<journal::Entry> entries;
    Error error;  // what the client is told
  };

  // Nothing: it may leave.
  Result<std::optional<Refusal>> judge(const Asker& asker, const Wanted& wanted);
  // A breaker tripped or was lifted.
  void breakers_changed();
  // The session is over.
  void forget(ChannelId channel) { sessions_.erase(channel); }
  // What the user may have in 24 hours, as of now.
  Result<BudgetSettings> limits_of(UserId user, const std::string& user_name);

 private:
  struct Level {  // one of the principals that an asker belongs to, narrowest first
    Principal who;
    policy::Width width;
    BudgetSettings budget;
  };
  struct SessionRefusals {
    std::uint32_t count = 0;
    bool stopped = false;
  };

  std::vector<Level> levels_of(const Asker& asker) const;
  Result<const policy::Ledger*> ledger_of(const Level& level);
  Result<policy::Circumstances> circumstances_of(const Asker& asker);
  Result<policy::BreakerState> state_of(const Principal& who);
  Result<std::optional<policy::Finding>> find(const Level& level, const Asker& asker,
                                              const Wanted& wanted, policy::FileAge age);
  Result<Refusal> refuse(const Level& level, const Asker& asker, const policy::Finding& finding);
  Status trip(Refusal& refusal, const Principal& who, const Asker& asker, journal::TripCause cause);
  Status trip_wider(Refusal& refusal, const Asker& asker);
  Status read_breakers();

  const Configuration& configuration_;
  Clock& clock_;
  Catalogue& catalogue_;
  std::map<Principal, policy::Ledger> ledgers_;
  std::map<ChannelId, SessionRefusals> sessions_;
  std::optional<std::vector<BreakerRow>> breakers_;
};

}  // namespace bulkhead::vault
