#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/change_seals.h"
#include "cli/command.h"
#include "cli/on_chosen.h"
#include "cli/root_key_change.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct RekeyOptions {
  std::string data;
  std::vector<std::string> seals;  // in the place of all that there are
  std::string added;
  std::string removed;
  std::string open_with;
  SealOptions settings;
  bool root = false;
  std::string organisation;
  bool all_organisations = false;
};

// The keeper reads and writes the key; this program sees only passphrases and PINs.
Outcome reseal(const RekeyOptions& options) {
  SealChange change{.data = options.data,
                    .task = "--reseal",
                    .wanted = options.settings,
                    .open_with = options.open_with};
  change.wanted.seals = options.seals;
  if (!options.added.empty()) {
    change.task = "--add-seal";
    change.wanted.seals = {options.added};
  } else if (!options.removed.empty()) {
    change.task = "--remove-seal";
    change.wanted.seals = {options.removed};
  }
  BH_TRY(const std::string file, change_seals(change));
  const std::string names = fmt::format("{}", fmt::join(change.wanted.seals, ", "));
  if (!options.added.empty()) {
    fmt::print("The root key in {} is sealed by {}, too.", file, names);
  } else if (!options.removed.empty()) {
    fmt::print("The root key in {} is not sealed by {} any more.", file, names);
  } else {
    fmt::print("The root key in {} is sealed by: {}.", file, names);
  }
  fmt::print(
      " It is the same key; a server that runs goes on.\n"
      "Copies of the file as it was before, in backups and perhaps in free blocks of the disk, "
      "still open with what they opened with before.\n");
  return ExitCode::kDone;
}

Outcome rotate_root(const RekeyOptions& options) {
  admin::RotatedKeys figures;
  BH_TRY(const RootKeyChanged changed,
         change_root_key(
             {.data = options.data, .passphrase_stdin = options.settings.secrets_from_stdin},
             figures));
  if (changed.finished_earlier) {
    fmt::print("A change of the root key that had been interrupted is finished now.\n");
  } else {
    fmt::print("The root key in {} is another one; {} keys of organisations were taken along.\n",
               changed.root_key_file, figures.organisation_keys());
  }
  fmt::print(
      "No contents were rewritten, and a server that runs goes on. Copy the root key to where its "
      "copies are kept, and make a backup: those that there are open with the older root key "
      "only.\n");
  return ExitCode::kDone;
}

Outcome rotate_organisations(const RekeyOptions& options) {
  admin::Request request;
  request.mutable_rotate_organisation_keys()->set_organisation(options.organisation);
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  const auto& rotated = reply.rotated_keys();
  fmt::print("Organisations with a new key: {}. New files are under it.\n",
             rotated.organisation_keys());
  if (rotated.file_keys() != 0) {
    fmt::print("{} file keys are wrapped anew {}; bulkhead org list shows how many are left.\n",
               rotated.file_keys(),
               client.server_runs() ? "in the background" : "once a server runs");
  }
  fmt::print(
      "What was wrapped before stays in the journal and opens with the root key that there is: "
      "bulkhead rekey --root ends that, too.\n");
  return ExitCode::kDone;
}

Outcome rekey(const RekeyOptions& options) {
  const bool seals = !options.seals.empty() || !options.added.empty() || !options.removed.empty();
  const int wanted = (options.seals.empty() ? 0 : 1) + (options.added.empty() ? 0 : 1) +
                     (options.removed.empty() ? 0 : 1) + (options.root ? 1 : 0) +
                     (options.organisation.empty() ? 0 : 1) + (options.all_organisations ? 1 : 0);
  if (wanted != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "say what is to change, one of: --seal KIND, --add-seal KIND, --remove-seal KIND, "
                "--root, --org NAME, --all-orgs");
  }
  if (seals) return reseal(options);
  return options.root ? rotate_root(options) : rotate_organisations(options);
}

}  // namespace

void add_rekey(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<RekeyOptions>();
  CLI::App* command = root.add_subcommand(
      "rekey", "Change keys: another root key, organisations' keys, or the root key's seals");
  add_data_option(*command, options->data);
  const CLI::IsMember any(seal_kinds());
  command
      ->add_option("--seal", options->seals,
                   "What the root key is to be sealed by, in the place of what seals it now; "
                   "several with commas between, each of which opens it")
      ->delimiter(',')
      ->check(any)
      ->type_name("KIND");
  command
      ->add_option("--add-seal", options->added,
                   "One more, or another one in the place of that kind's")
      ->check(any)
      ->type_name("KIND");
  command->add_option("--remove-seal", options->removed, "One less")->check(any)->type_name("KIND");
  command
      ->add_option("--open-with", options->open_with,
                   "By which of its seals the root key is opened for that; its passphrase, where "
                   "it has one, if not given")
      ->check(any)
      ->type_name("KIND");
  command->add_flag("--root", options->root,
                    "Make another root key, and wrap with it what the present one has wrapped");
  command
      ->add_option("--org", options->organisation,
                   "Make another key for this organisation; its file keys are wrapped anew")
      ->type_name("NAME");
  command->add_flag("--all-orgs", options->all_organisations, "The same for every organisation");
  add_seal_settings(*command, options->settings);
  on_chosen(*command, options, choice, rekey);
}

}  // namespace bulkhead::cli
