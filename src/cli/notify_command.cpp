#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <thread>

#include "cli/command.h"
#include "cli/corrections_option.h"
#include "cli/notify_tracking.h"
#include "cli/on_chosen.h"
#include "cli/programs.h"
#include "cli/terminal.h"
#include "notify/notify.h"

namespace bulkhead::cli {
namespace {

constexpr unsigned kThreadsMost = 64;

struct DraftCommandOptions : notify::DraftOptions {
  std::string corrections_file;
};

Outcome draft(DraftCommandOptions& options) {
  BH_TRY(options.corrections, load_given_corrections(options.corrections_file));
  if (options.rules_folder.empty()) {
    BH_TRY(options.rules_folder, find_data("notify"));
  }
  BH_TRY(const notify::DraftOutcome outcome, notify::draft(options));
  for (const std::string& warning : outcome.warnings)
    fmt::print(stderr, "bulkhead: {}\n", printable(warning));
  for (const std::string& path : outcome.written)
    fmt::print(stderr, "wrote {}\n", printable(path));
  fmt::print("{} in the files: {} written to with {} ({}), {} not (not-written.csv says why)\n",
             counted(outcome.persons, "person", "persons"), outcome.persons_written_to,
             counted(outcome.letters, "letter", "letters"), counted(outcome.pages, "page", "pages"),
             outcome.persons_not_written);
  if (!options.roster_persons.empty())
    fmt::print("{} on the roster and in none of the files: {} written to out of caution\n",
               outcome.enrolled, outcome.enrolled_written_to);
  for (const std::string& line : outcome.due)
    fmt::print("due {}\n", printable(line));
  return ExitCode::kDone;
}

void add_draft(CLI::App& parent, Choice& choice) {
  auto options = std::make_shared<DraftCommandOptions>();
  options->threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  CLI::App* command = parent.add_subcommand(
      "draft", "Letters, notices, reports and deadlines from persons and facts");
  command->add_option("--persons", options->persons, "What scan or exposure wrote with --out")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--roster-persons", options->roster_persons,
                   "What --roster-out wrote: letters out of caution, which say so")
      ->type_name("FILE");
  command->add_option("--facts", options->facts, "What you state about the incident (YAML)")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", options->out, "Where the drafts go; made if it is not there")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--rules", options->rules_folder,
                   "Rules, letter texts and bureaus of your own instead of the installed ones")
      ->type_name("DIR");
  add_corrections_option(*command, options->corrections_file);
  command->add_flag("--large-print", options->large_print, "Letters in 18 points");
  command
      ->add_option("--jobs", options->threads,
                   "Letters set at the same time; the result does not depend on it")
      ->check(CLI::Range(1U, kThreadsMost))
      ->type_name("NUMBER");
  on_chosen(*command, options, choice, draft);
}

}  // namespace

void add_notify(CLI::App& root, Choice& choice) {
  CLI::App* command =
      root.add_subcommand("notify", "Telling people, regulators and media about an incident");
  command->require_subcommand(1);
  add_draft(*command, choice);
  add_tracking(*command, choice);
}

}  // namespace bulkhead::cli
