#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "cli/later_options.h"
#include "cli/release.h"
#include "cli/terminal.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {
namespace {

constexpr unsigned kJobsMost = 256;

struct ScanCommandOptions {
  exposure::ScanOptions scan;
  LaterOptions later;
};

// It stands beside the persons that it vouches for.
std::string manifest_beside(const std::string& persons) {
  return persons.empty()
             ? ""
             : (std::filesystem::path(persons).parent_path() / "manifest.json").string();
}

Outcome scan(ScanCommandOptions& options) {
  BH_CHECK(options.later.refuse());
  if (options.scan.manifest.empty())
    options.scan.manifest = manifest_beside(options.scan.outputs.persons);
  options.scan.progress = stderr_is_terminal();
  options.scan.program_version = kRelease;
  const auto outcome = exposure::scan(options.scan, std::cout, std::cerr);
  std::cout.flush();
  if (!outcome) return fail(outcome.error());
  for (const exposure::OutputFile& file : outcome->outputs) {
    std::cerr << "wrote " << printable(file.path) << " (" << shown_size(file.bytes) << ")\n";
  }
  return static_cast<ExitCode>(outcome->exit_code());
}

}  // namespace

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
      ->add_option(
          "--manifest", options->scan.manifest,
          "Write hashes of what was read and written; manifest.json beside --out if not given")
      ->type_name("FILE");
  command
      ->add_option("--config", options->scan.config, "Identifiers of your own to look for (TOML)")
      ->type_name("FILE");
  command
      ->add_option("--jobs", options->scan.jobs,
                   "Files read at the same time; the result does not depend on it")
      ->check(CLI::Range(1U, kJobsMost))
      ->type_name("NUMBER")
      ->capture_default_str();
  command
      ->add_option("--as-of", options->scan.as_of,
                   "The day on which to call somebody a minor; today if not given")
      ->check(kDay)
      ->type_name("DATE");
  for (const char* name : {"--html", "--layout", "--memory", "--explain"})
    options->later.add(*command, name);
  options->later.add(*command, "--resume", false);
  command->callback([options, &choice] { choice.action = [options] { return scan(*options); }; });
}

}  // namespace bulkhead::cli
