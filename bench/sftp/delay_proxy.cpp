// A long path to a server on this machine: passes TCP connections on, at so many Mbit/s and with so
// much delay each way. Where the kernel has netem, that is better; many have not.
//
//     delay_proxy PORT RATE_MBIT_S ONE_WAY_MS        prints the port that it listens on
//
// What it delays is what is inside of TCP: windows of TCP itself do not limit here.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <time.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <vector>

namespace {

constexpr std::size_t kBlockBytes = 64 << 10;
constexpr std::size_t kMostQueuedBytes = 64 << 20;  // more than any path here holds
constexpr double kNever = 1e18;

double now_s() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Path {
  double seconds_per_byte = 0;
  double delay_s = 0;
};

// One direction of one connection.
class Pipe {
 public:
  Pipe(int from, int to) : from_(from), to_(to) {}

  bool wants_read() const { return !ended_ && queued_ < kMostQueuedBytes; }
  bool over() const { return ended_ && queue_.empty(); }
  // When the next block arrives; kNever: none is under way.
  double due_s() const { return queue_.empty() ? kNever : queue_.front().due_s; }
  int from() const { return from_; }
  int to() const { return to_; }

  void read(const Path& path) {
    Block block;
    block.bytes.resize(kBlockBytes);
    const ssize_t got = ::recv(from_, block.bytes.data(), block.bytes.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      ended_ = true;
      return;
    }
    block.bytes.resize(static_cast<std::size_t>(got));
    line_free_s_ =
        std::max(line_free_s_, now_s()) + static_cast<double>(got) * path.seconds_per_byte;
    block.due_s = line_free_s_ + path.delay_s;
    queued_ += block.bytes.size();
    queue_.push_back(std::move(block));
  }

  // False: the other side takes no more for now.
  bool write() {
    while (!queue_.empty() && queue_.front().due_s <= now_s()) {
      Block& block = queue_.front();
      const ssize_t sent = ::send(to_, block.bytes.data() + block.sent,
                                  block.bytes.size() - block.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return false;
      if (sent < 0) {
        queue_.clear();
        ended_ = true;
        return true;
      }
      block.sent += static_cast<std::size_t>(sent);
      if (block.sent < block.bytes.size()) return false;
      queued_ -= block.bytes.size();
      queue_.pop_front();
    }
    return true;
  }

 private:
  struct Block {
    std::vector<char> bytes;
    std::size_t sent = 0;
    double due_s = 0;
  };
  int from_;
  int to_;
  std::deque<Block> queue_;
  std::size_t queued_ = 0;
  double line_free_s_ = 0;
  bool ended_ = false;
};

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// One connection after the other: what is measured is one stream.
void serve(int client, int server, const Path& path) {
  const int one = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  Pipe pipes[] = {{client, server}, {server, client}};
  while (!pipes[0].over() && !pipes[1].over()) {
    pollfd polls[2] = {{client, 0, 0}, {server, 0, 0}};
    double due_s = kNever;
    for (Pipe& pipe : pipes) {
      const bool taken = pipe.write();
      if (pipe.wants_read()) polls[pipe.from() == client ? 0 : 1].events |= POLLIN;
      if (!taken) polls[pipe.to() == client ? 0 : 1].events |= POLLOUT;
      if (taken) due_s = std::min(due_s, pipe.due_s());
    }
    timespec wait{1, 0};
    if (due_s != kNever) {
      const double left_s = std::clamp(due_s - now_s(), 0.0, 1.0);
      wait = {static_cast<time_t>(left_s),
              static_cast<long>((left_s - static_cast<double>(static_cast<time_t>(left_s))) * 1e9)};
    }
    ::ppoll(polls, 2, &wait, nullptr);
    for (Pipe& pipe : pipes) {
      if (pipe.wants_read() && polls[pipe.from() == client ? 0 : 1].revents != 0) pipe.read(path);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "delay_proxy PORT RATE_MBIT_S ONE_WAY_MS\n");
    return 2;
  }
  const Path path{8e-6 / std::atof(argv[2]), std::atof(argv[3]) * 1e-3};
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 8) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("delay_proxy");
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  while (true) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in there = loopback(std::atoi(argv[1]));
    if (::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0)
      serve(client, server, path);
    ::close(server);
    ::close(client);
  }
}
