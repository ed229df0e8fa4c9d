// What the subcommands have in common: each file src/cli/NAME_command.cpp adds its part to the tree
// of commands and, when it was chosen, leaves an action to run.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace CLI {
class App;
}

namespace bulkhead::cli {

enum class ExitCode { kDone = 0, kFailed = 1, kWrongUsage = 2, kDoneInPart = 3 };

// An error is printed as `bulkhead: what went wrong: what to do`; kInvalidArgument exits 2, any
// other 1. An error with an empty message has been told already (by a program that we ran).
using Outcome = Result<ExitCode>;

struct Choice {
  std::function<Outcome()> action;
};

// Does it, tells an error on stderr, and returns the exit code of the process.
int run_action(const Choice& choice);

void add_drill(CLI::App& root, Choice& choice);
void add_scan(CLI::App& root, Choice& choice);
void add_layout(CLI::App& root, Choice& choice);
void add_notify(CLI::App& root, Choice& choice);
void add_init(CLI::App& root, Choice& choice);
void add_serve(CLI::App& root, Choice& choice);
void add_org(CLI::App& root, Choice& choice);
void add_user(CLI::App& root, Choice& choice);
void add_ca(CLI::App& root, Choice& choice);
void add_host_key(CLI::App& root, Choice& choice);
void add_certificate(CLI::App& root, Choice& choice);
void add_folder(CLI::App& root, Choice& choice);
void add_journal(CLI::App& root, Choice& choice);
void add_transfers(CLI::App& root, Choice& choice);
void add_status(CLI::App& root, Choice& choice);
void add_unseal(CLI::App& root, Choice& choice);
void add_rekey(CLI::App& root, Choice& choice);
void add_backup(CLI::App& root, Choice& choice);
void add_restore(CLI::App& root, Choice& choice);
void add_incident(CLI::App& root, Choice& choice);
void add_exposure(CLI::App& root, Choice& choice);
void add_completion(CLI::App& root, Choice& choice);
void add_later_commands(CLI::App& root, Choice& choice);

// Options that many commands share.
void add_data_option(CLI::App& command, std::string& data);  // --data DIR, or BULKHEAD_DATA
void add_json_flag(CLI::App& command, bool& json);
void add_zone_option(CLI::App& command, std::string& zone);  // --tz ZONE

// A command that the contract names and that this release does not have: `what` is "folder seal".
void add_later_command(CLI::App& parent, const std::string& name, const std::string& what,
                       ExitCode code, Choice& choice);

}  // namespace bulkhead::cli
