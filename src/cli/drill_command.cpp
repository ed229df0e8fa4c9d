#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/on_chosen.h"
#include "cli/programs.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;

struct DrillOptions {
  std::string data;
  std::vector<std::string> names;
  bool all = false;
  bool json = false;
};

// The attacks are a program of their own: this one does not contain them.
Outcome drill(const DrillOptions& options) {
  if (options.all != options.names.empty()) {
    return fail(ErrorCode::kInvalidArgument, "name drills, or give --all for every one");
  }
  const fs::path configuration = fs::path(options.data) / "bulkhead.toml";
  std::error_code error;
  if (!fs::exists(configuration, error)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no deployment in {}: check --data, or make one with "
                            "`bulkhead init`",
                            options.data));
  }
  BH_TRY(const std::string program, find_program("drill/bulkhead-drill"));
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  std::vector<std::string> arguments = {program,
                                        "--configuration",
                                        configuration.string(),
                                        "--command",
                                        self.string(),
                                        "--programs",
                                        fs::path(program).parent_path().parent_path().string()};
  if (options.json) arguments.emplace_back("--json");
  arguments.insert(arguments.end(), options.names.begin(), options.names.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return fail_errno(fmt::format("starting {}", program));
}

}  // namespace

void add_drill(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<DrillOptions>();
  CLI::App* command = root.add_subcommand(
      "drill",
      "Replay real breaches against a throw-away deployment with this one's settings: exit 0 every "
      "defence held, 3 some drills are not built, 1 a defence did not hold");
  command->add_option("NAME", options->names, "Which drills, such as moveit-2023")->type_name("");
  command->add_flag("--all", options->all, "Every drill");
  add_data_option(*command, options->data);
  add_json_flag(*command, options->json);
  on_chosen(*command, options, choice, drill);
}

}  // namespace bulkhead::cli
