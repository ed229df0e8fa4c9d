#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <system_error>

#include "cli/release.h"
#include "cli/run_again.h"
#include "cli/terminal.h"

namespace bulkhead::cli {
namespace {

const CLI::App& deepest_named(const CLI::App& root) {
  const CLI::App* at = &root;
  while (!at->get_subcommands().empty())
    at = at->get_subcommands().front();
  return *at;
}

// "bulkhead user add"
std::string full_name(const CLI::App& command) {
  const CLI::App* above = command.get_parent();
  return above == nullptr ? command.get_name() : full_name(*above) + " " + command.get_name();
}

int tell_wrong_usage(const CLI::App& root, const CLI::ParseError& wrong) {
  const CLI::App& command = deepest_named(root);
  const std::vector<std::string> rest = command.remaining();
  std::string what = wrong.what();
  if (command.get_require_subcommand_min() > 0 && command.get_subcommands().empty()) {
    // CLI11 only says that a subcommand is required, also where a misspelt one was given.
    what = rest.empty() ? "a subcommand is missing"
                        : fmt::format("there is no command {}", rest.front());
  }
  fmt::print(stderr, "bulkhead: {}: see `{} --help`\n", printable(what), full_name(command));
  return static_cast<int>(ExitCode::kWrongUsage);
}

int tell_error(const Error& error) {
  if (!error.message.empty()) fmt::print(stderr, "bulkhead: {}\n", printable(error.message));
  const bool wrong_usage = error.code == ErrorCode::kInvalidArgument;
  return static_cast<int>(wrong_usage ? ExitCode::kWrongUsage : ExitCode::kFailed);
}

int tell_unwritable_output() {
  fmt::print(stderr, "bulkhead: the output could not be written: look at where it goes\n");
  return static_cast<int>(ExitCode::kFailed);
}

}  // namespace

int run_action(const Choice& choice) {
  try {
    const Outcome outcome = choice.action();
    const bool printed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (!outcome) return tell_error(outcome.error());
    return printed ? static_cast<int>(*outcome) : tell_unwritable_output();
  } catch (const std::system_error&) {  // fmt::print, where stdout takes no more
    return tell_unwritable_output();
  }
}

std::unique_ptr<CLI::App> command_tree(Choice& choice) {
  auto root = std::make_unique<CLI::App>(
      "Managed file transfer that a break-in cannot turn into a data breach.", "bulkhead");
  root->set_version_flag("--version", fmt::format("bulkhead {}", kRelease));
  root->require_subcommand(1);
  root->footer(
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part. BULKHEAD_DATA stands in for "
      "--data.");
  add_init(*root, choice);
  add_serve(*root, choice);
  add_org(*root, choice);
  add_user(*root, choice);
  add_ca(*root, choice);
  add_host_key(*root, choice);
  add_certificate(*root, choice);
  add_folder(*root, choice);
  add_transfers(*root, choice);
  add_journal(*root, choice);
  add_status(*root, choice);
  add_unseal(*root, choice);
  add_rekey(*root, choice);
  add_backup(*root, choice);
  add_restore(*root, choice);
  add_incident(*root, choice);
  add_exposure(*root, choice);
  add_scan(*root, choice);
  add_verify_run(*root, choice);
  add_layout(*root, choice);
  add_notify(*root, choice);
  add_drill(*root, choice);
  add_completion(*root, choice);
  add_later_commands(*root, choice);
  return root;
}

int run_command_line(int argc, const char* const* argv) {
  Choice choice;
  const auto root = command_tree(choice);
  try {
    root->parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return root->exit(asked);
  } catch (const CLI::ParseError& wrong) {
    return tell_wrong_usage(*root, wrong);
  }
  return run_action(choice);
}

}  // namespace bulkhead::cli
