#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <set>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/corrections_option.h"
#include "cli/exposure_options.h"
#include "cli/findings.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "incident/incident.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

// A version of a file that was released at least once, and what is known of it.
struct ReleasedVersion {
  std::string path;
  std::uint64_t size = 0;
  std::optional<exposure::FileFindings> findings;
  std::string why_not;  // where there are none
};

// Everything that the vault answered, findings opened as they come: each brings a descriptor, and
// there may be more of them than a process may hold.
struct Collected {
  std::vector<admin::Release> releases;
  std::map<std::uint64_t, ReleasedVersion> versions;  // by version
};

std::string reason_without_findings(const admin::Release& release) {
  if (release.analysis() == "not_analysed") return "not analysed yet";
  if (release.analysis() == "failed") return "the analyst could not finish";
  if (release.analysis() == "not_read") {
    return release.format().empty() ? "format not known"
                                    : fmt::format("format {} is not read", release.format());
  }
  return "its findings are sealed to another incident key";  // "sealed_to_another_key"
}

std::string reason_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotAuthenticated:
      return "its findings are sealed to another incident key";
    case ErrorCode::kNewerFormat:
      return "its findings were written by a newer release";
    default:
      return "its findings are damaged: " + error.message;
  }
}

void collect(const admin::Release& release, std::vector<UniqueFd> descriptors,
             const std::vector<crypto::AgeIdentity>& identities, Collected& collected) {
  collected.releases.push_back(release);
  const auto [at, is_new] = collected.versions.try_emplace(release.version());
  ReleasedVersion& version = at->second;
  if (is_new) {
    version.path = release.path();
    version.size = release.size();
    version.why_not = reason_without_findings(release);
  }
  if (version.findings || descriptors.empty()) return;
  auto findings = open_findings(descriptors.front(), identities);
  if (findings) {
    version.findings = std::move(*findings);
  } else {
    version.why_not = reason_of(findings.error());
  }
}

Result<admin::Request> request_for(const ExposureOptions& options,
                                   const std::vector<crypto::AgeIdentity>& identities) {
  admin::Request request;
  admin::FindReleases& asked = *request.mutable_find_releases();
  if (!options.since.empty()) {
    BH_TRY(const UnixMicros since, read_time_option("--since", options.since, DayEdge::kFirst));
    asked.set_since_us(since);
  }
  if (!options.until.empty()) {
    BH_TRY(const UnixMicros until, read_time_option("--until", options.until, DayEdge::kLast));
    asked.set_until_us(until);
  }
  if (asked.has_since_us() && asked.has_until_us() && asked.since_us() > asked.until_us()) {
    return fail(ErrorCode::kInvalidArgument, "--since is after --until: swap them");
  }
  if (!options.session.empty()) {
    BH_TRY(const std::uint64_t channel, read_session(options.session));
    asked.set_channel(channel);
  }
  if (!options.users.empty()) asked.set_user(options.users.front());
  asked.set_path(options.file);
  for (const crypto::AgeIdentity& identity : identities)
    asked.add_recipient(identity.recipient().to_string());
  return request;
}

void print_releases(const std::vector<admin::Release>& releases) {
  std::set<std::uint64_t> sessions;
  for (const admin::Release& release : releases)
    sessions.insert(release.channel());
  fmt::print("Considered: {} in {}.\n\n", counted(releases.size(), "release", "releases"),
             counted(sessions.size(), "session", "sessions"));
  Table table(
      {"SESSION", "USER", "FROM", "FIRST", "LAST", "WHY", "RELEASED", "OF", "ANALYSIS", "FILE"});
  for (const admin::Release& release : releases) {
    table.add(
        {show_session(release.channel()), release.user(), release.peer_address(),
         show_time(release.first_us()), show_time(release.last_us()), release.why(),
         shown_size(release.bytes_released()), shown_size(release.size()), release.analysis(),
         release.path() + (release.still_current() ? "" : " (since overwritten or removed)")});
  }
  table.print();
  fmt::print("\n");
}

// The name in the outputs: the path, and where several versions of one path were released, which
// one.
std::string name_of(std::uint64_t number, const ReleasedVersion& version,
                    const std::map<std::string, int>& versions_of) {
  if (versions_of.at(version.path) == 1) return version.path;
  return fmt::format("{} (version {})", version.path, number);
}

Result<exposure::ResolveOptions> resolve_options(const ExposureOptions& given) {
  exposure::ResolveOptions options;
  options.as_of =
      given.as_of.empty() ? to_rfc3339(system_clock().now()).substr(0, 10) : given.as_of;
  BH_TRY(options.corrections, load_given_corrections(given.corrections));
  if (!given.roster.empty()) {
    exposure::LayoutShelf shelf(exposure::default_rules());
    BH_TRY(options.roster,
           exposure::load_roster(given.roster, exposure::default_rules(), shelf, options));
  }
  return options;
}

