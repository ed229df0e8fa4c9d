// Work whose pieces are found one by one, on several threads; results are taken in order. As
// in_order.h, where the number of pieces is not known before.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace bulkhead::exposure {

// `next()` gives a piece or nothing, for the end: called in order, by one thread at a time.
// `make(worker, piece)`: on any of `threads` threads. `take(result)`: in the order of the pieces,
// on the calling thread; false for an end. At most three results a thread are held.
template <typename Piece, typename Result, typename Next, typename Make, typename Take>
void in_parts(unsigned threads, Next next, Make make, Take take) {
  std::mutex feeding, mutex;
  std::condition_variable changed;
  std::vector<std::optional<Result>> ready(3 * std::size_t{threads});
  std::size_t begun = 0, taken = 0;
  bool ended = false;      // nothing more is wanted
  bool exhausted = false;  // there is nothing more
  const auto work = [&](unsigned worker) {
    while (true) {
      std::unique_lock feed(feeding);
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return ended || exhausted || begun < taken + ready.size(); });
      if (ended || exhausted) return;
      lock.unlock();
      std::optional<Piece> piece = next();
      lock.lock();
      const std::size_t number = begun;
      if (piece)
        ++begun;
      else
        exhausted = true;
      changed.notify_all();
      lock.unlock();
      feed.unlock();
      if (!piece) return;
      Result result = make(worker, std::move(*piece));
      lock.lock();
      ready[number % ready.size()] = std::move(result);
      changed.notify_all();
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i)
    workers.emplace_back(work, i);
  while (!ended) {
    std::optional<Result>& slot = ready[taken % ready.size()];
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return slot.has_value() || (exhausted && taken == begun); });
    if (!slot) break;
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
