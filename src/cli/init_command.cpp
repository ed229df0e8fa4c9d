#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/clock.h"
#include "base/fd.h"
#include "cli/command.h"
#include "cli/password_input.h"
#include "cli/programs.h"
#include "crypto/age.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  std::string folder;
  std::string incident_key_file;
  std::string root_key_file;
  std::string organisation = "main";
  std::string seal = "file";
  bool passphrase_stdin = false;
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
  std::vector<std::string> arguments = {
      "--data",          folder.string(),  "--create",           "--root-key-out",
      root_key.string(), "--organisation", options.organisation, "--incident-recipient",
      recipient,         "--seal",         options.seal};
  UniqueFd passphrases;
  if (options.seal == "passphrase") {
    BH_TRY(const crypto::SecretBytes passphrase,
           read_passphrase(STDIN_FILENO, "Passphrase for the root key", true));
    BH_TRY(passphrases, passphrase_descriptor({&passphrase}));
    arguments.insert(arguments.end(), {"--passphrase-fd", "3"});
  }
  BH_TRY(ChildProcess child, ChildProcess::start(vault, arguments, passphrases.get()));
  if (child.wait()) return {};
  return child.failure("the vault could not make the deployment");
}

const char* root_key_advice(const InitOptions& options) {
  if (options.seal == "passphrase") {
    return "    It is sealed with your passphrase, which is asked for after each start of the "
           "server (bulkhead unseal).\n    Keep a copy of the file, and the passphrase, off this "
           "machine.\n    Without both every file is lost, for good.\n";
  }
  return "    The server reads it when it starts. It is a plain file: good for trying out; "
         "bulkhead rekey --seal passphrase\n    seals it. Keep a copy off this machine, and never in the "
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
      root_key_advice(options));
}

Outcome init(const InitOptions& options) {
  const fs::path folder = absolute_path(options.folder);
  const fs::path incident_key = absolute_path(options.incident_key_file);
  const fs::path root_key = options.root_key_file.empty() ? fs::path(folder.string() + ".root-key")
                                                          : absolute_path(options.root_key_file);
  BH_CHECK(check_paths(folder, incident_key, root_key));
  if (options.seal == "passphrase" && !options.passphrase_stdin && ::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no terminal to ask on: give the passphrase with --passphrase-stdin");
  }
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
      ->add_option(
          "--seal", options->seal,
          "What the root key is sealed by: file (not at all: for trying out) or passphrase")
      ->check(CLI::IsMember({"file", "passphrase"}))
      ->type_name("KIND")
      ->capture_default_str();
  command->add_flag("--passphrase-stdin", options->passphrase_stdin,
                    "Read the passphrase from standard input, one line");
  command->callback([options, &choice] { choice.action = [options] { return init(*options); }; });
}

}  // namespace bulkhead::cli
