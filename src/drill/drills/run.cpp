#include <fmt/format.h>
#include <unistd.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

constexpr std::uint32_t kLinesOfAFile = 64;
constexpr std::uint32_t kLinesOfALargeFile = 3200;  // more than goes into a commit
constexpr std::uint32_t kFilesOfBasil = 3;
constexpr int kLogWaits = 200;
constexpr useconds_t kLogWaitUs = 10'000;
constexpr std::size_t kDeepestFolder = 8;

}  // namespace

void Scene::set_up(std::uint32_t count) {
  stage.start(Front::kTaken);
  stage.add_organisation(basil.organisation);
  stage.add_person(amber);
  stage.add_person(basil);
  add_files(amber, count);
  add_files(basil, kFilesOfBasil);
  attack();
}

void Scene::attack() {
  stage.observer().start();
  began_us = now_us();
}

void Scene::add_files(const Person& person, std::uint32_t count) {
  TakenEdge edge(stage);
  if (!log_in(edge, person))
    throw Interrupted(fmt::format("{} could not log in to store the canary files", person.name));
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool large = i == 0 && person.name == basil.name;
    const Canary canary =
        stage.observer().plant(person.name, large ? kLinesOfALargeFile : kLinesOfAFile);
    const std::string path = fmt::format("/home/{}/{}", person.name, canary.name);
    store_file(edge, path, canary.contents);
    if (person.name == amber.name) files_of_amber.push_back(path);
    if (person.name == basil.name) files_of_basil.push_back(path);
  }
}

Report run_drill(const Drill& drill, const Installation& installation,
                 const std::string& configuration) {
  Scene scene(installation, configuration);
  Report report;
  drill.script(scene, report);
  const Observer& observer = scene.stage.observer();
  report.files = observer.files();
  report.plaintext_bytes = observer.bytes();
  report.plaintext_bytes_beyond_grants = observer.bytes_beyond_grants();
  report.names = observer.names();
  return report;
}

std::optional<std::string> what_is_wrong(const Drill& drill, const Report& report) {
  if (drill.shows_remainder) {
    if (report.plaintext_bytes == 0)
      return "it shows a remainder, and got nothing: the script is wrong";
    return std::nullopt;
  }
  if (report.plaintext_bytes_beyond_grants != 0)
    return fmt::format(
        "{} bytes of plaintext reached the attacker that nobody who was logged in "
        "could read",
        report.plaintext_bytes_beyond_grants);
  if (!report.besides.empty()) return report.besides;
  if (!report.budget_bytes && report.names != 0)
    return fmt::format("the attacker learned {} names of files", report.names);
  if (!report.budget_bytes && report.files != 0)
    return fmt::format("the attacker got {} files", report.files);
  if (report.budget_bytes && report.plaintext_bytes > *report.budget_bytes)
    return fmt::format("{} bytes of plaintext reached the attacker, over the budget of {}",
                       report.plaintext_bytes, *report.budget_bytes);
  if (report.budget_files && report.files > *report.budget_files)
    return fmt::format("{} files reached the attacker, over the budget of {}", report.files,
                       *report.budget_files);
  return std::nullopt;
}

std::uint64_t Attempts::killed_by_sandbox() const {
  // The supervisor writes its line when it reaps, a moment after the socket closed.
  std::size_t killed = 0;
  for (int i = 0; i < kLogWaits; ++i) {
    killed = stage_.killed_by_sandbox() - killed_before_;
    if (killed >= died_) return killed;
    ::usleep(kLogWaitUs);
  }
  throw Interrupted(
      fmt::format("{} edges died, {} of them by the sandbox: look at what the others "
                  "died of",
                  died_, killed));
}

namespace {

void walk_down(TakenEdge& edge, const std::string& folder, std::size_t depth) {
  if (depth > kDeepestFolder) return;
  for (const std::string& name : list_folder(edge, folder)) {
    const std::string path = folder + "/" + name;
    if (!take_file(edge, path).opened) walk_down(edge, path, depth + 1);
  }
}

}  // namespace

void walk(TakenEdge& edge, const std::string& folder) {
  walk_down(edge, folder, 0);
}

}  // namespace bulkhead::drill
