// epoll, as little of it as is needed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::processes {

class EventLoop {
 public:
  using Handler = std::function<void(std::uint32_t events)>;  // EPOLLIN…

  static Result<EventLoop> make();

  // Handlers may add, change and remove, themselves included.
  Status add(int fd, std::uint32_t events, Handler handler);
  void change(int fd, std::uint32_t events);
  void remove(int fd);

  // Waits for at most `timeout_ms` and runs the handlers of what is ready.
  Status wait(int timeout_ms);

 private:
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  std::unordered_map<int, std::shared_ptr<Handler>> handlers_;
};

}  // namespace bulkhead::processes
