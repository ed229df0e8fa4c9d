#include "ssh/serve.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace bulkhead::ssh {
namespace {
constexpr std::size_t kPageBytes = 4096;
// A wait this long means that nothing is being transferred: memory that a transfer touched goes
// back.
constexpr std::int64_t kTrimAfterMs = 1000;
constexpr int kMaxWaitMs = 60'000;

// Whole pages within `memory` lose their contents.
void give_back(MutableByteView memory) {
  auto begin = reinterpret_cast<std::uintptr_t>(memory.data());
  const auto end = (begin + memory.size()) & ~(kPageBytes - 1);
  begin = (begin + kPageBytes - 1) & ~(kPageBytes - 1);
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

// The received bytes that the connection has not taken yet.
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::size_t bytes)
      : capacity_(std::max(bytes, 2 * kMaxPacketBytes)),
        memory_(std::make_unique_for_overwrite<Byte[]>(capacity_)) {}

  MutableByteView held() { return {memory_.get() + begin_, end_ - begin_}; }
  void took(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Room to receive into. What is held moves to the front only when little room is left behind it.
  MutableByteView room() {
    if (capacity_ - end_ < capacity_ / 4 && begin_ > 0) {
      std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {memory_.get() + end_, capacity_ - end_};
  }
  void received(std::size_t bytes) { end_ += bytes; }
  MutableByteView memory() { return {memory_.get(), capacity_}; }

 private:
  std::size_t capacity_;
  std::unique_ptr<Byte[]> memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Server {
 public:
  Server(int socket, Connection& connection, const Clock& clock, const ServeOptions& options)
      : socket_(socket),
        connection_(connection),
        clock_(clock),
        options_(options),
        input_(options.receive_bytes) {}

  Ending run() {
    connection_.start();
    while (!connection_.ended()) {
      send_output();
      const bool took = consume_input();
      if (connection_.ended()) break;
      if (took) continue;  // there may be output now, and room for more input
      if (receive()) continue;
      if (connection_.busy()) {
        connection_.take_turn();
        on_time_if_due();
      } else {
        wait();
      }
    }
    send_the_last();
    return *connection_.ending();
  }

 private:
  void send_output() {
    while (!connection_.output().empty()) {
      const ByteView output = connection_.output();
      const ssize_t sent =
          ::send(socket_, output.data(), output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) {
        connection_.output_sent(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      gone_ = true;
      return connection_.network_ended("The connection to the client broke");
    }
  }

  bool consume_input() {
    const MutableByteView held = input_.held();
    if (held.empty()) return false;
    const std::size_t taken = connection_.consume(held);
    input_.took(taken);
    return taken > 0;
  }

  // What the socket has, without waiting.
  bool receive() {
    if (!connection_.wants_input() || std::exchange(drained_, false)) return false;
    const MutableByteView room = input_.room();
    if (room.empty()) return false;
    const ssize_t received = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    if (received > 0) {
      drained_ = static_cast<std::size_t>(received) < room.size();
      input_.received(static_cast<std::size_t>(received));
      return true;
    }
    if (received < 0 && errno == EINTR) return true;
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    gone_ = true;
    connection_.network_ended(received == 0 ? "The client closed the connection"
                                            : "The connection to the client broke");
    return true;
  }

  // Clients that leave Nagle's algorithm on (libssh) send two small messages in a row at log-in,
  // the second when the first is acknowledged: a delayed acknowledgement would cost each 40 ms,
  // twice. The kernel forgets this option as it goes, so it is said again.
  void acknowledge_at_once() {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);  // it is only a hint
  }

  void wait() {
    if (!connection_.logged_in()) acknowledge_at_once();
    pollfd poll_fd = {socket_, 0, 0};
    if (connection_.wants_input()) poll_fd.events |= POLLIN;
    if (!connection_.output().empty()) poll_fd.events |= POLLOUT;
    const auto next = connection_.next_time_ms();
    const std::int64_t left =
        next ? std::max<std::int64_t>(*next - clock_.monotonic_ms(), 0) : kMaxWaitMs;
    const int patience = static_cast<int>(std::min<std::int64_t>(left, kMaxWaitMs));
    const bool quiet = input_.held().empty() && connection_.output().empty() && !trimmed_;
    int ready = ::poll(&poll_fd, 1, quiet ? std::min<int>(patience, kTrimAfterMs) : patience);
    if (ready > 0) {
      trimmed_ = false;
    } else if (ready == 0 && quiet) {
      give_back(input_.memory());
      give_back(connection_.output_memory());
      trimmed_ = true;
    }
    on_time_if_due();
  }

  void on_time_if_due() {
    const auto next = connection_.next_time_ms();
    if (next && clock_.monotonic_ms() >= *next) connection_.on_time();
  }

  // Whatever the ending: the client should hear why.
  void send_the_last() {
    const std::int64_t until = clock_.monotonic_ms() + options_.linger_ms;
    while (!gone_ && !connection_.output().empty()) {
      send_output();
      if (gone_ || connection_.output().empty()) break;
      const std::int64_t left = until - clock_.monotonic_ms();
      if (left <= 0) break;
      pollfd poll_fd = {socket_, POLLOUT, 0};
      ::poll(&poll_fd, 1, static_cast<int>(left));
    }
    if (gone_) return;
    ::shutdown(socket_, SHUT_WR);
    // Unread input would make the kernel answer with a reset, which can overtake the DISCONNECT.
    for (int rounds = 0; rounds < 64 && drain_some(until); ++rounds) {
    }
  }

  bool drain_some(std::int64_t until) {
    const std::int64_t left = until - clock_.monotonic_ms();
    pollfd poll_fd = {socket_, POLLIN, 0};
    if (left <= 0 || ::poll(&poll_fd, 1, static_cast<int>(left)) <= 0) return false;
    return ::recv(socket_, input_.memory().data(), input_.memory().size(), MSG_DONTWAIT) > 0;
  }

  int socket_;
  Connection& connection_;
  const Clock& clock_;
  const ServeOptions& options_;
  ReceiveBuffer input_;
  bool gone_ = false;
  bool drained_ = false;  // the socket gave less than was asked for: wait before it is asked again
  bool trimmed_ = false;
};
}  // namespace

Ending serve(int socket, Connection& connection, const Clock& clock, const ServeOptions& options) {
  return Server(socket, connection, clock, options).run();
}

}  // namespace bulkhead::ssh
