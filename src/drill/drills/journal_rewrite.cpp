// Root on the vault's machine after a theft, with every key that lies there: the journal is
// changed, cut, and put back to how it was before, and signed again by the deployment's own vault.
// Here what the attacker wants is not a file but that nobody can see that one was taken.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

namespace fs = std::filesystem;

// A checkpoint as an operator, or a witness, keeps it on another machine.
void keep_checkpoint(Stage& stage) {
  admin::Request request;
  request.mutable_make_checkpoint()->set_handed_out(true);
  write_whole_file(stage.path("kept"),
                   stage.administration().ask(request).back().signed_checkpoint().note());
}

bool verifies(Stage& stage, const std::string& folder) {
  std::vector<std::string> command = {stage.command(), "journal", "verify", "--data",
                                      stage.path(folder)};
  if (!stage.is_without("checkpoints elsewhere"))
    command.insert(command.end(), {"--checkpoint", stage.path("kept")});
  Child child(command, stage.path("verify-log"));
  child.close_input();
  child.rest();
  return child.wait() == 0;
}

// The journal's file that was written last.
std::string newest_segment(const std::string& folder) {
  std::string newest;
  for (const auto& entry : fs::directory_iterator(folder + "/journal")) {
    if (entry.is_regular_file() && entry.file_size() > 512 &&
        entry.path().filename().string().find("checkpoint") == std::string::npos)
      newest = std::max(newest, entry.path().string());
  }
  if (newest.empty()) throw Interrupted("the journal has no segment");
  return newest;
}

void copy(const std::string& from, const std::string& to) {
  fs::copy(from, to, fs::copy_options::recursive);
}

}  // namespace

void journal_rewrite(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  stage.stop();
  copy(stage.data(), stage.path("before"));
  stage.start(Front::kTaken);
  {
    TakenEdge edge(stage);  // with amber's stolen key
    if (!log_in(edge, scene.amber) || !take_file(edge, scene.files_of_amber.front()).read)
      throw Interrupted("the theft whose traces are to go did not happen");
  }
  keep_checkpoint(stage);
  stage.stop();
  if (!verifies(stage, "data")) throw Interrupted("the journal does not verify as it is");
  scene.attack();

  std::vector<std::string> found;
  const auto judge = [&](const std::string& how, const std::string& folder) {
    if (verifies(stage, folder)) {
      stage.observer().note_file(how);
    } else {
      found.push_back(how);
    }
  };
  // As it was before the theft, with whatever happened since: signed by the vault itself.
  stage.use_folder("before", stage.root_key());
  stage.start(Front::kTaken);
  stage.add_organisation("since");
  stage.stop();
  judge("rolled back and signed again", "before");
  if (!stage.is_without("checkpoints elsewhere")) {
    copy(stage.path("data"), stage.path("cut"));
    const std::string cut = newest_segment(stage.path("cut"));
    fs::resize_file(cut, fs::file_size(cut) / 2);
    judge("cut", "cut");
    copy(stage.path("data"), stage.path("changed"));
    const std::string changed = newest_segment(stage.path("changed"));
    std::string contents = read_whole_file(changed);
    contents[contents.size() / 2] = static_cast<char>(contents[contents.size() / 2] ^ 1);
    write_whole_file(changed, contents);
    judge("one bit changed", "changed");
  }
  report.stopped_by = fmt::format(
      "a checkpoint that had left the machine: {} of {} rewritten journals were named as such. "
      "Take "
      "yours away every hour",
      found.size(), found.size() + stage.observer().files());
}

}  // namespace bulkhead::drill
