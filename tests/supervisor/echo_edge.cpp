// An edge that asks the vault one question, tells its client who it is, and then sends back what it
// gets. Lines that start with '!' make it misbehave.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "processes/common/confined.h"

namespace bulkhead {
namespace {

Status misbehave(std::string_view how) {
  if (how == "!open") static_cast<void>(::open("/etc/passwd", O_RDONLY));
  if (how == "!abort") std::abort();
  return fail(ErrorCode::kInvalidArgument, "was asked to fail");
}

Status serve(UniqueFd client, channel::Client& vault) {
  channel::Request request;
  request.mutable_capacity();
  BH_TRY(const channel::Reply reply, vault.call(request));
  const std::string hello = fmt::format("{} {}\n", ::getpid(), reply.free_space().total_bytes());
  if (::send(client.get(), hello.data(), hello.size(), MSG_NOSIGNAL) < 0) return {};
  char buffer[4096];
  while (true) {
    const ssize_t got = ::recv(client.get(), buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    const std::string_view text(buffer, static_cast<std::size_t>(got));
    if (text.starts_with('!')) return misbehave(text);
    if (::send(client.get(), buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL) < 0) return {};
  }
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  return bulkhead::processes::run_edge(
      argc, argv, {.name = "echo-edge", .prepare = {}, .serve = bulkhead::serve});
}