exposure::Resolution resolve(Collected collected, const exposure::ResolveOptions& options) {
  std::map<std::string, int> versions_of;
  for (const auto& [number, version] : collected.versions)
    ++versions_of[version.path];
  std::vector<exposure::NamedFindings> files;
  std::vector<exposure::UnreadFile> unread;
  for (auto& [number, version] : collected.versions) {
    const std::string name = name_of(number, version, versions_of);
    if (version.findings) {
      files.push_back({name, std::move(*version.findings)});
    } else {
      unread.push_back({name, version.size, version.why_not});
    }
  }
  return exposure::Resolution(std::move(files), std::move(unread), options);
}

Status refuse_what_does_not_fit(const ExposureOptions& options) {
  if (options.data.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--data is required: give the deployment's folder, or --log and --files for another "
                "product's");
  if (options.incident_key_file.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--incident-key is needed to open what was found in the files of a deployment; for "
                "another product's files give --log and --files");
  if (options.users.size() > 1)
    return fail(ErrorCode::kInvalidArgument, "give one --user, or ask again for the next one");
  const std::pair<const char*, bool> given[] = {{"--files", !options.files.empty()},
                                                {"--log-tz", !options.log_zone.empty()},
                                                {"--address", !options.addresses.empty()},
                                                {"--releases", !options.releases.empty()},
                                                {"--log-format", options.log_format != "auto"},
                                                {"--certainty", options.certainty != "possible"}};
  for (const auto& [option, is_given] : given) {
    if (is_given)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} goes with --log only", option));
  }
  return {};
}

Outcome find_exposure(const ExposureOptions& options) {
  if (!options.logs.empty()) return find_exposure_of_logs(options);
  BH_CHECK(options.later.refuse());
  BH_CHECK(refuse_what_does_not_fit(options));
  BH_CHECK(use_zone(options.zone));
  BH_TRY(const exposure::ResolveOptions resolving, resolve_options(options));
  BH_TRY(const std::vector<crypto::AgeIdentity> identities,
         read_incident_key_file(options.incident_key_file));
  BH_TRY(const admin::Request request, request_for(options, identities));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  Collected collected;
  BH_CHECK(client.ask(request,
                      [&](const admin::Reply& reply, std::vector<UniqueFd> descriptors) -> Status {
                        if (reply.body_case() == admin::Reply::kRelease) {
                          collect(reply.release(), std::move(descriptors), identities, collected);
                        }
                        return {};
                      }));
  if (collected.releases.empty()) {
    fmt::print(
        "Nothing was released that fits: no file was read or uploaded there, as far as this "
        "incident key's\n"
        "organisation is concerned.\n");
  } else {
    print_releases(collected.releases);
  }
  std::fflush(stdout);
  const exposure::Resolution resolution = resolve(std::move(collected), resolving);
  const exposure::Exposure& totals = resolution.totals();
  if (!totals.files.empty()) exposure::print_table(totals, std::cout);
  std::cout.flush();
  BH_TRY(const auto written, exposure::write_outputs(resolution, options.outputs));
  if (!options.roster_out.empty()) BH_CHECK(resolution.write_enrolled_only(options.roster_out));
  for (const exposure::OutputFile& file : written)
    fmt::print("wrote {} ({})\n", file.path, shown_size(file.bytes));
  return totals.complete() && totals.corrections.without_effect.empty() ? ExitCode::kDone
                                                                        : ExitCode::kDoneInPart;
}

void add_choice(CLI::App& command, ExposureOptions& options) {
  command
      .add_option("--session", options.session,
                  "Only what this session could read or sent, such as s-12")
      ->type_name("ID");
  command.add_option("--user", options.users, "Only what this user's sessions could")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--file", options.file, "Only of this file or folder")->type_name("PATH");
  command.add_option("--since", options.since, "Only releases from this time on")
      ->type_name("TIME");
  command
      .add_option("--until", options.until,
                  "Only releases up to this time; a day counts to its end")
      ->type_name("TIME");
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
      .add_option("--address", options.addresses,
                  "Only what was given to this address; repeat for more")
      ->type_name("IP")
      ->allow_extra_args(false);
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
  options->later.add(*command, "--html");
  add_data_option(*command, options->data);
  command->get_option("--data")->required(false);  // another product has none
  command->callback(
      [options, &choice] { choice.action = [options] { return find_exposure(*options); }; });
}

}  // namespace bulkhead::cli
