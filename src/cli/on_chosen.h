// How a subcommand leaves what is to be run when it was chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"

namespace bulkhead::cli {

// `run` is an Outcome(Options&); it gets the options as the command line has filled them, and they
// live as long as it needs them.
template <typename Options, typename Run>
void on_chosen(CLI::App& command, const std::shared_ptr<Options>& options, Choice& choice,
               Run run) {
  command.callback(
      [options, run, &choice] { choice.action = [options, run] { return run(*options); }; });
}

// A subcommand about a deployment: its folder is `options->data`.
template <typename Options, typename Run>
CLI::App* add_deployment_part(CLI::App& parent, const char* name, const char* help,
                              const std::shared_ptr<Options>& options, Choice& choice, Run run) {
  CLI::App* command = parent.add_subcommand(name, help);
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, run);
  return command;
}

}  // namespace bulkhead::cli
