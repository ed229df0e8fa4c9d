#include "base/clock.h"

#include <fmt/format.h>

#include <ctime>

namespace bulkhead {
namespace {

class SystemClock final : public Clock {
 public:
  UnixMicros now() const override { return read(CLOCK_REALTIME) / 1000; }
  std::int64_t monotonic_ms() const override { return read(CLOCK_MONOTONIC) / 1'000'000; }

 private:
  static std::int64_t read(clockid_t which) {
    timespec time{};
    ::clock_gettime(which, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string to_rfc3339(UnixMicros time) {
  std::int64_t seconds = time / kMicrosPerSecond;
  std::int64_t micros = time % kMicrosPerSecond;
  if (micros < 0) {
    micros += kMicrosPerSecond;
    --seconds;
  }
  const std::time_t unix_seconds = seconds;
  std::tm parts{};
  ::gmtime_r(&unix_seconds, &parts);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (micros != 0) text += fmt::format(".{:06}", micros);
  return text + "Z";
}

}  // namespace bulkhead
