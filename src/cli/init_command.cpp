#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/clock.h"
#include "base/fd.h"
#include "cli/command.h"
#include "cli/on_chosen.h"
#include "cli/programs.h"
#include "cli/seal_options.h"
#include "crypto/age.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  std::string folder;
  std::string incident_key_file;
  std::string root_key_file;
  std::string organisation = "main";
  SealOptions sealing{.seals = {"file"}};
};

// Without "." and "..", and without a slash at the end; nothing needs to exist.
fs::path absolute_path(const std::string& text) {
  fs::path path = fs::absolute(text).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path;
}

bool lies_within(const fs::path& path, const fs::path& folder) {
  const auto [at, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return at == folder.end();
}

Status check_paths(const fs::path& folder, const fs::path& incident_key, const fs::path& root_key) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    return fail(ErrorCode::kNotDirectory,
                fmt::format("{} is not a folder: name a new or empty one", folder.string()));
  }
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("{} is not empty: name a new or empty folder", folder.string()));
  }
  if (error)
    return fail(ErrorCode::kIo,
                fmt::format("{} cannot be read: {}", folder.string(), error.message()));
  if (incident_key == root_key) {
    return fail(ErrorCode::kInvalidArgument,
                "incident key and root key are two files: give them different names");
  }
  if (lies_within(incident_key, folder)) {
    return fail(ErrorCode::kInvalidArgument,
                "the incident key must not lie in the deployment that it opens: name a file "
                "outside, to be taken away");
  }
  for (const fs::path& key : {incident_key, root_key}) {
    if (fs::exists(fs::symlink_status(key, error))) {
      return fail(
          ErrorCode::kAlreadyExists,
          fmt::format("{} exists: a key is never overwritten, name another file", key.string()));
    }
  }
  return {};
}

