#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct TransfersOptions {
  std::string data;
  std::string user;
  std::string path;
  std::string since;
  std::string zone = "UTC";
  bool json = false;
};

void write_transfer(JsonWriter& json, const admin::Transfer& transfer) {
  json.begin_object();
  json.member("at", show_time(transfer.at_us()));
  json.member("session", show_session(transfer.channel()));
  json.member("user", transfer.user());
  json.member("direction", transfer.direction());
  json.member("bytes", transfer.bytes());
  json.member("path", transfer.path());
  json.end_object();
}

Outcome list(const TransfersOptions& options) {
  BH_CHECK(use_zone(options.zone));
  admin::Request request;
  admin::ListTransfers& asked = *request.mutable_list_transfers();
  asked.set_user(options.user);
  asked.set_path(options.path);
  if (!options.since.empty()) {
    BH_TRY(const UnixMicros since, read_time_option("--since", options.since, DayEdge::kFirst));
    asked.set_since_us(since);
  }
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  JsonLines lines;
  Table table({"TIME", "SESSION", "USER", "WAY", "SIZE", "PATH"});
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    const admin::Transfer& transfer = reply.transfer();
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_transfer(json, transfer); });
    } else {
      table.add({show_time(transfer.at_us()), show_session(transfer.channel()), transfer.user(),
                 transfer.direction(), shown_size(transfer.bytes()), transfer.path()});
    }
    return {};
  }));
  options.json ? lines.finish() : table.print();
  return ExitCode::kDone;
}

}  // namespace

void add_transfers(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<TransfersOptions>();
  CLI::App* command =
      root.add_subcommand("transfers", "Who sent and fetched what, in which session");
  command->add_option("--user", options->user, "Only of this user")->type_name("NAME");
  command->add_option("--path", options->path, "Only of this file or folder")->type_name("PATH");
  command->add_option("--since", options->since, "Only from this time on")->type_name("TIME");
  add_zone_option(*command, options->zone);
  add_data_option(*command, options->data);
  add_json_flag(*command, options->json);
  on_chosen(*command, options, choice, list);
}

}  // namespace bulkhead::cli
