// GoAnywhere MFT, September 2025 (CVE-2025-10035): code in the administration front started remote
// control tools and sent files out with rclone. Here: a taken edge tries to become another program,
// to make memory executable, and to open connections of its own.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "drill/drills/drill.h"

namespace bulkhead::drill {

void goanywhere_2025(Scene& scene, Report& report) {
  scene.set_up();
  Stage& stage = scene.stage;
  const Canary neighbour = stage.observer().plant("the machine", 64);
  write_whole_file(stage.path("neighbour"), neighbour.contents);
  scene.attack();
  Attempts attempts(stage);
  attempts.in_a_fresh_edge(
      [&](TakenEdge& edge) { edge.shell(fmt::format("cat {} >&9", stage.path("neighbour"))); });
  attempts.in_a_fresh_edge([&](TakenEdge& edge) {
    edge.system_call(
        SYS_mmap,
        {std::uint64_t{0}, std::uint64_t{4096}, std::uint64_t{PROT_READ | PROT_WRITE | PROT_EXEC},
         std::uint64_t{MAP_PRIVATE | MAP_ANONYMOUS}, ~std::uint64_t{0}, std::uint64_t{0}});
  });
  for (const int family : {AF_INET, AF_INET6, AF_NETLINK}) {
    attempts.in_a_fresh_edge([&](TakenEdge& edge) {
      edge.system_call(SYS_socket, {static_cast<std::uint64_t>(family), std::uint64_t{SOCK_STREAM},
                                    std::uint64_t{0}});
    });
  }
  report.stopped_by = fmt::format(
      "the sandbox: no program, no executable memory and no socket of its own ({} of {} attempts "
      "fatal)",
      attempts.killed_by_sandbox(), attempts.made());
}

}  // namespace bulkhead::drill
