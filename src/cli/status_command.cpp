#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct StatusOptions {
  std::string data;
  bool json = false;
};

void write_status(JsonWriter& json, const admin::DeploymentStatus& status) {
  json.begin_object();
  json.member("release", status.release());
  json.member("serving", status.serving());
  json.member("sealed", status.sealed());
  json.member("contained", status.contained());
  json.member("keep_receiving", status.keep_receiving());
  json.member("journal_entries", status.journal_entries());
  json.member("journal_root", to_hex(as_bytes(status.journal_root())));
  json.member("checkpoint_entries", status.checkpoint_entries());
  json.member("checkpoint_left_machine", status.checkpoint_left_machine());
  json.member("handed_out_entries", status.handed_out_entries());
  json.member("cosigned_entries", status.cosigned_entries());
  json.key("last_backup");
  if (status.backed_up_us() == 0) {
    json.null();
  } else {
    json.value(show_time(status.backed_up_us()));
  }
  json.member("sessions", status.sessions());
  json.member("analysis_backlog", status.analysis_backlog());
  json.member("disk_free_bytes", status.disk_free_bytes());
  json.member("disk_total_bytes", status.disk_total_bytes());
  json.member("files", status.files());
  json.member("bytes", status.bytes());
  json.member("users", status.users());
  json.member("organisations", status.organisations());
  json.member("host_key_fingerprint", status.host_key_fingerprint());
  json.key("host_keys");
  json.begin_array();
  for (const std::string& key : status.host_key())
    json.value(key);
  json.end_array();
  json.member("seal", status.seal());
  json.member("file_keys_unwrapped", status.file_keys_unwrapped());
  json.key("warnings");
  json.begin_array();
  for (const std::string& warning : status.warning())
    json.value(warning);
  json.end_array();
  json.key("failures");
  json.begin_array();
  for (const std::string& failure : status.failure())
    json.value(failure);
  json.end_array();
  json.end_object();
}

std::string shown_service(const admin::DeploymentStatus& status) {
  if (!status.serving()) return "not running";
  std::string shown = status.sealed() ? "running, sealed" : "running";
  if (status.contained())
    shown += status.keep_receiving() ? ", contained (still receiving)" : ", contained";
  return shown;
}

void print_status(const admin::DeploymentStatus& status) {
  fmt::print("release       {}\n", printable(status.release()));
  fmt::print("server        {}, {}\n", shown_service(status),
             counted(status.sessions(), "session", "sessions"));
  fmt::print("root key      {}\n", printable(status.seal()));
  for (const std::string& key : status.host_key())
    fmt::print("host key      {}\n", printable(key));
  fmt::print("contents      {}, {}; {}, {}\n", counted(status.files(), "file", "files"),
             shown_size(status.bytes()), counted(status.users(), "user", "users"),
             counted(status.organisations(), "organisation", "organisations"));
  fmt::print(
      "journal       {}, the newest checkpoint covers {}, {}\n",
      counted(status.journal_entries(), "entry", "entries"), status.checkpoint_entries(),
      status.checkpoint_left_machine() ? "a copy left this machine" : "none left this machine");
  fmt::print("last backup   {}\n",
             status.backed_up_us() == 0 ? "none" : show_time(status.backed_up_us()));
  fmt::print("analysis      {} waiting\n", counted(status.analysis_backlog(), "file", "files"));
  fmt::print("disk          {} free of {}\n", shown_size(status.disk_free_bytes()),
             shown_size(status.disk_total_bytes()));
  for (const std::string& warning : status.warning())
    fmt::print("warning       {}\n", printable(warning));
  for (const std::string& failure : status.failure())
    fmt::print("failure       {}\n", printable(failure));
}

Outcome show(const StatusOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_get_status();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  admin::DeploymentStatus status = reply.status();
  status.set_serving(status.serving() && client.server_runs());
  if (options.json) {
    print_json([&](JsonWriter& json) { write_status(json, status); });
  } else {
    print_status(status);
  }
  if (status.failure_size() > 0) return ExitCode::kFailed;
  return status.warning_size() > 0 ? ExitCode::kDoneInPart : ExitCode::kDone;
}

}  // namespace

void add_status(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = root.add_subcommand(
      "status", "Health, for people and monitors: exit 0 good, 3 warnings, 1 failures");
  add_data_option(*command, options->data);
  add_json_flag(*command, options->json);
  on_chosen(*command, options, choice, show);
}

}  // namespace bulkhead::cli
