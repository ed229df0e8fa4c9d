#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/corrections_option.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct IncidentOptions {
  std::string data;
  std::string id;
  std::string note;
  std::vector<std::string> sessions;
  std::string user;
  std::string organisation;
  std::string listener;
  bool keep_receiving = false;
  std::vector<std::string> paths;
  bool remove = false;
  std::string zone = "UTC";
  bool json = false;
};

// "incident-2026-11-24T020304Z", where nobody thought of a name.
std::string name_after(UnixMicros now) {
  std::string time = to_rfc3339(now / kMicrosPerSecond * kMicrosPerSecond);
  std::erase(time, ':');
  return "incident-" + time;
}

Outcome open(const IncidentOptions& options) {
  admin::Request request;
  admin::OpenIncident& incident = *request.mutable_open_incident();
  incident.set_id(options.id.empty() ? name_after(system_clock().now()) : options.id);
  incident.set_note(options.note);
  for (const std::string& session : options.sessions) {
    BH_TRY(const std::uint64_t channel, read_session(session));
    incident.add_channel(channel);
  }
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("opened {} with {}\n", printable(incident.id()),
             counted(options.sessions.size(), "hostile session", "hostile sessions"));
  return ExitCode::kDone;
}

std::string shown_scope(const IncidentOptions& options) {
  if (!options.user.empty()) return "user " + options.user;
  if (!options.organisation.empty()) return "organisation " + options.organisation;
  if (!options.listener.empty()) return "listener " + options.listener;
  return "the whole deployment";
}

template <typename Message>
void put_scope(const IncidentOptions& options, Message& message) {
  message.set_user(options.user);
  message.set_organisation(options.organisation);
  message.set_listener(options.listener);
}

void write_names(JsonWriter& json, std::string_view key,
                 const google::protobuf::RepeatedPtrField<std::string>& names) {
  json.key(key);
  json.begin_array();
  for (const std::string& name : names)
    json.value(name);
  json.end_array();
}

void write_result(JsonWriter& json, const admin::ContainResult& result) {
  json.begin_object();
  json.member("channels_ended", result.channels_ended());
  json.member("took_us", result.took_us());
  write_names(json, "credentials", result.credential());
  write_names(json, "passwords_disabled", result.password());
  json.end_object();
}

Outcome contain(const IncidentOptions& options) {
  admin::Request request;
  put_scope(options, *request.mutable_contain());
  request.mutable_contain()->set_keep_receiving(options.keep_receiving);
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  const admin::ContainResult& result = reply.contain_result();
  if (options.json) {
    print_json([&](JsonWriter& json) { write_result(json, result); });
    return ExitCode::kDone;
  }
  fmt::print("contained {}: {} ended in {:.1f} ms{}\n", printable(shown_scope(options)),
             counted(result.channels_ended(), "session", "sessions"),
             static_cast<double>(result.took_us()) / 1000,
             options.keep_receiving ? "; uploads are still taken" : "");
  if (result.credential_size() > 0) fmt::print("logged in there:\n");
  for (const std::string& credential : result.credential())
    fmt::print("  {}\n", printable(credential));
  if (result.password_size() > 0)
    fmt::print("passwords that those sessions saw work no longer (bulkhead user passwd NAME):\n");
  for (const std::string& user : result.password())
    fmt::print("  {}\n", printable(user));
  return ExitCode::kDone;
}

