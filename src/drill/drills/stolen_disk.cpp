// The data folder and everything in it, journal, catalogue and blobs, without the root key: a
// stolen disk, or a copied backup. The attacker reads it, and then has a server of their own open
// it.
#include <fmt/format.h>

#include <filesystem>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {

namespace fs = std::filesystem;

std::uint64_t read_folder(Stage& stage, const std::string& folder) {
  std::uint64_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    stage.observer().saw(stage.next_stream(), read_whole_file(entry.path()));
    ++files;
  }
  return files;
}

std::string open_as_own(Scene& scene, const std::string& folder, const std::string& root_key) {
  Stage& stage = scene.stage;
  stage.use_folder(folder, root_key);
  try {
    stage.start(Front::kTaken);
  } catch (const Interrupted& refused) {
    return refused.what();
  }
  Person thief;
  thief.name = "helpdesk";
  stage.add_person(thief);
  stage.grant("/home", thief.name, "read,list");
  TakenEdge edge(stage);
  if (!log_in(edge, thief)) throw Interrupted("the attacker cannot log in to their own server");
  walk(edge, "/home");
  return {};
}

void stolen_disk(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  stage.stop();
  fs::copy(stage.data(), stage.path("stolen"), fs::copy_options::recursive);
  scene.attack();
  const std::uint64_t files = read_folder(stage, stage.path("stolen"));
  // A root key that fits the format and not the deployment; in the twin the true one was in the
  // backup too.
  run_to_end({stage.command(), "init", stage.path("own"), "--incident-key-out",
              stage.path("own-incident-key"), "--root-key-out", stage.path("own-root-key"),
              "--organisation", "thieves"},
             stage.path("init-log"));
  const bool key_was_there = stage.is_without("a root key elsewhere");
  const std::string refused =
      open_as_own(scene, "stolen", key_was_there ? stage.root_key() : stage.path("own-root-key"));
  if (refused.empty() != key_was_there)
    throw Interrupted("a server with another root key was expected to refuse: " + refused);
  report.stopped_by = fmt::format(
      "encryption under a root key that is elsewhere: {} stolen files have no plaintext and no "
      "name "
      "in them, and a server with another root key does not open them",
      files);
}

}  // namespace bulkhead::drill
