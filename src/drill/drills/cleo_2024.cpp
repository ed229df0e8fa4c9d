// Cleo, October to December 2024 (CVE-2024-50623, CVE-2024-55956): a file written where the server
// can write was run, in `autorun`. Here: an edge with arbitrary code tries to make, change and
// remove files.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>

#include <filesystem>

#include "drill/drills/drill.h"

namespace bulkhead::drill {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kAtCwd = static_cast<std::uint64_t>(static_cast<std::int64_t>(AT_FDCWD));
constexpr std::string_view kPayload = "#!/bin/sh\n";

void write_file(TakenEdge& edge, const std::string& path) {
  const auto opened = edge.system_call(
      SYS_openat, {kAtCwd, path + '\0', std::uint64_t{O_WRONLY | O_CREAT}, std::uint64_t{0755}});
  if (!opened || opened->value < 0) return;
  edge.system_call(SYS_write, {static_cast<std::uint64_t>(opened->value), std::string(kPayload),
                               std::uint64_t{kPayload.size()}});
}

}  // namespace

void cleo_2024(Scene& scene, Report& report) {
  scene.set_up();
  Stage& stage = scene.stage;
  fs::create_directory(stage.path("autorun"));
  const std::string settings = read_whole_file(stage.data() + "/bulkhead.toml");
  const std::vector<std::string> targets = {
      stage.path("autorun/healthchecktemplate.txt"), stage.data() + "/autorun.sh",
      stage.data() + "/journal/added", "/tmp/" + stage.observer().run()};
  scene.attack();
  Attempts attempts(stage);
  for (const std::string& path : targets)
    attempts.in_a_fresh_edge([&](TakenEdge& edge) { write_file(edge, path); });
  attempts.in_a_fresh_edge(
      [&](TakenEdge& edge) { write_file(edge, stage.data() + "/bulkhead.toml"); });
  attempts.in_a_fresh_edge([&](TakenEdge& edge) {
    edge.system_call(SYS_renameat2, {kAtCwd, stage.data() + "/format" + '\0', kAtCwd,
                                     stage.path("autorun/renamed") + '\0', std::uint64_t{0}});
  });
  attempts.in_a_fresh_edge([&](TakenEdge& edge) {
    edge.system_call(SYS_symlinkat,
                     {std::string("/bin/sh\0", 8), kAtCwd, stage.path("autorun/link") + '\0'});
  });
  attempts.in_a_fresh_edge([&](TakenEdge& edge) {
    edge.system_call(SYS_mkdirat,
                     {kAtCwd, stage.path("autorun/folder") + '\0', std::uint64_t{0755}});
  });
  for (std::string path : targets) {
    if (!fs::exists(path)) continue;
    stage.observer().note_file(path);
    fs::remove(path);
  }
  for (const char* made : {"autorun/renamed", "autorun/link", "autorun/folder"}) {
    if (fs::exists(fs::symlink_status(stage.path(made)))) stage.observer().note_file(made);
  }
  if (read_whole_file(stage.data() + "/bulkhead.toml") != settings)
    stage.observer().note_file("bulkhead.toml");
  report.stopped_by =
      fmt::format("the sandbox: {} attempts to make or change a file, {} of them fatal",
                  attempts.made(), attempts.killed_by_sandbox());
}

}  // namespace bulkhead::drill
