#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/root_key_change.h"
#include "cli/terminal.h"
#include "crypto/age.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct OrgOptions {
  std::string data;
  std::string name;
  std::vector<std::string> incident_recipients;
  bool json = false;
  std::string confirm;
  bool passphrase_stdin = false;
};

void write_organisation(JsonWriter& json, const admin::Organisation& organisation) {
  json.begin_object();
  json.member("name", organisation.name());
  json.member("users", organisation.users());
  json.member("key_epoch", organisation.key_epoch());
  json.member("keys_destroyed", organisation.destroyed());
  json.member("file_keys_to_rewrap", organisation.file_keys_to_rewrap());
  json.key("incident_recipients");
  json.begin_array();
  for (const std::string& recipient : organisation.incident_recipient())
    json.value(recipient);
  json.end_array();
  json.end_object();
}

// "2", "2 (17 file keys to wrap anew)", "destroyed"
std::string key_state(const admin::Organisation& organisation) {
  if (organisation.destroyed()) return "destroyed";
  std::string state = std::to_string(organisation.key_epoch());
  if (organisation.file_keys_to_rewrap() != 0)
    state += fmt::format(" ({} file keys to wrap anew)", organisation.file_keys_to_rewrap());
  return state;
}

Outcome add(const OrgOptions& options) {
  admin::Request request;
  admin::AddOrganisation& organisation = *request.mutable_add_organisation();
  organisation.set_name(options.name);
  for (const std::string& recipient : options.incident_recipients) {
    if (const auto parsed = crypto::AgeRecipient::parse(recipient); !parsed) {
      const bool is_private = recipient.starts_with("AGE-SECRET-KEY-");
      return fail(ErrorCode::kInvalidArgument,
                  is_private ? "--incident-recipient was given a private key: keep it secret and "
                               "give its public half, age1…"
                             : "--incident-recipient is not an age public key: give the age1… that "
                               "age-keygen printed");
    }
    organisation.add_incident_recipient(recipient);
  }
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("added organisation {}\n", printable(options.name));
  if (options.incident_recipients.empty()) {
    fmt::print(
        stderr,
        "bulkhead: {} has no incident key: nobody will be able to say whose data its files hold\n",
        printable(options.name));
  }
  return ExitCode::kDone;
}

Outcome list(const OrgOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_organisations();
  JsonLines lines;
  Table table({"ORGANISATION", "USERS", "INCIDENT KEYS", "KEY"});
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    const admin::Organisation& organisation = reply.organisation();
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_organisation(json, organisation); });
    } else {
      table.add({organisation.name(), std::to_string(organisation.users()),
                 std::to_string(organisation.incident_recipient_size()), key_state(organisation)});
    }
    return {};
  }));
  options.json ? lines.finish() : table.print();
  return ExitCode::kDone;
}

Outcome show(const OrgOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_show_organisation()->set_name(options.name);
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  const admin::Organisation& organisation = reply.organisation();
  if (options.json) {
    print_json([&](JsonWriter& json) { write_organisation(json, organisation); });
    return ExitCode::kDone;
  }
  fmt::print("organisation  {}\nusers         {}\nkey           {}\n",
             printable(organisation.name()), organisation.users(), key_state(organisation));
  if (organisation.incident_recipient_size() == 0)
    fmt::print("incident key  none: findings are not kept\n");
  for (const std::string& recipient : organisation.incident_recipient()) {
    fmt::print("incident key  {}\n", printable(recipient));
  }
  return ExitCode::kDone;
}

// What the journal has of its keys is wrapped by the root key that goes, so that one has to change.
Outcome shred(const OrgOptions& options) {
  if (options.confirm != options.name) {
    return fail(ErrorCode::kInvalidArgument,
                "this destroys the keys of all its files, for ever: repeat the organisation's name "
                "with --confirm");
  }
  admin::RotatedKeys figures;
  BH_TRY(const RootKeyChanged changed,
         change_root_key({.data = options.data,
                          .passphrase_stdin = options.passphrase_stdin,
                          .destroy_organisation = options.name},
                         figures));
  fmt::print(
      "The keys of {} are destroyed: {} files open no more. Accounts disabled: {}. Connections "
      "ended: {}.\n\n"
      "What is left of it:\n"
      "  - Backups open it still for whoever has a copy of the older root key. Destroy those "
      "copies; put\n    the new root key ({}) in their place, and make a backup, because the "
      "older ones\n    then open for nobody.\n"
      "  - The older root key's file was overwritten; a disk that keeps old blocks (SSD, "
      "snapshots) "
      "may\n    have it still, and a chip or token may still open a copy of that file.\n"
      "  - Names of its files and accounts, sizes and times stay in the journal. Findings about "
      "its "
      "files\n    stay, sealed to its incident keys.\n",
      printable(options.name), figures.files_destroyed(), figures.users_disabled(),
      figures.sessions_ended(), changed.root_key_file);
  return ExitCode::kDone;
}

}  // namespace

void add_org(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<OrgOptions>();
  CLI::App* command = root.add_subcommand("org", "Organisations: whose data it is");
  command->require_subcommand(1);

  CLI::App* adding = command->add_subcommand("add", "Add an organisation");
  adding->add_option("NAME", options->name)->required()->type_name("");
  adding
      ->add_option("--incident-recipient", options->incident_recipients,
                   "Public half of its incident key, age1… (age-keygen makes one); repeat for more")
      ->type_name("AGEKEY")
      ->allow_extra_args(false);
  add_data_option(*adding, options->data);
  on_chosen(*adding, options, choice, add);

  CLI::App* listing = command->add_subcommand("list", "List the organisations");
  add_data_option(*listing, options->data);
  add_json_flag(*listing, options->json);
  on_chosen(*listing, options, choice, list);

  CLI::App* showing = command->add_subcommand("show", "Show one organisation");
  showing->add_option("NAME", options->name)->required()->type_name("");
  add_data_option(*showing, options->data);
  add_json_flag(*showing, options->json);
  on_chosen(*showing, options, choice, show);

  CLI::App* shredding = command->add_subcommand(
      "shred", "Destroy an organisation's keys: nobody opens its files again");
  shredding->add_option("NAME", options->name)->required()->type_name("");
  shredding->add_option("--confirm", options->confirm, "The name once more")
      ->required()
      ->type_name("NAME");
  shredding->add_flag("--passphrase-stdin", options->passphrase_stdin,
                      "Read the root key's passphrase, where it has one, from standard input");
  add_data_option(*shredding, options->data);
  on_chosen(*shredding, options, choice, shred);
}

}  // namespace bulkhead::cli
