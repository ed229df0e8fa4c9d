#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "cli/command.h"
#include "cli/on_chosen.h"
#include "cli/programs.h"

namespace bulkhead::cli {
namespace {

struct ServeOptions {
  std::string folder;
  std::string sftp;   // empty: as configured
  std::string https;  // the same
  std::string log = "text";
};

Outcome serve(const ServeOptions& options) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(options.folder, error);
  if (error == std::errc::permission_denied ||
      (is_folder && ::access(options.folder.c_str(), R_OK | X_OK) != 0)) {
    return fail(
        ErrorCode::kPermissionDenied,
        fmt::format("{} may not be read by this user: run as the one who owns it", options.folder));
  }
  if (!is_folder) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("there is no deployment in {}: make one with `bulkhead init`", options.folder));
  }
  BH_TRY(const std::string supervisor, find_program("bulkhead-supervisor"));
  std::vector<std::string> arguments = {supervisor, "--data", options.folder, "--log", options.log};
  if (!options.sftp.empty()) {
    arguments.emplace_back("--sftp");
    arguments.push_back(options.sftp);
  }
  if (!options.https.empty()) {
    arguments.emplace_back("--https");
    arguments.push_back(options.https);
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(supervisor.c_str(), argv.data());
  return fail_errno(fmt::format("starting {}", supervisor));
}

}  // namespace

void add_serve(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      root.add_subcommand("serve", "Run the server in the foreground until SIGTERM");
  command->add_option("DIR", options->folder, "The deployment's folder")->required()->type_name("");
  command
      ->add_option(
          "--sftp", options->sftp,
          "Where SFTP clients connect; port 0 picks one; if not given, as in DIR/bulkhead.toml")
      ->type_name("ADDR:PORT");
  command
      ->add_option(
          "--https", options->https,
          "Where HTTPS clients connect; if not given, as in DIR/bulkhead.toml; nowhere, if "
          "not there either")
      ->type_name("ADDR:PORT");
  command->add_option("--log", options->log, "Log lines on stderr: text, or one JSON object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("text|json")
      ->capture_default_str();
  on_chosen(*command, options, choice, serve);
}

}  // namespace bulkhead::cli
