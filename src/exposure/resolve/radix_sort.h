// Sorting of millions of hashed entries: their first bits are spread evenly, so three passes of
// counting put nearly all of them in place, where comparing would take twenty-odd steps each.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace bulkhead::exposure {

// Ascending. `hash_of(entry)` is a std::uint64_t by which entries are ordered first; `less` orders
// them wholly. `spare` is memory to work with, used again by the next call.
template <typename Entry, typename HashOf, typename Less>
void radix_sort(std::vector<Entry>& entries, std::vector<Entry>& spare, HashOf hash_of, Less less) {
  constexpr unsigned kBits = 11, kPasses = 3;
  constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  if (entries.size() < 4 * kBuckets) {
    std::sort(entries.begin(), entries.end(), less);
    return;
  }
  const auto digit = [&](const Entry& entry, unsigned pass) {
    return (hash_of(entry) >> (64 - kBits * (kPasses - pass))) & (kBuckets - 1);
  };
  std::vector<std::array<std::size_t, kBuckets>> counts(kPasses);
  for (auto& count : counts)
    count.fill(0);
  for (const Entry& entry : entries) {
    for (unsigned pass = 0; pass < kPasses; ++pass)
      ++counts[pass][digit(entry, pass)];
  }
  spare.resize(entries.size());
  for (unsigned pass = 0; pass < kPasses; ++pass) {
    std::size_t at = 0;
    for (std::size_t& count : counts[pass])
      at += std::exchange(count, at);
    for (const Entry& entry : entries)
      spare[counts[pass][digit(entry, pass)]++] = entry;
    entries.swap(spare);
  }
  // What agrees in the first bits stands together, and is short unless it is one hash.
  const auto prefix = [&](const Entry& entry) { return hash_of(entry) >> (64 - kBits * kPasses); };
  for (std::size_t at = 0; at < entries.size();) {
    std::size_t end = at + 1;
    while (end < entries.size() && prefix(entries[end]) == prefix(entries[at]))
      ++end;
    const auto first = entries.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = entries.begin() + static_cast<std::ptrdiff_t>(end);
    if (end - at > 1 && !std::is_sorted(first, last, less)) std::sort(first, last, less);
    at = end;
  }
}

}  // namespace bulkhead::exposure
