#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "base/fd.h"
#include "cli/command.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kMaxConfigBytes = 1024 * 1024;

struct LayoutOptions {
  std::string file;
  std::string out;
  std::string config;
};

Result<exposure::Rules> rules_of(const std::string& config) {
  if (config.empty()) return exposure::default_rules();
  BH_TRY(const Bytes text, read_file(config, kMaxConfigBytes));
  return exposure::parse_rules(as_text(text), config);
}

Outcome layout(const LayoutOptions& options) {
  BH_TRY(const exposure::Rules rules, rules_of(options.config));
  BH_TRY(exposure::FileSource source, exposure::FileSource::open(options.file));
  auto described = exposure::describe_layout(source, rules);
  const std::string name = printable(std::filesystem::path(options.file).filename().string());
  if (!described) return fail(described.error().within(name));
  if (options.out.empty()) {
    std::cout << described->yaml;
    std::cout.flush();
  } else {
    BH_CHECK(replace_file(options.out, as_bytes(described->yaml), 0600));
    std::cerr << "wrote " << printable(options.out) << "; it shows records of the file\n";
  }
  if (described->sure) return ExitCode::kDone;
  std::cerr << fmt::format(
      "bulkhead: {}: not sure ({}): correct the layout, then give it to scan with --layout\n", name,
      described->doubt);
  return ExitCode::kDoneInPart;
}

}  // namespace

void add_layout(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<LayoutOptions>();
  CLI::App* command = root.add_subcommand(
      "layout",
      "How the records of a file without a layout are laid out, to correct and to give "
      "to scan --layout");
  command->add_option("FILE", options->file, "Text in columns, or records of a mainframe")
      ->required()
      ->type_name("");
  command->add_option("--out", options->out, "Write it there; it shows the file's first records")
      ->type_name("FILE");
  command->add_option("--config", options->config, "Identifiers of your own to look for (TOML)")
      ->type_name("FILE");
  on_chosen(*command, options, choice, layout);
}

}  // namespace bulkhead::cli