// As age-keygen writes it, so that the stock tools read it.
Status write_incident_key(const std::string& path, const crypto::AgeIdentity& identity) {
  BH_TRY(const UniqueFd fd, open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  std::string text = fmt::format(
      "# created: {}\n# bulkhead incident key: opens what is known of whose data was in which "
      "file\n"
      "# public key: {}\n{}\n",
      to_rfc3339(system_clock().now() / kMicrosPerSecond * kMicrosPerSecond),
      identity.recipient().to_string(), identity.to_string());
  const Status written = write_all(fd.get(), as_bytes(text), path);
  crypto::wipe({reinterpret_cast<Byte*>(text.data()), text.size()});
  BH_CHECK(written);
  BH_CHECK(sync_data(fd.get(), path));
  return sync_directory(fs::path(path).parent_path().string());
}

Status create_deployment(const InitOptions& options, const fs::path& folder,
                         const fs::path& root_key, const std::string& recipient) {
  BH_TRY(const std::string vault, find_program("bulkhead-vault"));
  std::vector<std::string> arguments = {"--data",
                                        folder.string(),
                                        "--create",
                                        "--root-key-out",
                                        root_key.string(),
                                        "--organisation",
                                        options.organisation,
                                        "--incident-recipient",
                                        recipient,
                                        "--passphrase-fd",
                                        "3"};
  const std::vector<std::string> seals = seal_arguments(options.sealing);
  arguments.insert(arguments.end(), seals.begin(), seals.end());
  std::vector<crypto::SecretBytes> secrets;
  BH_CHECK(ask_new_secrets(options.sealing, secrets));
  BH_TRY(const UniqueFd lines, secrets_descriptor(secrets));
  BH_TRY(ChildProcess child, ChildProcess::start(vault, arguments, lines.get()));
  if (child.wait()) return {};
  return child.failure("the vault could not make the deployment");
}

const char* root_key_advice(const SealOptions& sealing) {
  const bool passphrase = sealing.has("passphrase");
  if (passphrase && sealing.seals.size() == 1) {
    return "    It is sealed with your passphrase, which is asked for after each start of the "
           "server (bulkhead unseal).\n    Keep a copy of the file, and the passphrase, off this "
           "machine.\n    Without both every file is lost, for good.\n";
  }
  if (passphrase) {
    return "    Your passphrase opens it where no other seal does (bulkhead unseal). Keep a copy "
           "of "
           "the file, and the\n    passphrase, off this machine. Without both every file is lost "
           "with this machine's chip or token, for good.\n";
  }
  if (!sealing.has("file")) {
    return "    A chip or token alone opens it: when that breaks, is cleared or exchanged, every "
           "file is lost, for good.\n    bulkhead rekey --add-seal passphrase adds a passphrase "
           "that "
           "opens it, too. Do that now, and keep a copy of\n    the file off this machine.\n";
  }
  return "    The server reads it when it starts. It is a plain file: good for trying out; "
         "bulkhead rekey --seal passphrase\n    seals it. Keep a copy off this machine, and never "
         "in the "
         "same backup as the deployment: whoever has both\n    can read every file. Without it "
         "every file is lost, for good.\n";
}

void tell_what_to_keep(const InitOptions& options, const fs::path& folder,
                       const fs::path& incident_key, const fs::path& root_key,
                       const std::string& recipient) {
  fmt::print(
      "Made a deployment in {0}, with one organisation called {1}.\n"
      "\n"
      "Two keys were made. Bulkhead holds no copy of either:\n"
      "\n"
      "  root key      {2}\n"
      "{5}"
      "\n"
      "  incident key  {3}\n"
      "    Take it away from this machine now: a safe, a smart card, an encrypted stick. It opens "
      "the index of whose\n"
      "    data was in which file, for {1} (its public half is {4}).\n"
      "    The server never needs it. Without it nobody can say whose data an incident touched; "
      "the files are not\n"
      "    affected.\n"
      "\n"
      "Next: bulkhead user add NAME --key NAME.pub --data {0}\n"
      "      bulkhead serve {0}\n",
      folder.string(), options.organisation, root_key.string(), incident_key.string(), recipient,
      root_key_advice(options.sealing));
}

Outcome init(const InitOptions& options) {
  const fs::path folder = absolute_path(options.folder);
  const fs::path incident_key = absolute_path(options.incident_key_file);
  const fs::path root_key = options.root_key_file.empty() ? fs::path(folder.string() + ".root-key")
                                                          : absolute_path(options.root_key_file);
  BH_CHECK(check_paths(folder, incident_key, root_key));
  BH_CHECK(check_seals(options.sealing));
  const auto identity = crypto::AgeIdentity::generate(crypto::system_random());
  const std::string recipient = identity.recipient().to_string();
  BH_CHECK(write_incident_key(incident_key.string(), identity));
  if (const Status created = create_deployment(options, folder, root_key, recipient); !created) {
    ::unlink(incident_key.c_str());  // it opens nothing: a second attempt may use the name
    return fail(created.error());
  }
  tell_what_to_keep(options, folder, incident_key, root_key, recipient);
  return ExitCode::kDone;
}

}  // namespace

void add_init(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* command =
      root.add_subcommand("init", "Make a new deployment in a folder, with its keys");
  command->add_option("DIR", options->folder, "A new or empty folder")->required()->type_name("");
  command
      ->add_option("--incident-key-out", options->incident_key_file,
                   "Where the private half of the incident key goes, once; to be taken away")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--root-key-out", options->root_key_file,
                   "Where the root key goes; beside DIR if not given")
      ->type_name("FILE");
  command->add_option("--organisation", options->organisation, "Name of the first organisation")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--seal", options->sealing.seals,
                   "What the root key is sealed by: file (not at all: for trying out), passphrase, "
                   "tpm, pkcs11; several with commas between, each of which opens it")
      ->delimiter(',')
      ->check(CLI::IsMember(seal_kinds()))
      ->type_name("KIND")
      ->capture_default_str();
  add_seal_settings(*command, options->sealing);
  on_chosen(*command, options, choice, init);
}

}  // namespace bulkhead::cli
