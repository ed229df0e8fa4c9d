// What reading one container, and all that is in it, may cost. Containers are hostile: a few
// kilobytes can hold petabytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bulkhead::exposure {

struct ContainerLimits {
  unsigned depth = 8;               // containers within each other
  std::uint64_t members = 100'000;  // of one file, at all depths
  // Bytes that may come out of one file at all depths: the lower of `total_bytes`, and `ratio` for
  // each of the file's own bytes beyond `free_bytes`.
  std::uint64_t total_bytes = 1ULL << 40;
  std::uint64_t free_bytes = 256ULL << 20;
  std::uint64_t ratio = 1000;
  // Processor time: so long, and a second more for so many bytes of the file.
  std::uint64_t cpu_seconds = 600;
  std::uint64_t bytes_per_cpu_second = 1ULL << 20;
  // A member that is not larger lies in memory while it is read, the others come as a stream.
  std::size_t in_memory_bytes = 16ULL << 20;
};

// What is left of them. By one thread, from whose time it takes.
class ContainerBudget {
 public:
  ContainerBudget(const ContainerLimits& limits, std::uint64_t file_bytes);

  bool take_member();
  // Bytes that come out of a container. False where they are too many, or took too long.
  bool take_bytes(std::uint64_t bytes);

  bool exhausted() const { return !why_.empty(); }
  const std::string& why() const { return why_; }  // a clause, once exhausted

 private:
  std::uint64_t members_, bytes_;
  std::uint64_t member_limit_, byte_limit_;
  bool by_ratio_;
  std::int64_t deadline_ns_;  // of the thread's processor time
  std::uint64_t unchecked_bytes_ = 0;
  std::string why_;
};

}  // namespace bulkhead::exposure