void write_state(JsonWriter& json, const admin::IncidentState& state) {
  json.begin_object();
  json.member("contained", state.contained());
  json.member("keep_receiving", state.keep_receiving());
  if (state.since_us() != 0) json.member("since", show_time(state.since_us()));
  write_names(json, "users", state.user());
  write_names(json, "organisations", state.organisation());
  write_names(json, "listeners", state.listener());
  write_names(json, "incidents", state.incident());
  json.key("breakers");
  json.begin_array();
  for (const admin::Breaker& breaker : state.breaker()) {
    json.begin_object();
    json.member("scope", breaker.scope());
    json.member("name", breaker.name());
    json.member("state", breaker.state());
    json.member("cause", breaker.cause());
    json.member("tripped_at", show_time(breaker.tripped_us()));
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void print_state(const admin::IncidentState& state) {
  const bool partly = state.user_size() + state.organisation_size() + state.listener_size() > 0;
  if (state.contained()) {
    fmt::print("contained: the whole deployment{}\n",
               state.keep_receiving() ? ", still receiving" : "");
  } else if (!partly) {
    fmt::print("nothing is contained\n");
  }
  for (const std::string& name : state.user())
    fmt::print("contained: user {}\n", printable(name));
  for (const std::string& name : state.organisation())
    fmt::print("contained: organisation {}\n", printable(name));
  for (const std::string& name : state.listener())
    fmt::print("contained: listener {}\n", printable(name));
  if (state.since_us() != 0) fmt::print("since: {}\n", show_time(state.since_us()));
  for (const admin::Breaker& breaker : state.breaker()) {
    fmt::print("breaker {}: {} {}: {}, at {}\n", breaker.state(), breaker.scope(),
               printable(breaker.name()), breaker.cause(), show_time(breaker.tripped_us()));
  }
  for (const std::string& incident : state.incident())
    fmt::print("incident: {}\n", printable(incident));
}

Outcome show_state(const IncidentOptions& options) {
  BH_CHECK(use_zone(options.zone));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_incident_status();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  if (options.json) {
    print_json([&](JsonWriter& json) { write_state(json, reply.incident_state()); });
  } else {
    print_state(reply.incident_state());
  }
  return ExitCode::kDone;
}

Outcome lift(const IncidentOptions& options) {
  admin::Request request;
  put_scope(options, *request.mutable_lift());
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("lifted the containment of {}\n", printable(shown_scope(options)));
  return ExitCode::kDone;
}

Outcome list_canaries(const IncidentOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_canaries();
  BH_CHECK(client.ask(request, [](const admin::Reply& reply, std::vector<UniqueFd>) {
    if (reply.has_canary()) fmt::print("{}\n", printable(reply.canary().path()));
    return Status();
  }));
  return ExitCode::kDone;
}

Outcome canary(const IncidentOptions& options) {
  if (options.paths.empty()) return list_canaries(options);
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  for (const std::string& path : options.paths) {
    admin::Request request;
    request.mutable_set_canary()->set_path(path);
    request.mutable_set_canary()->set_set(!options.remove);
    BH_CHECK(client.ask(request));
    fmt::print("{} {} a canary{}\n", printable(path), options.remove ? "is no longer" : "is",
               options.remove ? "" : ": whoever asks for its contents is stopped");
  }
  return ExitCode::kDone;
}

using Options = std::shared_ptr<IncidentOptions>;

void add_scope(CLI::App& command, const Options& options) {
  CLI::Option* user =
      command.add_option("--user", options->user, "Only this user")->type_name("NAME");
  CLI::Option* organisation =
      command.add_option("--org", options->organisation, "Only this organisation's users")
          ->type_name("NAME");
  CLI::Option* listener =
      command.add_option("--listener", options->listener, "Only what comes in there, such as sftp")
          ->type_name("NAME");
  user->excludes(organisation)->excludes(listener);
  organisation->excludes(listener);
}

}  // namespace

void add_incident(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<IncidentOptions>();
  CLI::App* command =
      root.add_subcommand("incident", "When something is wrong: cut off, see, and undo");
  command->require_subcommand(1);

  CLI::App* opening = add_deployment_part(
      *command, "open", "Note an incident and its hostile sessions in the journal", options, choice,
      open);
  opening->add_option("NAME", options->id, "What to call it; the time if not given")->type_name("");
  opening
      ->add_option("--session", options->sessions,
                   "A hostile session, such as s-12; repeat for more")
      ->type_name("ID")
      ->allow_extra_args(false);
  opening->add_option("--note", options->note, "A note for the journal (stored encrypted)")
      ->type_name("TEXT");

  CLI::App* containing = add_deployment_part(*command, "contain",
                                             "End sessions and refuse new ones, now, until lifted",
                                             options, choice, contain);
  add_scope(*containing, options);
  containing->add_flag("--keep-receiving", options->keep_receiving,
                       "Still take uploads; nothing can be read");
  add_json_flag(*containing, options->json);

  CLI::App* showing =
      add_deployment_part(*command, "status", "What is contained, and which incidents are open",
                          options, choice, show_state);
  add_zone_option(*showing, options->zone);
  add_json_flag(*showing, options->json);

  CLI::App* lifting = add_deployment_part(
      *command, "lift", "Undo contain, or close a breaker that tripped", options, choice, lift);
  add_scope(*lifting, options);

  CLI::App* canaries = add_deployment_part(
      *command, "canary", "Files that nobody has a reason to read; without PATH: list them",
      options, choice, canary);
  canaries->add_option("PATH", options->paths, "An uploaded file")->type_name("");
  canaries->add_flag("--remove", options->remove, "An ordinary file again");
  add_sample(*command, choice);
  add_correct(*command, choice);
}

}  // namespace bulkhead::cli
