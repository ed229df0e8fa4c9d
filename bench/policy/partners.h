// Honest traffic of a deployment, day by day, from a seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "world.h"

namespace bulkhead::bench {

enum class Habit { kNightly, kWeekly, kClerk };

struct Account {
  std::string name;
  std::uint64_t user = 0;
  std::uint64_t organisation = 0;
  Habit habit = Habit::kNightly;
  std::vector<std::uint64_t> pulls;  // folders; it may read more
  std::string network;
  int first_day = 0;
  UnixMicros pulled_at = 0;
};

struct Feed {
  std::uint64_t folder = 0;
  std::uint64_t sender = 0;
  std::uint64_t organisation = 0;
  double files_a_day = 0;
  double megabytes = 0;  // the median file
  int first_day = 0;
  bool extract_at_month_end = false;  // one of some gigabytes
};

class Partners {
 public:
  Partners(World& world, std::uint64_t seed);

  // Everything of that day; of one organisation only where one is named.
  void day(World& world, int day, std::uint64_t only_organisation = 0);
  Account& account(const std::string& name);
  std::vector<Account*> accounts_of(std::uint64_t organisation);

 private:
  void build(World& world);
  std::uint64_t add_feed(World& world, std::uint64_t organisation, double files, double megabytes);
  Account& add_account(World& world, const std::string& name, std::uint64_t organisation,
                       Habit habit, std::vector<std::uint64_t> folders);
  void send(World& world, const Feed& feed, int day);
  void pull(World& world, Account& account);
  void work(World& world, Account& account);
  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

  std::mt19937_64 random_;
  std::vector<Feed> feeds_;
  std::vector<Account> accounts_;
  UnixMicros start_;
};

}  // namespace bulkhead::bench
