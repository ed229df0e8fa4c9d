// Work in chunks on several threads, whose results are taken in order: what comes out does not
// depend on how many threads there were.
#pragma once

#include <cstddef>
#include <optional>

#include "exposure/in_parts.h"

namespace bulkhead::exposure {

// Calls `make(worker, chunk)` once for each chunk below `chunks`, a worker below `threads` doing
// one at a time, and `take(result)` in the order of chunks, on the calling thread. At most three
// results a thread are held. `take` says false for an end: then what is not begun is not made.
template <typename Result, typename Make, typename Take>
void in_order(unsigned threads, std::size_t chunks, Make make, Take take) {
  if (threads <= 1 || chunks <= 1) {
    for (std::size_t i = 0; i < chunks; ++i) {
      if (!take(make(0U, i))) return;
    }
    return;
  }
  const auto next = [chunk = std::size_t{0}, chunks]() mutable {
    return chunk == chunks ? std::nullopt : std::optional<std::size_t>(chunk++);
  };
  in_parts<std::size_t, Result>(threads, next, make, take);
}

}  // namespace bulkhead::exposure
