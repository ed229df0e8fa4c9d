// The command `bulkhead`: the tree of its subcommands, and running the one that was chosen.
#pragma once

#include <memory>

#include "cli/command.h"

namespace bulkhead::cli {

// The whole tree. Parsing with it fills `choice`, which must live as long as the tree.
std::unique_ptr<CLI::App> command_tree(Choice& choice);

// Parses, runs, prints errors on stderr. Returns the exit code of the process.
int run_command_line(int argc, const char* const* argv);

}  // namespace bulkhead::cli
