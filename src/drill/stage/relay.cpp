#include "drill/stage/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "drill/stage/taken_edge.h"
#include "drill/wire/bytes.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {

Relay::Relay(Stage& stage, Door door)
    : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listening_, 1) != 0 ||
      ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::pipe2(wake_, O_CLOEXEC) != 0)
    throw Interrupted("no relay can be made on loopback");
  port_ = ntohs(address.sin_port);
  server_ = connect_to(stage, door);
  thread_ = std::thread([this] { pass_on(); });
}

Relay::~Relay() {
  const int server = take_over();
  for (const int fd : {server, client_, listening_, wake_[0], wake_[1]}) {
    if (fd >= 0) ::close(fd);
  }
}

void Relay::pass_on() {
  std::array<pollfd, 3> watched{
      {{listening_, POLLIN, 0}, {server_, POLLIN, 0}, {wake_[0], POLLIN, 0}}};
  std::string buffer(1 << 16, '\0');
  while (::poll(watched.data(), watched.size(), -1) > 0 && watched[2].revents == 0) {
    if (client_ < 0) {
      if (watched[0].revents == 0) {  // the server speaks first: the client hears it when it comes
        watched[1].events = 0;
        continue;
      }
      client_ = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      watched[0].fd = client_;
      watched[1].events = POLLIN;
      continue;
    }
    for (const auto& [from, to] : {std::pair{0, server_}, std::pair{1, client_}}) {
      if (watched[static_cast<std::size_t>(from)].revents == 0) continue;
      const ssize_t got =
          ::read(watched[static_cast<std::size_t>(from)].fd, buffer.data(), buffer.size());
      if (got <= 0 ||
          !write_all(to, std::string_view(buffer).substr(0, static_cast<std::size_t>(got))))
        return static_cast<void>(::shutdown(to, SHUT_WR));
    }
  }
}

int Relay::take_over() {
  if (thread_.joinable()) {
    [[maybe_unused]] const auto woken = ::write(wake_[1], "x", 1);
    thread_.join();
  }
  return std::exchange(server_, -1);
}

}  // namespace bulkhead::drill
