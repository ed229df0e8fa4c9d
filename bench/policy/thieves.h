// Ten ways to use a stolen account.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "partners.h"

namespace bulkhead::bench {

struct Loot {
  std::set<std::uint64_t> files;
  std::uint64_t bytes = 0;
  std::uint64_t names = 0;
  std::uint64_t sessions = 0;
};

// What a thief does on one day (from its midnight on), beside the honest traffic.
struct Thief {
  std::string name;
  std::string victim;
  std::function<void(World& world, Partners& partners, Account& victim, UnixMicros midnight,
                     Loot& loot)>
      day;
  bool names_only = false;
};

std::vector<Thief> thieves();

}  // namespace bulkhead::bench
