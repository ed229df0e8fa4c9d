// CrushFTP, April 2024 (CVE-2024-4040): the server read any file of the machine for whoever asked,
// its own sessions among them. Here: an edge with arbitrary code tries to open what lies on the
// machine, above all the root key.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "drill/drills/drill.h"

namespace bulkhead::drill {
namespace {

constexpr std::uint64_t kAtCwd = static_cast<std::uint64_t>(static_cast<std::int64_t>(AT_FDCWD));
constexpr std::size_t kReadBytes = 8192;

// Sends what it reads home.
void read_if_open(TakenEdge& edge, const std::optional<TakenEdge::Result>& opened) {
  if (!opened || opened->value < 0) return;
  edge.system_call(SYS_read, {static_cast<std::uint64_t>(opened->value),
                              std::string(kReadBytes, '\0'), std::uint64_t{kReadBytes}});
}

std::string as_bytes_of(const open_how& how) {
  return std::string(reinterpret_cast<const char*>(&how), sizeof how);
}

}  // namespace

void crushftp_2024(Scene& scene, Report& report) {
  scene.set_up();
  Stage& stage = scene.stage;
  // A file of another service on the same machine, which the server's user may read.
  const Canary neighbour = stage.observer().plant("the machine", 64);
  write_whole_file(stage.path("neighbour"), neighbour.contents);
  const std::vector<std::string> wanted = {stage.root_key(),
                                           stage.data() + "/bulkhead.toml",
                                           stage.data() + "/catalogue.sqlite",
                                           stage.path("neighbour"),
                                           "/etc/passwd",
                                           "/proc/self/maps"};
  scene.attack();
  Attempts attempts(stage);
  for (const std::string& path : wanted) {
    const std::string name = path + '\0';
    attempts.in_a_fresh_edge([&](TakenEdge& edge) {
      read_if_open(edge, edge.system_call(SYS_openat, {kAtCwd, name, std::uint64_t{O_RDONLY}}));
    });
    attempts.in_a_fresh_edge([&](TakenEdge& edge) {
      read_if_open(edge, edge.system_call(SYS_openat2, {kAtCwd, name, as_bytes_of({}),
                                                        std::uint64_t{sizeof(open_how)}}));
    });
  }
  // A descriptor with a name of its own leads to others.
  attempts.in_a_fresh_edge([&](TakenEdge& edge) {
    edge.system_call(SYS_readlinkat, {kAtCwd, std::string("/proc/self/fd/3\0", 16),
                                      std::string(256, '\0'), std::uint64_t{256}});
  });
  report.stopped_by = fmt::format("the sandbox: {} attempts to open a file, {} of them fatal",
                                  attempts.made(), attempts.killed_by_sandbox());
}

}  // namespace bulkhead::drill
