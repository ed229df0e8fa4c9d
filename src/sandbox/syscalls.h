// Which system calls each kind of process may make: tables to be read in a review, a reason a line.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "sandbox/sandbox.h"

namespace bulkhead::sandbox {

// A condition on one argument of the call: (argument & mask) == value.
struct ArgumentIs {
  unsigned index;
  std::uint64_t mask;
  std::uint64_t value;
};

constexpr std::size_t kMaxConditions = 2;

struct Allowed {
  int number;  // SCMP_SYS(); negative where this machine has no such call
  std::string_view why;
  std::array<ArgumentIs, kMaxConditions> when{};
  std::size_t conditions = 0;
};

// Everything that `kind` may call; several tables that belong together.
std::span<const std::span<const Allowed>> allowed_for(Kind kind);

// Installs the filter for this process. Everything that is not in the tables kills it, with SIGSYS.
// (the vault's: is refused with EPERM).
Status allow_only(Kind kind);

// For the supervisor: refuses a list with EPERM and leaves the rest. Inherited by what it starts.
Status deny_to_supervisor();

}  // namespace bulkhead::sandbox
