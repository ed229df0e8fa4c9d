// A bounded pool of threads for what must not hold up the vault's thread: hashing passwords,
// reading the whole journal. Work sees only what it was handed; results come back on the vault's
// thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::vault {

class WorkerPool {
 public:
  using Work = std::function<void()>;

  // At most `most_waiting` pieces of work wait.
  static Result<std::unique_ptr<WorkerPool>> start(std::size_t threads, std::size_t most_waiting);
  ~WorkerPool();  // finishes what runs, drops what waits

  // `work` runs on a worker, then `then` on the owner's thread, inside drain(). kLimitExceeded when
  // too much waits.
  Status submit(Work work, Work then);

  int readable_when_done() const { return event_.get(); }
  void drain();

 private:
  struct Piece {
    Work work;
    Work then;
  };
  WorkerPool(UniqueFd event, std::size_t most_waiting)
      : event_(std::move(event)), most_waiting_(most_waiting) {}
  void run();

  UniqueFd event_;
  std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Piece> waiting_;
  std::vector<Work> done_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace bulkhead::vault
