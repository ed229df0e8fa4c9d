#include "vault/identity/worker_pool.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace bulkhead::vault {

Result<std::unique_ptr<WorkerPool>> WorkerPool::start(std::size_t threads,
                                                      std::size_t most_waiting) {
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return fail_errno("making an eventfd for the workers");
  std::unique_ptr<WorkerPool> pool(new WorkerPool(std::move(event), most_waiting));
  for (std::size_t i = 0; i < threads; ++i)
    pool->threads_.emplace_back([raw = pool.get()] { raw->run(); });
  return pool;
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
}

Status WorkerPool::submit(Work work, Work then) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting_) {
      return fail(ErrorCode::kLimitExceeded,
                  "too many log-ins wait to be checked: try again in a moment");
    }
    waiting_.push_back({std::move(work), std::move(then)});
  }
  wake_.notify_one();
  return {};
}

void WorkerPool::run() {
  while (true) {
    Piece piece;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      piece = std::move(waiting_.front());
      waiting_.pop_front();
    }
    piece.work();
    {
      const std::lock_guard lock(mutex_);
      done_.push_back(std::move(piece.then));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(event_.get(), &one, sizeof one);
  }
}

void WorkerPool::drain() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto ignored = ::read(event_.get(), &count, sizeof count);
  std::vector<Work> done;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
  }
  for (Work& then : done)
    then();
}

}  // namespace bulkhead::vault
