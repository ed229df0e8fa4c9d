#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/password_input.h"
#include "cli/public_key_file.h"
#include "cli/terminal.h"
#include "cli/user_factors_command.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct UserOptions {
  std::string data;
  std::string name;
  std::string organisation;
  std::vector<std::string> key_files;
  bool password_stdin = false;
  bool totp = false;
  bool verify_required = false;
  std::vector<std::string> methods;
  std::string role = "user";
  bool json = false;
};

void write_budget(JsonWriter& json, const admin::Budget& budget) {
  json.begin_object();
  json.member("bytes_per_day", budget.bytes_per_day());
  json.member("files_per_day", budget.files_per_day());
  json.member("names_per_day", budget.names_per_day());
  json.member("bytes_spent", budget.bytes_spent());
  json.member("files_spent", budget.files_spent());
  json.member("names_spent", budget.names_spent());
  json.end_object();
}

void write_user(JsonWriter& json, const admin::User& user) {
  json.begin_object();
  json.member("name", user.name());
  json.member("organisation", user.organisation());
  json.member("role", user.role());
  json.member("disabled", user.disabled());
  json.member("has_password", user.has_password());
  json.member("has_totp", user.has_totp());
  json.member("verify_required", user.verify_required());
  json.key("login_methods");
  json.begin_array();
  for (const std::string& sequence : user.login_methods())
    json.value(sequence);
  json.end_array();
  json.key("keys");
  json.begin_array();
  for (const std::string& key : user.key_fingerprint())
    json.value(key);
  json.end_array();
  json.member("home", user.home());
  json.key("budget");
  write_budget(json, user.budget());
  json.end_object();
}

Outcome add(const UserOptions& options) {
  admin::Request request;
  admin::AddUser& user = *request.mutable_add_user();
  user.set_name(options.name);
  user.set_organisation(options.organisation);
  user.set_role(options.role);
  for (const std::string& path : options.key_files) {
    BH_TRY(const std::vector<Bytes> keys, read_public_key_file(path));
    for (const Bytes& key : keys)
      user.add_public_key(key.data(), key.size());
  }
  if (options.password_stdin) {
    BH_TRY(const crypto::SecretBytes password, read_password(STDIN_FILENO));
    user.set_has_password(true);
    user.set_password(password.view().data(), password.size());
  }
  if (user.public_key_size() == 0 && !user.has_password()) {
    return fail(ErrorCode::kInvalidArgument,
                "nothing to log in with: give --key FILE, or --password-stdin");
  }
  for (const std::string& sequence : options.methods)
    user.add_login_methods(sequence);
  user.set_verify_required(options.verify_required);
  const TotpSecret totp_secret = new_totp_secret();
  if (options.totp) user.set_totp_secret(totp_secret.view().data(), totp_secret.size());
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("added user {}, {}{}\n", printable(options.name),
             counted(static_cast<std::uint64_t>(user.public_key_size()), "key", "keys"),
             user.has_password() ? " and a password" : "");
  if (options.totp) print_totp_secret(options.name, totp_secret);
  return ExitCode::kDone;
}

std::string shown_login(const admin::User& user) {
  if (user.disabled()) return "disabled";
  std::string how = counted(static_cast<std::uint64_t>(user.key_fingerprint_size()), "key", "keys");
  if (user.has_password()) how += ", password";
  if (user.has_totp()) how += ", second factor";
  return how;
}

Outcome list(const UserOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_users()->set_organisation(options.organisation);
  JsonLines lines;
  Table table({"USER", "ORGANISATION", "ROLE", "LOGIN", "HOME"});
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    const admin::User& user = reply.user();
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_user(json, user); });
    } else {
      table.add({user.name(), user.organisation(), user.role(), shown_login(user), user.home()});
    }
    return {};
  }));
  options.json ? lines.finish() : table.print();
  return ExitCode::kDone;
}

void print_user(const admin::User& user) {
  fmt::print(
      "user          {}\norganisation  {}\nrole          {}\nlogin         {}\nhome          {}\n",
      printable(user.name()), printable(user.organisation()), printable(user.role()),
      shown_login(user), printable(user.home()));
  for (const std::string& key : user.key_fingerprint())
    fmt::print("key           {}\n", printable(key));
  if (user.verify_required()) fmt::print("security keys must verify their user\n");
  for (const std::string& sequence : user.login_methods())
    fmt::print("must pass     {}\n", printable(sequence));
  const admin::Budget& budget = user.budget();
  fmt::print("budget        {} of {}, {} of {} files, {} of {} names in 24 hours\n",
             shown_size(budget.bytes_spent()), shown_size(budget.bytes_per_day()),
             budget.files_spent(), budget.files_per_day(), budget.names_spent(),
             budget.names_per_day());
}

