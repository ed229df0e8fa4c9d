#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "cli/confined_reading.h"
#include "cli/corrections_option.h"
#include "cli/later_options.h"
#include "cli/on_chosen.h"
#include "cli/release.h"
#include "cli/run_again.h"
#include "cli/terminal.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {
namespace {

constexpr unsigned kJobsMost = 256;

struct ScanCommandOptions {
  exposure::ScanOptions scan;
  std::string corrections;
  LaterOptions later;
};

// Ctrl-C ends the reading, not the answer; the second one ends the program.
std::atomic<bool> stop_asked = false;

void ask_to_stop(int) {
  stop_asked = true;
}

void stop_on_interrupt() {
  struct sigaction action = {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
}

std::string speed(const exposure::ScanOutcome& outcome) {
  const exposure::ScanSeconds& took = outcome.seconds;
  return fmt::format("read {} in {:.2f} s, resolved in {:.2f} s, wrote in {:.2f} s\n",
                     shown_size(outcome.bytes), took.read, took.resolve, took.write);
}

Outcome scan(ScanCommandOptions& options) {
  BH_CHECK(options.later.refuse());
  if (options.scan.manifest.empty())
    options.scan.manifest = manifest_beside(options.scan.outputs.persons);
  options.scan.progress = stderr_is_terminal();
  options.scan.program_version = kRelease;
  options.scan.confine = confine_reading;
  options.scan.stop = &stop_asked;
  BH_TRY(options.scan.corrections, load_given_corrections(options.corrections));
  stop_on_interrupt();
  const auto outcome = exposure::scan(options.scan, std::cout, std::cerr);
  std::cout.flush();
  if (!outcome) return fail(outcome.error());
  if (stop_asked) std::cerr << "stopped: what was not read by then is listed as such\n";
  std::cerr << speed(*outcome);
  for (const exposure::OutputFile& file : outcome->outputs) {
    std::cerr << "wrote " << printable(file.path) << " (" << shown_size(file.bytes) << ")\n";
  }
  return static_cast<ExitCode>(outcome->exit_code());
}

}  // namespace

std::string manifest_beside(const std::string& persons) {
  return persons.empty()
             ? ""
             : (std::filesystem::path(persons).parent_path() / "manifest.json").string();
}

void add_scan(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<ScanCommandOptions>();
  CLI::App* command = root.add_subcommand(
      "scan", "Whose data, and which elements, are in these files; needs no server");
  command->add_option("PATH", options->scan.paths, "Files or folders")->required()->type_name("");
  command->add_option("--out", options->scan.outputs.persons, "Write one JSON line a person there")
      ->type_name("FILE");
  command->add_option("--summary", options->scan.outputs.summary, "Write the totals as JSON there")
      ->type_name("FILE");
  command->add_option("--csv", options->scan.outputs.csv, "Write one row a person there")
      ->type_name("FILE");
  command
      ->add_option("--html", options->scan.outputs.html,
                   "Write a page to read and hand on there, with the values of persons masked")
      ->type_name("FILE");
  command->add_flag("--html-values", options->scan.outputs.html_values,
                    "Show the values of persons in that page");
  command
      ->add_option(
          "--manifest", options->scan.manifest,
          "Write hashes of what was read and written; manifest.json beside --out if not given")
      ->type_name("FILE");
  command
      ->add_option("--config", options->scan.config, "Identifiers of your own to look for (TOML)")
      ->type_name("FILE");
  command
      ->add_option("--jobs", options->scan.jobs,
                   "Threads to read, resolve and write; the result does not depend on it")
      ->check(CLI::Range(1U, kJobsMost))
      ->type_name("NUMBER")
      ->capture_default_str();
  command
      ->add_option("--as-of", options->scan.as_of,
                   "The day on which to call somebody a minor; today if not given")
      ->check(kDay)
      ->type_name("DATE");
  command
      ->add_option(
          "--explain", options->scan.explain,
          "Print every place that says something of this person: an id of --out, or its beginning")
      ->type_name("PERSON");
  command
      ->add_option("--layout", options->scan.layouts,
                   "How records are laid out in files that do not say it: a COBOL copybook or a "
                   "layout (YAML); several may be given, each file is read with what fits it")
      ->type_name("FILE");
  add_corrections_option(*command, options->corrections);
  add_roster_options(*command, options->scan.roster, options->scan.roster_out);
  options->later.add(*command, "--memory");
  options->later.add(*command, "--resume", false);
  on_chosen(*command, options, choice, scan);
}

}  // namespace bulkhead::cli
