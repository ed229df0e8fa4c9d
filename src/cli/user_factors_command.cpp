// bulkhead user totp, methods, key, verify-required: what an account logs in with.
#include "cli/user_factors_command.h"

#include <fmt/format.h>

#include "cli/administration_client.h"
#include "cli/on_chosen.h"
#include "cli/otpauth.h"
#include "cli/public_key_file.h"
#include "cli/terminal.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct FactorOptions {
  std::string data;
  std::string name;
  bool remove = false;
  std::vector<std::string> sequences;
  bool any = false;
  bool off = false;
  std::vector<std::string> key_files;
  std::vector<std::string> fingerprints;
};

Outcome change(const FactorOptions& options, admin::Request& request, std::string_view done) {
  request.mutable_change_user()->set_name(options.name);
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("{} of user {}\n", done, printable(options.name));
  return ExitCode::kDone;
}

Outcome add_keys(const FactorOptions& options) {
  admin::Request request;
  for (const std::string& path : options.key_files) {
    BH_TRY(const std::vector<Bytes> keys, read_public_key_file(path));
    for (const Bytes& key : keys)
      request.mutable_change_user()->add_add_public_key(key.data(), key.size());
  }
  return change(options, request, "added keys");
}

Outcome remove_keys(const FactorOptions& options) {
  admin::Request request;
  for (const std::string& fingerprint : options.fingerprints)
    request.mutable_change_user()->add_remove_key(fingerprint);
  return change(options, request, "removed keys, and ended sessions,");
}

Outcome set_verify_required(const FactorOptions& options) {
  admin::Request request;
  request.mutable_change_user()->set_verify_required(!options.off);
  return change(options, request,
                options.off ? "user verification by security keys is no longer required"
                            : "user verification by security keys is now required");
}

Outcome set_totp(const FactorOptions& options) {
  admin::Request request;
  admin::ChangeUser& change = *request.mutable_change_user();
  change.set_name(options.name);
  change.set_set_totp(true);
  const TotpSecret secret = new_totp_secret();
  if (!options.remove) change.set_totp_secret(secret.view().data(), secret.size());
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  if (options.remove) {
    fmt::print("took the second factor of user {} away\n", printable(options.name));
  } else {
    fmt::print("enrolled a second factor for user {}; one that was there before is void\n",
               printable(options.name));
    print_totp_secret(options.name, secret);
  }
  return ExitCode::kDone;
}

Outcome set_methods(const FactorOptions& options) {
  if (options.any != options.sequences.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "give one or more SEQUENCEs, such as publickey,keyboard-interactive, or --any");
  }
  admin::Request request;
  request.mutable_change_user()->set_set_login_methods(true);
  for (const std::string& sequence : options.sequences)
    request.mutable_change_user()->add_login_methods(sequence);
  return change(options, request, "set the login methods");
}

CLI::App* add_for_one(CLI::App& parent, const char* name, const char* help,
                      const std::shared_ptr<FactorOptions>& options, Choice& choice,
                      Outcome (*run)(const FactorOptions&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("NAME", options->name)->required()->type_name("");
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, run);
  return command;
}

}  // namespace

TotpSecret new_totp_secret() {
  TotpSecret secret;
  crypto::system_random().fill(secret.mutable_view());
  return secret;
}

void print_totp_secret(std::string_view user_name, const TotpSecret& secret) {
  fmt::print(
      "for the user's authenticator application, as a QR code or typed; it is shown this once:\n"
      "  {}\n",
      otpauth_uri(user_name, secret.view()));
}

void add_user_factors(CLI::App& user, Choice& choice) {
  auto options = std::make_shared<FactorOptions>();
  add_for_one(user, "totp", "Enrol a second factor (time-based codes), shown once", options, choice,
              set_totp)
      ->add_flag("--remove", options->remove, "Take the second factor away");
  CLI::App* methods =
      add_for_one(user, "methods", "What a user must log in with", options, choice, set_methods);
  methods
      ->add_option("SEQUENCE", options->sequences,
                   "publickey, password, keyboard-interactive; with commas between those that must "
                   "follow each other; any one SEQUENCE suffices")
      ->type_name("");
  methods->add_flag("--any", options->any,
                    "Any method suffices; a password only where there is no second factor");
  add_for_one(user, "verify-required",
              "Security keys must verify their user (PIN, fingerprint), not only be touched",
              options, choice, set_verify_required)
      ->add_flag("--off", options->off, "A touch suffices again");

  CLI::App* keys = user.add_subcommand("key", "Add and remove a user's SSH keys");
  keys->require_subcommand(1);
  add_for_one(*keys, "add", "Add keys", options, choice, add_keys)
      ->add_option("--key", options->key_files,
                   "File with SSH public keys (.pub or authorized_keys); repeat for more")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
  add_for_one(*keys, "remove", "Remove keys, and end the user's sessions", options, choice,
              remove_keys)
      ->add_option("FINGERPRINT", options->fingerprints, "SHA256:…, as user show prints it")
      ->required()
      ->type_name("");
}

}  // namespace bulkhead::cli
