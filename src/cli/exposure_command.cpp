#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/corrections_option.h"
#include "cli/exposure_options.h"
#include "cli/later_options.h"
#include "cli/on_chosen.h"
#include "incident/incident.h"

namespace bulkhead::cli {
namespace {

Status refuse_what_does_not_fit(const ExposureOptions& options) {
  if (options.data.empty())
    return fail(
        ErrorCode::kInvalidArgument,
        "--data is required: give the deployment's folder, or --log and --files for another "
        "product's");
  if (options.incident_key_file.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--incident-key is needed to open what was found in the files of a deployment; for "
                "another product's files give --log and --files");
  const std::pair<const char*, bool> given[] = {{"--files", !options.files.empty()},
                                                {"--log-tz", !options.log_zone.empty()},
                                                {"--log-format", options.log_format != "auto"},
                                                {"--certainty", options.certainty != "possible"}};
  for (const auto& [option, is_given] : given) {
    if (is_given)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} goes with --log only", option));
  }
  return {};
}

Outcome find_exposure(const ExposureOptions& options) {
  if (!options.logs.empty() || !options.files.empty()) return find_exposure_of_logs(options);
  BH_CHECK(refuse_what_does_not_fit(options));
  return find_exposure_of_deployment(options);
}

void add_choice(CLI::App& command, ExposureOptions& options) {
  const auto several = [&](const char* name, std::vector<std::string>& values, const char* help,
                           const char* type) {
    command.add_option(name, values, help)->type_name(type)->allow_extra_args(false);
  };
  several("--session", options.sessions,
          "Only what this session could read or sent, such as s-12; repeat for more", "ID");
  several("--user", options.users, "Only what this user could; repeat for more", "NAME");
  several("--address", options.addresses, "Only what went to this address; repeat for more", "IP");
  several("--listener", options.listeners,
          "Only what sessions of this listener could, such as sftp or https; repeat for more",
          "NAME");
  several("--file", options.paths, "Only of this file or folder; repeat for more", "PATH");
  several("--leaked", options.leaked,
          "Only what is known to have leaked: a list of names or hashes, or a folder of recovered "
          "files; repeat for more",
          "PATH");
  command.add_option("--since", options.since, "Only releases from this time on")
      ->type_name("TIME");
  command
      .add_option("--until", options.until,
                  "Only releases up to this time; a day counts to its end")
      ->type_name("TIME");
  command
      .add_option("--explained", options.explained,
                  "What you say is explained, with reasons (YAML): subtracted where it went as "
                  "always; needs --since")
      ->type_name("FILE");
  add_zone_option(command, options.zone);
  command
      .add_option("--incident-key", options.incident_key_file,
                  "The organisation's incident key, private half")
      ->type_name("FILE");
}

void add_outputs(CLI::App& command, ExposureOptions& options) {
  command.add_option("--out", options.outputs.persons, "Write one JSON line a person there")
      ->type_name("FILE");
  command.add_option("--summary", options.outputs.summary, "Write the totals as JSON there")
      ->type_name("FILE");
  command.add_option("--csv", options.outputs.csv, "Write one row a person there")
      ->type_name("FILE");
  command
      .add_option("--html", options.outputs.html,
                  "Write a page to read and hand on there, with the values of persons masked")
      ->type_name("FILE");
  command.add_flag("--html-values", options.outputs.html_values,
                   "Show the values of persons in that page");
  command.add_option("--releases", options.releases, "Write one JSON line a release there")
      ->type_name("FILE");
  command
      .add_option("--as-of", options.as_of,
                  "The day on which to call somebody a minor; today if not given")
      ->check(kDay)
      ->type_name("DATE");
}

void add_logs(CLI::App& command, ExposureOptions& options) {
  command
      .add_option("--log", options.logs,
                  "A log of another product whose files were stolen, or a list of names or hashes; "
                  "repeat for more. Needs --files")
      ->type_name("FILE");
  command.add_option("--log-format", options.log_format, "What wrote the logs")
      ->check(CLI::IsMember(incident::log_format_choices()))
      ->capture_default_str();
  command
      .add_option("--log-tz", options.log_zone,
                  "Time zone of logs that do not say it; that of --tz if not given")
      ->type_name("ZONE");
  command.add_option("--files", options.files, "The folder with that product's files")
      ->type_name("DIR");
  command
      .add_option("--certainty", options.certainty,
                  "Count persons of files that left at least so surely")
      ->check(CLI::IsMember({"certain", "likely", "possible"}))
      ->capture_default_str();
}

}  // namespace

void add_exposure(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<ExposureOptions>();
  CLI::App* command = root.add_subcommand(
      "exposure", "Whose data, and which elements, were in the files that got out");
  add_choice(*command, *options);
  add_outputs(*command, *options);
  add_corrections_option(*command, options->corrections);
  add_roster_options(*command, options->roster, options->roster_out);
  add_logs(*command, *options);
  add_data_option(*command, options->data);
  command->get_option("--data")->required(false);  // another product has none
  on_chosen(*command, options, choice, find_exposure);
}

}  // namespace bulkhead::cli
