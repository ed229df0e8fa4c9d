#include "cli/confined_reading.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "sandbox/sandbox.h"

namespace bulkhead::cli {
namespace {

constexpr std::uint64_t kLeastMemory = 1ULL << 30;
// Uids below those of keeper and forwarder, above those of any deployment's sessions.
constexpr std::uint32_t kFirstSlot = sandbox::kSlots - 4096, kSlotsHere = 4000;

// What was found in a large file lies in memory: as much as there is.
std::uint64_t memory_of_machine() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  return pages * static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
}

}  // namespace

Status confine_reading(const std::vector<int>& keep) {
  sandbox::Policy policy =
      sandbox::analyst_policy(kFirstSlot + static_cast<std::uint32_t>(::getpid()) % kSlotsHere,
                              std::max(kLeastMemory, memory_of_machine()));
  policy.keep = keep;
  BH_CHECK(sandbox::enter(policy));
  return {};
}

}  // namespace bulkhead::cli
