// What the programs under bench/ share. They end at the first thing that fails.
#pragma once

#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/error.h"

namespace bulkhead::bench {

// Of CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID…
inline double seconds(clockid_t which) {
  timespec now{};
  ::clock_gettime(which, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline void must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().message);
  std::exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result) must(Status(std::unexpected(std::move(result.error()))));
  return std::move(*result);
}

}  // namespace bulkhead::bench
