// The same as moveit-2023 while a real user is logged in: the edge that serves them is taken. It
// has what that user may read, until budget and breaker stop it, and nothing of anybody else.
// Through SFTP the stock sftp logs in by a key, through the web curl by a password, each over an
// edge that serves it honestly until it is taken; what was typed is then in the attacker's hands.
#include <fmt/format.h>

#include <algorithm>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/honest_client.h"
#include "drill/stage/honest_web_client.h"
#include "drill/stage/login.h"

namespace bulkhead::drill {
namespace {

constexpr std::uint32_t kMostFiles = 600;  // a larger budget is not met in a drill
constexpr std::uint32_t kFilesOverBudget = 30;
constexpr std::uint64_t kHandlesOfOthers = 32;

// Handles that were given on the channel of `other`, who has a file open under each.
std::uint64_t use_handles_of(TakenEdge& other, const std::vector<std::string>& paths,
                             TakenEdge& edge, const std::string& own, Report& report) {
  const std::uint64_t own_handle = open_only(edge, own);
  std::uint64_t given = 0;
  while (given < kHandlesOfOthers) {
    given = open_only(other, paths.front());
    if (given == 0) throw Interrupted("the other user cannot open their file");
  }
  std::uint64_t refused = 0;
  for (std::uint64_t handle = own_handle + 1; handle <= kHandlesOfOthers; ++handle) {
    channel::Request request;
    request.mutable_grant_extents()->set_handle(handle);
    request.mutable_grant_extents()->set_count(1);
    const auto reply = edge.ask(request);
    if (reply && reply->message.code() == 0) report.besides = "a handle of another channel opened";
    ++refused;
  }
  return refused;
}

// To change, replace, move or remove what is somebody else's, or put something beside it.
std::uint64_t harm(TakenEdge& edge, const std::string& own, const std::string& theirs,
                   Report& report) {
  std::vector<channel::Request> requests(7);
  const channel::Path path = path_of(theirs);
  *requests[0].mutable_remove_file()->mutable_path() = path;
  *requests[1].mutable_rename()->mutable_from() = path;
  *requests[1].mutable_rename()->mutable_to() = path_of(own + ".moved");
  *requests[2].mutable_rename()->mutable_from() = path_of(own);
  *requests[2].mutable_rename()->mutable_to() = path;
  requests[2].mutable_rename()->set_replace(true);
  *requests[3].mutable_open_file()->mutable_path() = path;
  requests[3].mutable_open_file()->set_write(true);
  requests[3].mutable_open_file()->set_truncate(true);
  *requests[4].mutable_open_file()->mutable_path() = path_of(theirs + ".beside");
  requests[4].mutable_open_file()->set_write(true);
  requests[4].mutable_open_file()->set_create(true);
  *requests[5].mutable_make_directory()->mutable_path() = path_of(theirs + ".folder");
  *requests[6].mutable_set_attributes()->mutable_path() = path;
  requests[6].mutable_set_attributes()->set_permissions(0777);
  std::uint64_t refused = 0;
  for (const channel::Request& request : requests) {
    const auto reply = edge.ask(request);
    if (reply && reply->message.code() == 0) report.besides = "somebody else's folder was changed";
    if (!reply || reply->message.code() != 0) ++refused;
  }
  return refused;
}

// To be somebody else on a channel that is somebody's.
bool becomes_another(TakenEdge& edge, const Person& other) {
  return succeeded(offer_key(edge, other.name, other.key.ssh_blob(), "forged")) ||
         succeeded(offer_password(edge, other.name, "guess")) ||
         succeeded(type_in(edge, other.name, "guess"));
}

// More files than the user's budget of a day, where that is not too large.
admin::Budget fill(Scene& scene) {
  const admin::Budget budget = scene.stage.budget_of(scene.amber.name);
  const std::uint64_t wanted =
      std::min<std::uint64_t>(budget.files_per_day() + kFilesOverBudget, kMostFiles);
  scene.add_files(scene.amber, static_cast<std::uint32_t>(wanted - scene.files_of_amber.size()));
  return budget;
}

// `edge` serves amber, `other` basil.
void within_what_is_there(Scene& scene, Report& report, const admin::Budget& budget,
                          TakenEdge& other, TakenEdge& edge) {
  Stage& stage = scene.stage;
  scene.attack();
  stage.observer().is_live(scene.amber.name);
  report.budget_bytes = budget.bytes_per_day();
  report.budget_files = budget.files_per_day();

  const std::uint64_t guessed =
      use_handles_of(other, scene.files_of_basil, edge, scene.files_of_amber.front(), report);
  const std::uint64_t harmless =
      harm(edge, scene.files_of_amber.back(), scene.files_of_basil.back(), report);
  std::uint64_t hidden = 0;
  for (const std::string& path : scene.files_of_basil)
    hidden += take_file(edge, path).opened ? 0 : 1;
  std::string last_words;
  std::size_t taken = 0;
  for (const std::string& path : scene.files_of_amber) {
    const Taken file = take_file(edge, path);
    taken += file.read ? 1 : 0;
    if (!file.refused.empty()) last_words = file.refused;
  }
  walk(edge, "");
  if (becomes_another(edge, scene.basil)) report.besides = "the channel became somebody else's";
  report.seconds_to_breaker = stage.seconds_to_breaker(scene.began_us);
  const std::string rights = fmt::format(
      "rights ({} files of others do not exist for this channel, {} attempts to change them and {} "
      "handles of another channel were refused)",
      hidden, harmless, guessed);
  report.stopped_by = taken == scene.files_of_amber.size()
                          ? rights + "; the budget is larger than what was there"
                          : fmt::format("{} and the user's budget: \"{}\"", rights, last_words);
}

}  // namespace

void moveit_2023_live(Scene& scene, Report& report) {
  scene.set_up();
  const admin::Budget budget = fill(scene);
  TakenEdge other(scene.stage);
  log_in(other, scene.basil);
  HonestClient user(scene.stage, scene.amber, scene.files_of_amber.front());
  TakenEdge edge = user.take_edge();
  within_what_is_there(scene, report, budget, other, edge);
}

void web_2023_live(Scene& scene, Report& report) {
  scene.door = Door::kWeb;
  scene.amber.password = "what amber types";
  scene.basil.password = "what basil types";
  scene.set_up();
  const admin::Budget budget = fill(scene);
  TakenEdge other(scene.stage, Door::kWeb);
  if (!log_in_by_password(other, scene.basil))
    throw Interrupted("the other user could not log in through the web");
  HonestWebClient user(scene.stage, scene.amber, scene.files_of_amber.front());
  TakenEdge edge = user.take_edge();
  if (user.fetched().empty()) throw Interrupted("curl fetched nothing through the taken edge");
  // What is said of this drill, that the password is the attacker's now, has to be so.
  const std::vector<std::string> seen = edge.memory();
  if (seen.size() < 2 || seen[1].find(scene.amber.password) == std::string::npos)
    throw Interrupted("the edge that served the user did not see their password");
  within_what_is_there(scene, report, budget, other, edge);
}

}  // namespace bulkhead::drill
