// How many journal entries a second become durable, by how many wait for one. Usage: journal_bench
// FOLDER [SECONDS]; FOLDER on the disk to be measured.
#include <fmt/format.h>
#include <poll.h>

#include <cstdlib>
#include <filesystem>

#include "../measure.h"
#include "journal/committer.h"

namespace bulkhead {
namespace {

using bench::must;
using bench::seconds;

constexpr std::size_t kEntryBytes = 200;  // a grant with its lineage and a few extents

// What cannot be beaten: one small write at the end of a file, one fdatasync, again.
double syncs_per_second(const std::string& folder, double for_s) {
  const auto file = must(real_disk().open(folder + "/syncs", OpenMode::kCreate));
  const Bytes bytes(kEntryBytes + 48, 1);
  std::uint64_t done = 0;
  const double began = seconds(CLOCK_MONOTONIC);
  while (seconds(CLOCK_MONOTONIC) - began < for_s) {
    must(file->write_at(bytes, done * bytes.size()));
    must(file->sync_data());
    ++done;
  }
  return static_cast<double>(done) / (seconds(CLOCK_MONOTONIC) - began);
}

// So many that each ask again once they are answered, over one thread's event loop.
class Waiters {
 public:
  Waiters(journal::Journal& journal, journal::Committer& committer)
      : journal_(journal), committer_(committer), entry_(kEntryBytes) {}

  // Runs for so long; returns how many were answered.
  std::uint64_t run(std::size_t count, double for_s) {
    answered_ = 0;
    until_ = seconds(CLOCK_MONOTONIC) + for_s;
    for (std::size_t i = 0; i < count; ++i)
      ask();
    committer_.kick();
    pollfd event{committer_.event_fd(), POLLIN, 0};
    while (committer_.under_way() > 0) {
      ::poll(&event, 1, 1000);
      committer_.drain();
    }
    return answered_;
  }

 private:
  void ask() {
    committer_.submit({.blobs = {},
                       .append = [this]() -> Status {
                         store_le(entry_.data(), ++number_);
                         const auto appended = journal_.append(entry_);
                         return appended ? Status() : fail(appended.error());
                       },
                       .done =
                           [this](const Status& status) {
                             must(status);
                             ++answered_;
                             if (seconds(CLOCK_MONOTONIC) < until_) ask();
                           }});
  }

  journal::Journal& journal_;
  journal::Committer& committer_;
  Bytes entry_;
  std::uint64_t number_ = 0;
  std::uint64_t answered_ = 0;
  double until_ = 0;
};

void measure_all(const std::string& folder, double for_s) {
  fmt::print("{:<24} {:>10.0f} syncs/s\n", "the disk alone", syncs_per_second(folder, for_s));
  const auto journal = must(journal::Journal::open(real_disk(), folder + "/journal"));
  const auto committer = must(journal::Committer::start(*journal));
  Waiters waiters(*journal, *committer);
  for (const std::size_t count : {1u, 10u, 100u, 1000u}) {
    const double wall = seconds(CLOCK_MONOTONIC);
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const auto entries = static_cast<double>(waiters.run(count, for_s));
    const double wall_s = seconds(CLOCK_MONOTONIC) - wall;
    const double cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    fmt::print("{:<24} {:>10.0f} entries/s, {:>8.0f} per CPU second\n",
               fmt::format("{} waiting", count), entries / wall_s, entries / cpu_s);
  }
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: journal_bench FOLDER [SECONDS]\n");
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/journal-bench";
  std::filesystem::create_directories(folder);
  bulkhead::measure_all(folder, argc > 2 ? std::atof(argv[2]) : 2.0);
  std::filesystem::remove_all(folder);
  return 0;
}
