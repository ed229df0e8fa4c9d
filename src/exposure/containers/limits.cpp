#include "exposure/containers/limits.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

namespace bulkhead::exposure {
namespace {

constexpr std::uint64_t kBytesBetweenLooks = 1024 * 1024;  // at the clock
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

std::int64_t cpu_time_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * kNanosPerSecond + now.tv_nsec;
}

std::uint64_t by_ratio(const ContainerLimits& limits, std::uint64_t file_bytes) {
  const bool too_much = file_bytes > (UINT64_MAX - limits.free_bytes) / limits.ratio;
  return too_much ? UINT64_MAX : limits.free_bytes + limits.ratio * file_bytes;
}

}  // namespace

ContainerBudget::ContainerBudget(const ContainerLimits& limits, std::uint64_t file_bytes)
    : members_(limits.members),
      bytes_(std::min(limits.total_bytes, by_ratio(limits, file_bytes))),
      member_limit_(limits.members),
      byte_limit_(bytes_),
      by_ratio_(bytes_ < limits.total_bytes) {
  const std::uint64_t seconds = limits.cpu_seconds + file_bytes / limits.bytes_per_cpu_second;
  deadline_ns_ = cpu_time_ns() + static_cast<std::int64_t>(seconds) * kNanosPerSecond;
}

bool ContainerBudget::take_member() {
  if (exhausted()) return false;
  if (members_ == 0) {
    why_ =
        fmt::format("it holds more than {} members: unpack it and scan the folder", member_limit_);
    return false;
  }
  --members_;
  return take_bytes(kBytesBetweenLooks / 256);  // for its header; many empty ones take time too
}

bool ContainerBudget::take_bytes(std::uint64_t bytes) {
  if (exhausted()) return false;
  if (bytes > bytes_) {
    why_ = by_ratio_ ? fmt::format(
                           "more than {} bytes come out of it, which is out of all "
                           "proportion to its size: a bomb, or to be unpacked by hand",
                           byte_limit_)
                     : fmt::format(
                           "more than {} bytes come out of it: unpack it and scan the "
                           "folder",
                           byte_limit_);
    return false;
  }
  bytes_ -= bytes;
  unchecked_bytes_ += bytes;
  if (unchecked_bytes_ < kBytesBetweenLooks) return true;
  unchecked_bytes_ = 0;
  if (cpu_time_ns() < deadline_ns_) return true;
  why_ = "reading it took longer than its size allows: unpack it and scan the folder";
  return false;
}

}  // namespace bulkhead::exposure
