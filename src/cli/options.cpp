#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/command.h"

namespace bulkhead::cli {

void add_data_option(CLI::App& command, std::string& data) {
  CLI::Option* option =
      command.add_option("--data", data, "The deployment's folder")->type_name("DIR");
  // Not CLI11's envname(): it also fills the options of the commands that were not given, which
  // share this text with the one that was, and the variable would win over what is said on the
  // command line.
  const char* from_environment = std::getenv("BULKHEAD_DATA");
  if (from_environment != nullptr && *from_environment != '\0') {
    data = from_environment;
  } else {
    option->required();
  }
}

void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print JSON, for programs");
}

void add_zone_option(CLI::App& command, std::string& zone) {
  command
      .add_option(
          "--tz", zone,
          "Time zone of times without one, and of those printed: a name such as America/Chicago")
      ->type_name("ZONE")
      ->capture_default_str();
}

void add_later_command(CLI::App& parent, const std::string& name, const std::string& what,
                       ExitCode code, Choice& choice) {
  CLI::App* command = parent.add_subcommand(name, "Not in this release.");
  command->group("");       // not listed
  command->allow_extras();  // whatever follows, the answer is the same
  command->callback([what, code, &choice] {
    choice.action = [what, code]() -> Outcome {
      fmt::print(stderr, "bulkhead: {} is not in this release\n", what);
      return code;
    };
  });
}

}  // namespace bulkhead::cli
