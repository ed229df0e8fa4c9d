// Serv-U, July 2021 (CVE-2021-35211): memory corrupted before any log-in, in the one process that
// served everybody. Here: a taken edge beside another one that holds a user's plaintext tries to
// read, trace, stop and copy it.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <fstream>

#include "drill/drills/drill.h"
#include "drill/stage/honest_client.h"

namespace bulkhead::drill {
namespace {

constexpr std::uint64_t kAtCwd = static_cast<std::uint64_t>(static_cast<std::int64_t>(AT_FDCWD));
constexpr std::uint64_t kBlockBytes = 1 << 16;
constexpr std::uint64_t kMostHeapBytes = 8 << 20;

// Everybody whom the supervisor started: numbers are easily guessed.
std::vector<std::uint64_t> siblings(const Stage& stage) {
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", stage.supervisor()));
  std::vector<std::uint64_t> pids;
  for (std::uint64_t pid = 0; list >> pid;)
    pids.push_back(pid);
  return pids;
}

std::optional<std::uint64_t> open_in(TakenEdge& edge, const std::string& path) {
  const auto opened = edge.system_call(SYS_openat, {kAtCwd, path + '\0', std::uint64_t{O_RDONLY}});
  if (!opened || opened->value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(opened->value);
}

// The heap of another process, sent home as it is.
void read_heap(TakenEdge& edge, std::uint64_t pid) {
  const auto maps = open_in(edge, fmt::format("/proc/{}/maps", pid));
  const auto memory = open_in(edge, fmt::format("/proc/{}/mem", pid));
  if (!maps || !memory) return;
  std::string text;
  while (true) {
    const auto got = edge.system_call(
        SYS_read, {*maps, std::string(kBlockBytes, '\0'), std::uint64_t{kBlockBytes}});
    if (!got || got->value <= 0) break;
    text += got->buffers[0].substr(0, static_cast<std::size_t>(got->value));
  }
  const std::size_t heap = text.find("[heap]");
  if (heap == std::string::npos) return;
  const std::size_t line = text.rfind('\n', heap) + 1;
  std::size_t used = 0;
  const std::uint64_t begin = std::stoull(text.substr(line), &used, 16);
  const std::uint64_t end = std::stoull(text.substr(line + used + 1), nullptr, 16);
  for (std::uint64_t at = begin; at < std::min(end, begin + kMostHeapBytes); at += kBlockBytes) {
    const std::uint64_t length = std::min(kBlockBytes, end - at);
    const auto got =
        edge.system_call(SYS_pread64, {*memory, std::string(length, '\0'), length, at});
    if (!got || got->value <= 0) return;
  }
}

}  // namespace

void serv_u_2021(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  const HonestClient user(stage, scene.amber, scene.files_of_amber.front());
  scene.attack();
  Attempts attempts(stage);
  for (const std::uint64_t pid : siblings(stage)) {
    attempts.in_a_fresh_edge([&](TakenEdge& edge) { read_heap(edge, pid); });
    attempts.in_a_fresh_edge([&](TakenEdge& edge) {
      edge.system_call(SYS_ptrace,
                       {std::uint64_t{PTRACE_ATTACH}, pid, std::uint64_t{0}, std::uint64_t{0}});
    });
    attempts.in_a_fresh_edge(
        [&](TakenEdge& edge) { edge.system_call(SYS_kill, {pid, std::uint64_t{0}}); });
  }
  report.seconds_to_breaker = stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "a process for each connection, in its sandbox: no other process can be read, traced or "
      "signalled ({} of {} attempts fatal)",
      attempts.killed_by_sandbox(), attempts.made());
}

}  // namespace bulkhead::drill
