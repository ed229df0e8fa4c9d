#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/configuration.h"
#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/password_input.h"
#include "cli/programs.h"
#include "cli/root_key_change.h"
#include "cli/terminal.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct RekeyOptions {
  std::string data;
  std::string seal;
  bool root = false;
  std::string organisation;
  bool all_organisations = false;
  bool passphrase_stdin = false;
};

Result<std::string> seal_of(const std::string& keeper, const std::string& root_key_file) {
  BH_TRY(ChildProcess child,
         ChildProcess::start(keeper, {"--print-seal", "--root-key-file", root_key_file}));
  if (!child.wait()) return child.failure("the root key could not be looked at");
  std::string said = child.said();
  if (said.ends_with('\n')) said.pop_back();
  return said;
}

// The keeper reads and writes the key; this program sees only passphrases.
Outcome reseal(const RekeyOptions& options) {
  BH_TRY(const Configuration configuration, read_configuration(options.data + "/bulkhead.toml"));
  const std::string& root_key_file = configuration.keys.root_key_file;
  if (root_key_file.starts_with("credential:")) {
    return fail(ErrorCode::kUnsupported,
                "the root key is systemd's credential: seal it anew with systemd-creds encrypt");
  }
  if (!options.passphrase_stdin && ::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no terminal to ask on: give the passphrases with --passphrase-stdin, the "
                "old one's line first where there is one");
  }
  BH_TRY(const std::string keeper, find_program("bulkhead-keeper"));
  BH_TRY(const std::string seal, seal_of(keeper, root_key_file));
  crypto::SecretBytes now;
  crypto::SecretBytes next;
  if (seal == "passphrase") {
    BH_TRY(now, read_passphrase(STDIN_FILENO, "Passphrase of the root key", false));
  }
  if (options.seal == "passphrase") {
    BH_TRY(next, read_passphrase(STDIN_FILENO, "New passphrase", true));
  }
  BH_TRY(const UniqueFd passphrases, passphrase_descriptor({&now, &next}));
  BH_TRY(ChildProcess child, ChildProcess::start(keeper,
                                                 {"--reseal", "--root-key-file", root_key_file,
                                                  "--seal", options.seal, "--passphrase-fd", "3"},
                                                 passphrases.get()));
  if (!child.wait()) return child.failure("the root key could not be sealed anew");
  fmt::print(
      "The root key in {} is sealed by: {}. It is the same key; a server that runs goes on.\n"
      "Copies of the file as it was before, in backups and perhaps in free blocks of the disk, "
      "still open with what they opened with before.\n",
      root_key_file, options.seal);
  return ExitCode::kDone;
}

Outcome rotate_root(const RekeyOptions& options) {
  admin::RotatedKeys figures;
  BH_TRY(const RootKeyChanged changed,
         change_root_key({.data = options.data, .passphrase_stdin = options.passphrase_stdin},
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
  const int wanted = (options.seal.empty() ? 0 : 1) + (options.root ? 1 : 0) +
                     (options.organisation.empty() ? 0 : 1) + (options.all_organisations ? 1 : 0);
  if (wanted != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "say what is to change, one of: --seal KIND, --root, --org NAME, --all-orgs");
  }
  if (!options.seal.empty()) return reseal(options);
  return options.root ? rotate_root(options) : rotate_organisations(options);
}

}  // namespace

void add_rekey(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<RekeyOptions>();
  CLI::App* command = root.add_subcommand(
      "rekey", "Change keys: another root key, organisations' keys, or the root key's seal");
  add_data_option(*command, options->data);
  command
      ->add_option("--seal", options->seal,
                   "What the root key is to be sealed by: passphrase, or file (not sealed)")
      ->check(CLI::IsMember({"file", "passphrase"}))
      ->type_name("KIND");
  command->add_flag("--root", options->root,
                    "Make another root key, and wrap with it what the present one has wrapped");
  command
      ->add_option("--org", options->organisation,
                   "Make another key for this organisation; its file keys are wrapped anew")
      ->type_name("NAME");
  command->add_flag("--all-orgs", options->all_organisations, "The same for every organisation");
  command->add_flag("--passphrase-stdin", options->passphrase_stdin,
                    "Read the passphrases from standard input: the old one where there is one, "
                    "then the new one, a line each");
  command->callback([options, &choice] { choice.action = [options] { return rekey(*options); }; });
}

}  // namespace bulkhead::cli
