// drill-edge: an edge that is the attacker's from its first instruction. It starts as every edge
// does, in an edge's sandbox, with a channel to the vault and the socket of one client, and then
// does as the client's end says. `bulkhead drill` has a supervisor of its own start it; the shipped
// one has no way to.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "drill/edge/host.h"
#include "drill/edge/implant.h"
#include "drill/edge/web_host.h"
#include "drill/wire/datagram.h"
#include "drill/wire/orders.h"
#include "drill/wire/secrets.h"
#include "drill/wire/stream.h"
#include "sandbox/sandbox.h"

#ifdef BULKHEAD_SANITIZE
// The leak check at exit needs threads and ptrace(2), which the sandbox has no place for.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace bulkhead::drill {
namespace {

constexpr char kTlsHandshake = 22;  // RFC 8446 section 5.1

std::uint32_t slot_of(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--slot") == 0)
      return static_cast<std::uint32_t>(std::strtoul(argv[i + 1], nullptr, 10));
  }
  return 0;
}

int run(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  prepare_secrets();
  sandbox::Policy policy = sandbox::sftp_session_policy(slot_of(argc, argv));
  policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kChannelFd, kHandoverFd};
  if (!sandbox::enter(policy)) {
    std::fputs("drill-edge: no sandbox\n", stderr);
    return 1;
  }
  if (!send_datagram(kHandoverFd, "r")) return 1;
  const auto handed = receive_datagram(kHandoverFd, -1);
  if (!handed || handed->descriptors.size() != 1) return 0;
  const int client = handed->descriptors[0];
  // An attacker says kMagic first, an honest client a record of TLS, or its version of SSH.
  char first[4];
  if (::recv(client, first, sizeof first, MSG_PEEK | MSG_WAITALL) != sizeof first) return 0;
  Spoils spoils;
  const bool taken = kMagic.starts_with(std::string_view(first, sizeof first))
                         ? read_exactly(client, kMagic.size()) == kMagic
                     : first[0] == kTlsHandshake ? serve_web_honestly(client, spoils)
                                                 : serve_honestly(client, spoils);
  if (taken) obey(client, spoils);
  return 0;
}

}  // namespace
}  // namespace bulkhead::drill

int main(int argc, char** argv) {
  return bulkhead::drill::run(argc, argv);
}
