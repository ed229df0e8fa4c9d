// What one principal may still have. Made from 57 days of its traffic, good for one clock hour; the
// traffic of that hour is handed in with each question, so that every answer counts all before it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/configuration.h"
#include "policy/learn.h"
#include "policy/traffic.h"

namespace bulkhead::policy {

enum class Width { kUser, kOrganisation, kListener, kDeployment };
enum class Measure {
  kBytes = 0,
  kFiles = 1,
  kNames = 2,
  kOldFiles = 3,
  kEverything = 4,
  kNewNames = 5
};

std::string_view name_of(Measure measure);  // "bytes", "old files"

struct Rules {
  Width width = Width::kUser;
  BudgetSettings budget;  // as configured for this principal
  Configuration const* configuration = nullptr;
};

struct Wanted {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t names = 0;
  std::uint64_t new_names = 0;    // of those; see HourOfTraffic
  FileAge age = FileAge::kFresh;  // of those files
};

// What makes the same request less usual. Each halves what was learned.
struct Circumstances {
  bool new_address = false;  // this user never read from there before this week
};

struct Finding {
  Measure measure = Measure::kBytes;
  std::uint32_t hours = 24;  // the budget's period
  std::uint64_t limit = 0;
  bool tripwire = false;  // not only refused: it opens the breaker
};

class Ledger {
 public:
  // `traffic` may hold the hour itself, which is left out.
  Ledger(std::span<const HourOfTraffic> traffic, std::int64_t now_hour, const Rules& rules);

  std::int64_t hour() const { return hour_; }
  const Usual& usual() const { return usual_; }

  // Nothing: it may go. `now` is the traffic of this hour that is not forgiven.
  std::optional<Finding> judge(const HourOfTraffic& now, const Wanted& wanted,
                               const Circumstances& circumstances) const;
  // Whether reading one more file is so much more than usual that it matters how many there are to
  // read. Then ask judge_everything().
  bool much_more_than_usual(const HourOfTraffic& now) const;
  std::optional<Finding> judge_everything(const HourOfTraffic& now, std::uint64_t readable) const;
  // Requests over budget in 24 hours.
  std::uint64_t refused(const HourOfTraffic& now) const { return day_.refused + now.refused; }
  // What may leave in 24 hours, as of now.
  BudgetSettings limits(const Circumstances& circumstances) const;
  // Names of folders that are new to who is experienced, in 28 days.
  std::uint64_t new_names_limit() const;

 private:
  Rules rules_;
  std::int64_t hour_;
  Usual usual_;
  HourOfTraffic day_;    // this hour's 24 before it: with it, never less than 24 hours
  HourOfTraffic night_;  // 23 of them: a nightly pull does not meet the one before it
  HourOfTraffic month_;  // those of the last 28 days
};

}  // namespace bulkhead::policy
