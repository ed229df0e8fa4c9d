// Work in chunks on several threads, whose results are taken in order: what comes out does not
// depend on how many threads there were.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

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
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<Result>> ready(3 * std::size_t{threads});
  std::size_t next = 0, taken = 0;
  bool ended = false;
  const auto work = [&](unsigned worker) {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return ended || next == chunks || next < taken + ready.size(); });
      if (ended || next == chunks) return;
      const std::size_t chunk = next++;
      lock.unlock();
      Result result = make(worker, chunk);
      lock.lock();
      ready[chunk % ready.size()] = std::move(result);
      changed.notify_all();
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i)
    workers.emplace_back(work, i);
  for (; taken < chunks && !ended;) {
    std::optional<Result>& slot = ready[taken % ready.size()];
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return slot.has_value(); });
    Result result = std::move(*slot);
    lock.unlock();
    const bool more = take(std::move(result));
    lock.lock();
    slot.reset();
    ++taken;
    ended = !more;
    changed.notify_all();
  }
  for (std::thread& worker : workers)
    worker.join();
}

}  // namespace bulkhead::exposure
