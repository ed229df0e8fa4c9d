// A fast hash for tables in memory. Not for anything that leaves the process; seeded, because the
// keys are hostile.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace bulkhead::exposure {

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  std::uint64_t state = seed ^ (bytes.size() * kOdd);
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    state = mix(state ^ word, kOdd ^ seed);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  state = mix(state ^ word, 0xD6E8FEB86659FD93ULL);
  return mix(state ^ (state >> 29), kOdd);
}

std::uint64_t table_seed();  // random, once a process

}  // namespace bulkhead::exposure
