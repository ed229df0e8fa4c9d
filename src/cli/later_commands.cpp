#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace bulkhead::cli {

// Named by the contract of the command line, built by later releases: known, so that nobody takes
// them for a typing mistake, and not listed, so that nobody counts on them.
void add_later_commands(CLI::App& root, Choice& choice) {
  for (const char* name : {"doctor"}) {
    add_later_command(root, name, name, ExitCode::kWrongUsage, choice);
  }
}

}  // namespace bulkhead::cli
