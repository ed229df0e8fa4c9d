// What is owed to whom until when: the rules applied to the numbers of an incident.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notify/input/facts.h"
#include "notify/letters/recipients.h"
#include "notify/rules/rules.h"

namespace bulkhead::notify {

struct Due {
  const Rule* rule = nullptr;
  const Obligation* obligation = nullptr;
  std::string state;        // where states are counted one by one
  std::uint64_t count = 0;  // of people
  bool applies = false;
  std::string why;        // one sentence, also where it does not apply
  std::optional<Day> by;  // nothing: without unreasonable delay, no day in the rule
  bool delayed = false;   // by law enforcement
};

std::vector<Due> due_list(const Facts& facts, const Rules& rules, const Totals& totals);

std::string deadlines_json(const Facts& facts, const Rules& rules, const Totals& totals,
                           const std::vector<Due>& due);

}  // namespace bulkhead::notify
