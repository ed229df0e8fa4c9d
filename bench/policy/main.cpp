// policy_bench [SEED] [--check]: see README.md.
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "thieves.h"

namespace bulkhead::bench {
namespace {

constexpr int kHonestDays = 90;
constexpr int kTheftDays = 90;
constexpr std::size_t kMostFalseTrips = 1;

std::string shown_cause(const journal::BreakerTripped& event) {
  return fmt::format("{} / {}", journal::Scope_Name(event.scope()),
                     journal::TripCause_Name(event.cause()));
}

struct Outcome {
  int days = 0;
  bool stopped = false;
};

Outcome play(World& world, Partners partners, const Thief& thief, Loot& loot, UnixMicros start) {
  Account& victim = partners.account(thief.victim);
  for (int day = kHonestDays; day < kHonestDays + kTheftDays; ++day) {
    partners.day(world, day, victim.organisation);
    thief.day(world, partners, victim, start + day * kDay, loot);
    if (world.stopped(victim.user)) return {.days = day - kHonestDays + 1, .stopped = true};
  }
  return {.days = kTheftDays, .stopped = false};
}

bool play_thief(World& honest, const Partners& partners, const Thief& thief, UnixMicros start,
                const std::string& folder) {
  const auto world = honest.fork(folder + "/fork");
  Partners theirs = partners;
  const Account& victim = theirs.account(thief.victim);
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (const File* file : world->readable(victim.user)) {
    ++files;
    bytes += file->bytes;
  }
  Loot loot;
  const Outcome outcome = play(*world, partners, thief, loot, start);
  const double of_files = thief.names_only ? 0
                                           : 100.0 * static_cast<double>(loot.files.size()) /
                                                 static_cast<double>(files);
  fmt::print("{:<46} {:<9} {:>6.1f} % {:>6.1f} % {:>6.1f} % {:>5} {}\n", thief.name,
             outcome.stopped ? "stopped" : "NOT", of_files,
             100.0 * static_cast<double>(loot.bytes) / static_cast<double>(bytes),
             100.0 * static_cast<double>(loot.names) / static_cast<double>(files), outcome.days,
             world->trips().empty() ? "" : shown_cause(world->trips().back().event));
  return outcome.stopped;
}

int run(std::uint64_t seed, bool check) {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "bulkhead-policy-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return 1;
  World world(pattern + "/honest");
  const UnixMicros start = world.now();
  Partners partners(world, seed);
  for (int day = 0; day < kHonestDays; ++day)
    partners.day(world, day);
  fmt::print("honest partners, {} days, seed {}: {} false trips, {} requests refused\n",
             kHonestDays, seed, world.trips().size(), world.refusals());
  for (const Trip& trip : world.trips())
    fmt::print("  day {}: user {}: {}\n", (trip.at - start) / kDay, trip.event.user(),
               shown_cause(trip.event));
  bool good = world.trips().size() <= kMostFalseTrips;

  fmt::print("\n{:<46} {:<9} {:>8} {:>8} {:>8} {:>5} by\n", "thief", "", "files", "bytes", "names",
             "days");
  for (const Thief& thief : thieves())
    good &= play_thief(world, partners, thief, start, pattern);
  std::filesystem::remove_all(pattern);
  return check && !good ? 1 : 0;
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--check") == 0) {
      check = true;
    } else {
      std::from_chars(argv[i], argv[i] + std::strlen(argv[i]), seed);
    }
  }
  return bulkhead::bench::run(seed, check);
}
