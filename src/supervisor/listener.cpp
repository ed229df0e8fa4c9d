#include "supervisor/listener.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>

namespace bulkhead::supervisor {
namespace {

constexpr int kBacklog = 1024;

std::unexpected<Error> cannot_listen(const SocketAddress& address, const std::string& name,
                                     int error_number) {
  const std::string where = fmt::format("port {} on {}", port_of(address), host_of(address));
  switch (error_number) {
    case EADDRINUSE:
      return fail(
          ErrorCode::kConflict,
          fmt::format(
              "{} is in use by another program: stop it, or choose another with --{} ADDR:PORT",
              where, name));
    case EADDRNOTAVAIL:
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("this machine has no address {}: choose one of its own with --{} ADDR:PORT",
                      host_of(address), name));
    case EACCES:
      return fail(
          ErrorCode::kPermissionDenied,
          fmt::format("{} needs CAP_NET_BIND_SERVICE: choose a port above 1023 with --{} ADDR:PORT",
                      where, name));
    default:
      return fail_errno(fmt::format("listening on {}", where), error_number);
  }
}

}  // namespace

Result<Listener> Listener::open(const ListenerSettings& settings) {
  BH_TRY(SocketAddress address, parse_socket_address(settings.address));
  UniqueFd socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno("making a listening socket");
  // Connections of the run before may still be in TIME_WAIT.
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
    return fail_errno("setting SO_REUSEADDR");
  }
  // Accepted sockets inherit these (tcp(7)): an edge in its sandbox may not set any. Answers are
  // small and asked for one by one; a peer that vanished is noticed.
  if (::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0) {
    return fail_errno("setting TCP_NODELAY and SO_KEEPALIVE");
  }
  if (::bind(socket.get(), address.raw(), address.size) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return cannot_listen(address, settings.name, errno);
  }
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(socket.get(), bound.raw(), &bound.size) != 0) {
    return fail_errno("asking for the listening address");
  }
  return Listener(std::move(socket), settings.name, to_string(bound), settings.protocol);
}

Result<std::optional<Arrival>> Listener::accept() {
  Arrival arrival;
  arrival.peer.size = sizeof arrival.peer.storage;
  arrival.socket.reset(
      ::accept4(socket_.get(), arrival.peer.raw(), &arrival.peer.size, SOCK_CLOEXEC));
  if (arrival.socket) return arrival;
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return fail_errno("accepting a connection");
    default:
      return std::nullopt;  // nobody there, or gone again before we looked (accept(2))
  }
}

}  // namespace bulkhead::supervisor
