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

}  // namespace

void password_replay(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  // Somebody with a second factor: a password alone is whoever's who heard it.
  Person cedar{.name = "cedar",
               .organisation = scene.basil.organisation,
               .role = "user",
               .password = "correct " + stage.observer().run(),
               .totp_secret = random_bytes(20),
               .login_methods = {}};
  stage.add_person(cedar);
  Person storing = cedar;  // the files come from a session of their own, by key
  scene.add_files(storing, 2);

  std::vector<std::string> with_code;
  std::vector<std::string> with_key;
  {
    HonestClient yesterday(stage, cedar, "");
    with_code = yesterday.take_edge().memory();
  }
  {
    HonestClient yesterday(stage, scene.amber, scene.files_of_amber.front());
    with_key = yesterday.take_edge().memory();
  }
  scene.attack();
  const std::vector<std::string> typed = typed_by(with_code[1]);
  if (typed.size() != 2) throw Interrupted("the honest client typed no password and code");
  std::uint64_t refused = 0;
  const auto attempt = [&](auto log_in_again) {
    TakenEdge edge(stage);
    if (!exchange_keys(edge)) throw Interrupted("the vault does not exchange keys");
    if (!log_in_again(edge)) ++refused;
    for (const char* home : {"/home/amber", "/home/cedar"})
      walk(edge, home);
  };
  attempt([&](TakenEdge& edge) { return say_again(edge, cedar.name, typed); });
  attempt([&](TakenEdge& edge) { return succeeded(offer_password(edge, cedar.name, typed[0])); });
  attempt([&](TakenEdge& edge) {
    return succeeded(offer_key(edge, scene.amber.name, with_key[3], with_key[4]));
  });
  report.seconds_to_breaker = stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: a code is good once, and a signature is good in the session that it was made in "
      "({} of 3 replays refused)",
      refused);
}

}  // namespace bulkhead::drill
