#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/configuration.h"
#include "cli/command.h"
#include "cli/password_input.h"
#include "cli/programs.h"

namespace bulkhead::cli {
namespace {

struct RekeyOptions {
  std::string data;
  std::string seal;
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
Outcome rekey(const RekeyOptions& options) {
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

}  // namespace

void add_rekey(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<RekeyOptions>();
  CLI::App* command = root.add_subcommand("rekey", "Put the root key under another seal");
  add_data_option(*command, options->data);
  command
      ->add_option("--seal", options->seal,
                   "What the root key is to be sealed by: passphrase, or file (not sealed)")
      ->required()
      ->check(CLI::IsMember({"file", "passphrase"}))
      ->type_name("KIND");
  command->add_flag("--passphrase-stdin", options->passphrase_stdin,
                    "Read the passphrases from standard input: the old one where there is one, "
                    "then the new one, a line each");
  command->callback([options, &choice] { choice.action = [options] { return rekey(*options); }; });
}

}  // namespace bulkhead::cli