Outcome show(const UserOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_show_user()->set_name(options.name);
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  if (options.json) {
    print_json([&](JsonWriter& json) { write_user(json, reply.user()); });
  } else {
    print_user(reply.user());
  }
  return ExitCode::kDone;
}

Outcome set_disabled(const UserOptions& options, bool disabled) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_change_user()->set_name(options.name);
  request.mutable_change_user()->set_disabled(disabled);
  BH_CHECK(client.ask(request));
  fmt::print("{} user {}\n", disabled ? "disabled" : "enabled", printable(options.name));
  return ExitCode::kDone;
}

Outcome remove(const UserOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_remove_user()->set_name(options.name);
  BH_CHECK(client.ask(request));
  fmt::print("removed user {}; what the journal says of them stays\n", printable(options.name));
  return ExitCode::kDone;
}

Outcome set_password(const UserOptions& options) {
  BH_TRY(const crypto::SecretBytes password, read_password(STDIN_FILENO));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  admin::ChangeUser& change = *request.mutable_change_user();
  change.set_name(options.name);
  change.set_set_password(true);
  change.set_password(password.view().data(), password.size());
  BH_CHECK(client.ask(request));
  fmt::print("set the password of user {}\n", printable(options.name));
  return ExitCode::kDone;
}

using Options = std::shared_ptr<UserOptions>;

// A subcommand about one user.
CLI::App* add_for_one(CLI::App& parent, const char* name, const char* help, const Options& options,
                      Choice& choice, Outcome (*run)(const UserOptions&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("NAME", options->name)->required()->type_name("");
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, run);
  return command;
}

void add_adding(CLI::App& parent, const Options& options, Choice& choice) {
  CLI::App* adding = add_for_one(parent, "add", "Add a user, with the private folder /home/NAME",
                                 options, choice, add);
  adding
      ->add_option("--org", options->organisation,
                   "The user's organisation; the first one if not given")
      ->type_name("ORG");
  adding
      ->add_option("--key", options->key_files,
                   "File with SSH public keys (.pub or authorized_keys); repeat for more")
      ->type_name("FILE")
      ->allow_extra_args(false);
  adding->add_flag("--password-stdin", options->password_stdin,
                   "Read a password from standard input, one line");
  adding->add_flag("--totp", options->totp, "Enrol a second factor (time-based codes), shown once");
  adding->add_flag("--verify-required", options->verify_required,
                   "Security keys must verify their user: PIN or fingerprint, not only a touch");
  adding
      ->add_option("--methods", options->methods,
                   "What must be passed to log in, such as publickey,keyboard-interactive; repeat "
                   "for alternatives; see user methods")
      ->type_name("SEQUENCE")
      ->allow_extra_args(false);
  adding
      ->add_option("--role", options->role,
                   "user, officer (asks whose data was exposed) or administrator")
      ->check(CLI::IsMember({"user", "officer", "administrator"}))
      ->type_name("ROLE")
      ->capture_default_str();
}

}  // namespace

void add_user(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<UserOptions>();
  CLI::App* command = root.add_subcommand("user", "Users: who may log in, and with what");
  command->require_subcommand(1);
  add_adding(*command, options, choice);

  CLI::App* listing = command->add_subcommand("list", "List the users");
  listing->add_option("--org", options->organisation, "Only of this organisation")
      ->type_name("ORG");
  add_data_option(*listing, options->data);
  add_json_flag(*listing, options->json);
  on_chosen(*listing, options, choice, list);

  CLI::App* showing =
      add_for_one(*command, "show", "Show one user, with keys and budget", options, choice, show);
  add_json_flag(*showing, options->json);
  add_for_one(*command, "disable", "Refuse a user's logins from now on", options, choice,
              [](const UserOptions& o) { return set_disabled(o, true); });
  add_for_one(*command, "enable", "Undo disable", options, choice,
              [](const UserOptions& o) { return set_disabled(o, false); });
  add_for_one(*command, "remove", "Remove a user", options, choice, remove);
  CLI::App* passwd =
      add_for_one(*command, "passwd", "Set a user's password, read from standard input", options,
                  choice, set_password);
  add_user_factors(*command, choice);
  passwd->add_flag("--password-stdin", options->password_stdin,
                   "Said for clearness: it is read from there anyway");
}

}  // namespace bulkhead::cli
