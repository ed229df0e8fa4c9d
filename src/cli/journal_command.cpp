#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/journal_commands.h"
#include "cli/journal_pages.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"

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
  JsonLines lines;
  const JournalRange range{
      .from = options.from, .most = options.most, .since_us = {}, .until_us = {}};
  BH_CHECK(read_journal(client, range, [&](const admin::JournalEntry& entry) -> Status {
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_entry(json, entry); });
    } else {
      print_entry(entry);
    }
    return {};
  }));
  if (options.json) lines.finish();
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
  on_chosen(*listing, options, choice, list);

  add_journal_checks(*command, choice);
  add_journal_cosign(*command, choice);
  add_journal_export(*command, choice);
  add_journal_forward(*command, choice);
}

}  // namespace bulkhead::cli
