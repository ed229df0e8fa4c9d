// The administrator's own account, and the administration socket with it: logs in to fetch files,
// asks everything that can be asked, and makes an account for itself.
#include <fmt/format.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"

namespace bulkhead::drill {
namespace {

// Every question of the socket whose answer is about files or people.
std::uint64_t ask_everything(Scene& scene) {
  std::vector<admin::Request> questions(8);
  questions[0].mutable_list_organisations();
  questions[1].mutable_list_users();
  questions[2].mutable_show_user()->set_name(scene.amber.name);
  questions[3].mutable_list_folders();
  questions[4].mutable_list_journal();
  questions[5].mutable_list_transfers();
  questions[6].mutable_find_releases();
  questions[7].mutable_get_status();
  for (const admin::Request& question : questions) {
    const std::uint64_t stream = scene.stage.next_stream();
    for (const admin::Reply& reply : scene.stage.administration().try_to_ask(question))
      scene.stage.observer().saw(stream, reply.SerializeAsString());
  }
  return questions.size();
}

}  // namespace

void insider_admin(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  Person warden;
  warden.name = "warden";
  warden.role = "administrator";
  stage.add_person(warden);
  stage.grant("/home", warden.name, "read,list");
  scene.attack();
  {
    TakenEdge edge(stage);
    log_in(edge, warden);
    walk(edge, "/home/" + scene.amber.name);
  }
  const std::uint64_t questions = ask_everything(scene);
  // Nobody stops this in this release but budget, breakers and journal: docs/threat-model.md, 5.
  Person helper;
  helper.name = "helper";
  stage.add_person(helper);
  stage.grant("/home/" + scene.basil.name, helper.name, "read,list");
  const admin::Budget budget = stage.budget_of(helper.name);
  report.budget_bytes = budget.bytes_per_day();
  report.budget_files = budget.files_per_day();
  stage.observer().is_live(scene.basil.name);
  TakenEdge edge(stage);
  if (!log_in(edge, helper))
    throw Interrupted("the account that the administrator made cannot log in");
  walk(edge, "/home/" + scene.basil.name);
  const auto traces = stage.administration().journal("rights_set").size() +
                      stage.administration().journal("user_added").size();
  report.seconds_to_breaker = stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "roles: an administrator's account transfers nothing, and none of {} questions is answered "
      "with "
      "contents. Not stopped: an account that they make for themselves gets its budget; {} entries "
      "of the journal say so",
      questions, traces);
}

}  // namespace bulkhead::drill
