// What a taken edge saw yesterday: the password and the code that a client typed, the signature
// that it made, the session that it had. Today the attacker has another edge, and says all of it
// again.
#include <fmt/format.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/honest_client.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

// "keyboard-interactive" with what was typed then.
bool say_again(TakenEdge& edge, const std::string& user,
               const std::vector<std::string>& responses) {
  channel::Request request;
  auto& wanted = *request.mutable_ssh_authenticate();
  wanted.set_user_name(user);
  wanted.set_service_name("ssh-connection");
  wanted.mutable_keyboard_interactive();
  if (!edge.ask(request)) return false;
  wanted.mutable_prompt_responses();
  for (const std::string& response : responses)
    wanted.mutable_prompt_responses()->add_response(response);
  const auto reply = edge.ask(request);
  return reply && succeeded(reply->message);
}

std::vector<std::string> typed_by(const std::string& memory) {
  std::vector<std::string> responses;
  for (Reader reader(memory); !reader.rest().empty();)
    responses.emplace_back(reader.string());
  return responses;
}

// What an edge that served this person remembers.
std::vector<std::string> overheard(Stage& stage, const Person& person, const std::string& fetched) {
  HonestClient yesterday(stage, person, fetched);
  return yesterday.take_edge().memory();
}

}  // namespace

void password_replay(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  Person with_factor;
  with_factor.name = "cedar";
  with_factor.password = "correct " + stage.observer().run();
  with_factor.totp_secret = random_bytes(20);
  Person without_factor;
  without_factor.name = "elder";
  without_factor.password = "battery " + stage.observer().run();
  for (const Person* person : {&with_factor, &without_factor}) {
    stage.add_person(*person);
    scene.add_files(*person, 2);
  }
  const std::vector<std::string> code = overheard(stage, with_factor, "");
  const std::vector<std::string> password = overheard(stage, without_factor, "");
  const std::vector<std::string> key = overheard(stage, scene.amber, scene.files_of_amber.front());
  const std::vector<std::string> typed = typed_by(code[1]);
  if (typed.size() != 2) throw Interrupted("the honest client typed no password and code");

  scene.attack();
  std::uint64_t refused = 0;
  const auto attempt = [&](const std::string& user, auto log_in_again) {
    TakenEdge edge(stage);
    if (!exchange_keys(edge)) throw Interrupted("the vault does not exchange keys");
    const bool in = log_in_again(edge);
    if (!in) ++refused;
    walk(edge, "/home/" + user);
    return in;
  };
  attempt(with_factor.name,
          [&](TakenEdge& edge) { return say_again(edge, with_factor.name, typed); });
  attempt(with_factor.name, [&](TakenEdge& edge) {
    return succeeded(offer_password(edge, with_factor.name, typed[0]));
  });
  attempt(scene.amber.name, [&](TakenEdge& edge) {
    return succeeded(offer_key(edge, scene.amber.name, key[3], key[4]));
  });
  // Whoever knows a password that is all there is, is that user.
  const admin::Budget budget = stage.budget_of(without_factor.name);
  report.budget_bytes = budget.bytes_per_day();
  report.budget_files = budget.files_per_day();
  stage.observer().is_live(without_factor.name);
  const bool password_alone = attempt(without_factor.name, [&](TakenEdge& edge) {
    return say_again(edge, without_factor.name, typed_by(password[1]));
  });
  report.seconds_to_breaker = stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: a code is good once, and a signature is good in the session that it was made in "
      "({} of 3 replays refused). {}",
      refused - (password_alone ? 0 : 1),
      password_alone
          ? "Not stopped: a password without second factor, until it is changed; what it "
            "gives is that account's budget"
          : "A password alone was refused as well");
}

}  // namespace bulkhead::drill
