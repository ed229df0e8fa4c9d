// bulkhead-https-session: one client's HTTPS connection, from a fresh process to its end.
// Sandboxed; holds no key of ours, knows no user, names no file on disk.
#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "https/connection.h"
#include "processes/common/confined.h"
#include "processes/https_session/serve.h"
#include "processes/https_session/web_authority.h"

namespace bulkhead::processes {
namespace {

constexpr std::int64_t kLongestHandshakeMs = 30'000;

Status serve(UniqueFd client, channel::Client& vault) {
  Clock& clock = system_clock();
  WebAuthority authority(vault);
  // What is wrong here is wrong on our side: the client is not to be blamed for how this ends.
  const auto greeting = authority.greet();
  if (!greeting) {
    if (!vault.ended())
      log_error("a client could not be served", {{"why", greeting.error().message}});
    return {};
  }
  BH_TRY(const auto tls, TlsServer::create(greeting->certificates, [&](ByteView content) {
           return authority.sign(content);
         }));
  https::Connection connection(authority, clock,
                               {greeting->login_grace_ms, greeting->idle_timeout_ms});
  const std::int64_t handshake_ms = greeting->login_grace_ms == 0
                                        ? kLongestHandshakeMs
                                        : std::min(greeting->login_grace_ms, kLongestHandshakeMs);
  const Status ended = serve_https(client.get(), *tls, connection, clock, handshake_ms);
  log_debug("connection ended", {{"how", ended ? "in order" : ended.error().message}});
  return {};
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_edge(argc, argv,
                                       {.name = "https-session",
                                        .prepare = bulkhead::processes::TlsServer::prepare,
                                        .serve = bulkhead::processes::serve});
}
