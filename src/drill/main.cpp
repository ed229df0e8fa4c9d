// bulkhead-drill: what `bulkhead drill` runs as.
//
//     bulkhead-drill --configuration FILE --command BULKHEAD --programs LIBEXEC [--json] NAME…
//
// Exit status: 0 every defence held, 1 one did not or a drill could not be carried out, 2 wrong
// arguments, 3 what ran held, and something is not built.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/short_lived_folder.h"
#include "drill/drills/drill.h"
#include "drill/drills/print.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

struct Options {
  std::string configuration;
  std::string command;
  std::string programs;
  bool json = false;
  std::vector<const Drill*> drills;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::string* value = word == "--configuration" ? &options.configuration
                         : word == "--command"     ? &options.command
                         : word == "--programs"    ? &options.programs
                                                   : nullptr;
    if (value != nullptr) {
      if (++i == argc) return false;
      *value = argv[i];
    } else if (word == "--json") {
      options.json = true;
    } else if (const Drill* drill = find_drill(word); drill != nullptr) {
      options.drills.push_back(drill);
    } else {
      std::string known;
      for (const Drill& each : all_drills())
        known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
      fmt::print(stderr, "bulkhead: there is no drill {}: name one of {}\n", word, known);
      return false;
    }
  }
  if (options.drills.empty()) {
    for (const Drill& drill : all_drills())
      options.drills.push_back(&drill);
  }
  return !options.configuration.empty() && !options.command.empty() && !options.programs.empty();
}

Outcome run_one(const Drill& drill, const Installation& installation,
                const std::string& configuration) {
  Outcome outcome{.drill = &drill, .report = std::nullopt, .wrong = std::nullopt};
  if (drill.script == nullptr) return outcome;
  try {
    outcome.report = run_drill(drill, installation, configuration);
    outcome.wrong = what_is_wrong(drill, *outcome.report);
  } catch (const std::exception& interrupted) {
    outcome.wrong = fmt::format("it could not be carried out: {}", interrupted.what());
  }
  return outcome;
}

int run_all(const Options& options, const Installation& installation,
            const std::string& configuration) {
  std::vector<Outcome> outcomes;
  for (const Drill* drill : options.drills) {
    outcomes.push_back(run_one(*drill, installation, configuration));
    if (!options.json) print_for_people(outcomes.back());
  }
  if (options.json) print_json(outcomes);
  bool failed = false;
  bool missing = false;
  for (const Outcome& outcome : outcomes) {
    failed = failed || outcome.wrong.has_value();
    missing = missing || outcome.drill->script == nullptr;
    if (outcome.wrong)
      fmt::print(stderr, "bulkhead: {}: {}\n", outcome.drill->name, *outcome.wrong);
  }
  return failed ? 1 : missing ? 3 : 0;
}

int run(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return 2;
  try {
    const std::string configuration = read_whole_file(options.configuration);
    const auto status = in_short_lived_folder("bulkhead-drill", [&](const std::string& folder) {
      return run_all(options,
                     {.command = options.command,
                      .programs = options.programs,
                      .supervisor = options.programs + "/drill/drill-supervisor",
                      .edge = "drill/drill-edge",
                      .folder = folder,
                      .weakness = ""},
                     configuration);
    });
    if (!status) throw Interrupted(status.error().message);
    return *status;
  } catch (const Interrupted& stopped) {
    fmt::print(stderr, "bulkhead: {}\n", stopped.what());
    return 1;
  }
}

}  // namespace
}  // namespace bulkhead::drill

int main(int argc, char** argv) {
  return bulkhead::drill::run(argc, argv);
}
