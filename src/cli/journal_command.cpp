#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct JournalOptions {
  std::string data;
  std::uint64_t from = 0;
  std::uint64_t most = 0;
  std::string zone = "UTC";
  bool json = false;
};

void write_entry(JsonWriter& json, const admin::JournalEntry& entry) {
  json.begin_object();
  json.member("entry", entry.index());
  json.member("at", show_time(entry.at_us()));
  if (entry.channel() != 0) json.member("session", show_session(entry.channel()));
  json.member("event", entry.event());
  json.key("details");  // a list: some keys come more than once
  json.begin_array();
  for (const admin::Detail& detail : entry.detail()) {
    json.begin_object();
    json.member("key", detail.key());
    json.member("value", detail.value());
    json.end_object();
  }
  json.end_array();
  json.member("leaf_hash", to_hex(as_bytes(entry.leaf_hash())));
  json.end_object();
}

// Printed as it comes: a journal has no bound that a table could wait for.
void print_entry(const admin::JournalEntry& entry) {
  std::string details;
  for (const admin::Detail& detail : entry.detail())
    details += fmt::format("  {}={}", detail.key(), detail.value());
  fmt::print("{:>8}  {}  {:<6}  {}{}\n", entry.index(), show_time(entry.at_us()),
             entry.channel() == 0 ? "-" : show_session(entry.channel()), printable(entry.event()),
             printable(details));
}

Outcome list(const JournalOptions& options) {
  BH_CHECK(use_zone(options.zone));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_journal()->set_from(options.from);
  request.mutable_list_journal()->set_most(options.most);
  JsonLines lines;
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_entry(json, reply.journal_entry()); });
    } else {
      print_entry(reply.journal_entry());
    }
    return {};
  }));
  if (options.json) lines.finish();
  return ExitCode::kDone;
}

void write_verdict(JsonWriter& json, const admin::JournalVerdict& verdict) {
  json.begin_object();
  json.member("good", verdict.good());
  json.member("entries", verdict.entries());
  json.member("root", to_hex(as_bytes(verdict.root())));
  json.member("checkpoints", verdict.checkpoints());
  if (!verdict.good()) {
    json.member("first_misfit", verdict.first_misfit());
    json.member("first_misfit_entry", verdict.first_misfit_entry());
  }
  json.end_object();
}

Outcome verify(const JournalOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_verify_journal();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  const admin::JournalVerdict& verdict = reply.journal_verdict();
  if (options.json) print_json([&](JsonWriter& json) { write_verdict(json, verdict); });
  if (!verdict.good()) {
    const std::string misfit =
        verdict.first_misfit().empty()
            ? fmt::format("entry {} does not fit", verdict.first_misfit_entry())
            : verdict.first_misfit();
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("the journal does not verify: {}: keep a copy of the folder as evidence, "
                    "and stop the server",
                    misfit));
  }
  if (!options.json) {
    fmt::print("the journal verifies: {}, {}\nroot {}\n",
               counted(verdict.entries(), "entry", "entries"),
               counted(verdict.checkpoints(), "checkpoint", "checkpoints"),
               to_hex(as_bytes(verdict.root())));
  }
  return ExitCode::kDone;
}

Outcome checkpoint(const JournalOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_make_checkpoint();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  fmt::print("made a checkpoint of {}\nroot {}\n",
             counted(reply.journal_verdict().entries(), "entry", "entries"),
             to_hex(as_bytes(reply.journal_verdict().root())));
  return ExitCode::kDone;
}

}  // namespace

void add_journal(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<JournalOptions>();
  CLI::App* command = root.add_subcommand(
      "journal", "The journal: what happened, and the proof that it was not rewritten");
  command->require_subcommand(1);

  CLI::App* listing = command->add_subcommand("list", "Print entries, oldest first");
  listing->add_option("--from", options->from, "The first entry to print")
      ->type_name("NUMBER")
      ->capture_default_str();
  listing->add_option("--most", options->most, "At most so many; 0 is all")
      ->type_name("NUMBER")
      ->capture_default_str();
  add_zone_option(*listing, options->zone);
  add_data_option(*listing, options->data);
  add_json_flag(*listing, options->json);
  listing->callback([options, &choice] { choice.action = [options] { return list(*options); }; });

  CLI::App* verifying =
      command->add_subcommand("verify", "Check every entry; names the first one that does not fit");
  add_data_option(*verifying, options->data);
  add_json_flag(*verifying, options->json);
  verifying->callback(
      [options, &choice] { choice.action = [options] { return verify(*options); }; });

  CLI::App* checkpointing = command->add_subcommand("checkpoint", "Sign the journal as it is now");
  add_data_option(*checkpointing, options->data);
  checkpointing->callback(
      [options, &choice] { choice.action = [options] { return checkpoint(*options); }; });
  add_later_command(*command, "export", "journal export", ExitCode::kFailed, choice);
}

}  // namespace bulkhead::cli
