#include "processes/https_session/serve.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace bulkhead::processes {
namespace {

constexpr std::size_t kNetworkBytes = 128 * 1024;
constexpr std::size_t kPlainBytes = 64 * 1024;
constexpr std::size_t kWrittenAtOnce = 128 * 1024;
constexpr int kMaxWaitMs = 60'000;
constexpr std::int64_t kLingerMs = 2000;

class Loop {
 public:
  Loop(int socket, TlsServer& tls, https::Connection& connection, const Clock& clock,
       std::int64_t handshake_ms)
      : socket_(socket),
        tls_(tls),
        connection_(connection),
        clock_(clock),
        handshake_until_ms_(clock.monotonic_ms() + handshake_ms),
        network_(std::make_unique_for_overwrite<Byte[]>(kNetworkBytes)),
        plain_(std::make_unique_for_overwrite<Byte[]>(kPlainBytes)) {}

  Status run() {
    Status status = handshake();
    if (status) status = converse();
    say_the_last(status);
    return status;
  }

 private:
  Status handshake() {
    while (!tls_.established()) {
      BH_CHECK(tls_.handshake(held_));
      BH_CHECK(send_all(handshake_until_ms_));
      if (tls_.established()) break;
      BH_TRY(const bool more, receive());
      if (!more) BH_CHECK(wait(POLLIN, handshake_until_ms_));
    }
    return {};
  }

  Status converse() {
    while (true) {
      BH_TRY(const bool sent, send_some());
      if (!sent) {
        BH_CHECK(wait_or_be_timely(POLLOUT));
        if (connection_.broken()) return {};
        continue;
      }
      if (!connection_.output().empty()) {
        const ByteView output = connection_.output();
        const ByteView now = output.first(std::min(output.size(), kWrittenAtOnce));
        BH_CHECK(tls_.write(now));
        connection_.output_sent(now.size());
      } else if (connection_.ended()) {
        return {};
      } else if (connection_.busy()) {
        connection_.take_turn();
      } else {
        BH_CHECK(read_some());
      }
    }
  }

  // Requests, from what is there or comes.
  Status read_some() {
    text_ = text_.subspan(connection_.consume(text_));
    if (!text_.empty() || !connection_.wants_input()) return {};
    BH_TRY(const std::size_t got, tls_.read(held_, {plain_.get(), kPlainBytes}));
    if (got > 0) {
      text_ = {plain_.get(), got};
      return {};
    }
    if (!tls_.output().empty()) return {};  // what TLS itself has to say
    BH_TRY(const bool more, receive());
    return more ? Status() : wait_or_be_timely(POLLIN);
  }

  // True when all is gone.
  Result<bool> send_some() {
    while (!tls_.output().empty()) {
      const ByteView output = tls_.output();
      const ssize_t sent =
          ::send(socket_, output.data(), output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) {
        tls_.output_sent(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return false;
      } else if (errno != EINTR) {
        gone_ = true;
        return fail_errno("sending to the client");
      }
    }
    return true;
  }

  Status send_all(std::int64_t until_ms) {
    while (true) {
      BH_TRY(const bool sent, send_some());
      if (sent) return {};
      BH_CHECK(wait(POLLOUT, until_ms));
    }
  }

  // False: nothing is there now. Called when what was held is used up.
  Result<bool> receive() {
    BH_ASSERT(held_.empty());
    while (true) {
      const ssize_t got = ::recv(socket_, network_.get(), kNetworkBytes, MSG_DONTWAIT);
      if (got > 0) {
        held_ = {network_.get(), static_cast<std::size_t>(got)};
        return true;
      }
      if (got == 0) {
        gone_ = true;
        return fail(ErrorCode::kDisconnected, "the client closed the connection");
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
      if (errno == EINTR) continue;
      gone_ = true;
      return fail_errno("receiving from the client");
    }
  }

  Status wait(short events, std::int64_t until_ms) {
    const std::int64_t left = until_ms - clock_.monotonic_ms();
    if (left <= 0) return fail(ErrorCode::kTimeout, "the client was too slow");
    pollfd ready{socket_, events, 0};
    ::poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, kMaxWaitMs)));
    return {};
  }

  Status wait_or_be_timely(short events) {
    const std::int64_t until_ms = connection_.next_time_ms();
    if (clock_.monotonic_ms() >= until_ms) {
      connection_.on_time();
      return {};
    }
    return wait(events, until_ms);
  }

  // Whatever the ending: the client should hear why, and that this was all.
  void say_the_last(const Status& status) {
    if (gone_) return;
    const std::int64_t until_ms = clock_.monotonic_ms() + kLingerMs;
    if (status && !connection_.broken()) tls_.close();
    if (!send_all(until_ms)) return;
    ::shutdown(socket_, SHUT_WR);
    // Unread input would make the kernel answer with a reset, which can overtake the last words.
    while (clock_.monotonic_ms() < until_ms) {
      pollfd ready{socket_, POLLIN, 0};
      if (::poll(&ready, 1, static_cast<int>(until_ms - clock_.monotonic_ms())) <= 0) return;
      if (::recv(socket_, network_.get(), kNetworkBytes, MSG_DONTWAIT) <= 0) return;
    }
  }

  int socket_;
  TlsServer& tls_;
  https::Connection& connection_;
  const Clock& clock_;
  std::int64_t handshake_until_ms_;
  std::unique_ptr<Byte[]> network_;
  std::unique_ptr<Byte[]> plain_;
  ByteView held_;  // in network_: received and not yet taken by TLS
  ByteView text_;  // in plain_: not yet taken by the connection
  bool gone_ = false;
};

}  // namespace

Status serve_https(int socket, TlsServer& tls, https::Connection& connection, const Clock& clock,
                   std::int64_t handshake_ms) {
  return Loop(socket, tls, connection, clock, handshake_ms).run();
}

}  // namespace bulkhead::processes
