// The time, as a seam: tests move it.
#pragma once

#include <cstdint>
#include <string>

namespace bulkhead {

// Microseconds since 1970-01-01T00:00:00Z, leap seconds ignored as POSIX does.
using UnixMicros = std::int64_t;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixMicros now() const = 0;             // wall clock
  virtual std::int64_t monotonic_ms() const = 0;  // for time-outs; starts anywhere, never goes back
};

Clock& system_clock();

// A clock that stands until it is moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMicros start) : now_(start) {}
  UnixMicros now() const override { return now_; }
  std::int64_t monotonic_ms() const override { return now_ / 1000; }
  void advance_ms(std::int64_t ms) { now_ += ms * 1000; }

 private:
  UnixMicros now_;
};

// "2026-11-24T02:03:04.567890Z", RFC 3339 in UTC; without a fraction where it is zero.
std::string to_rfc3339(UnixMicros time);

}  // namespace bulkhead
