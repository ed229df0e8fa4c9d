// What an epoll event is about: 8 bits of kind, 56 bits of which.
#pragma once

#include <cstdint>

namespace bulkhead::supervisor {

enum class Source : std::uint64_t {
  kSignals,
  kVault,
  kLink,
  kListener,
  kProcess,
  kHandover,
  kKeeper
};

constexpr std::uint64_t tag(Source source, std::uint64_t which = 0) {
  return (static_cast<std::uint64_t>(source) << 56) | which;
}
constexpr Source source_of(std::uint64_t tag) {
  return static_cast<Source>(tag >> 56);
}
constexpr std::uint64_t which_of(std::uint64_t tag) {
  return tag & ((std::uint64_t{1} << 56) - 1);
}

}  // namespace bulkhead::supervisor
