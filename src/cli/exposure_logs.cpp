// `bulkhead exposure --log`: files stolen from another product, by its logs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include "cli/confined_reading.h"
#include "cli/corrections_option.h"
#include "cli/exposure_options.h"
#include "cli/release.h"
#include "cli/run_again.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "incident/incident.h"

namespace bulkhead::cli {
namespace {

using incident::Certainty;
constexpr UnixMicros kDayUs = 86'400 * kMicrosPerSecond;
constexpr Certainty kCertainties[] = {Certainty::kCertain, Certainty::kLikely,
                                      Certainty::kPossible};

Status refuse_what_does_not_fit(const ExposureOptions& options) {
  const auto no = [](const char* option, const char* why) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} does not go with --log: {}", option, why));
  };
  if (options.files.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--log needs --files: give the folder with that product's files");
  if (options.logs.empty() && options.leaked.empty())
    return fail(ErrorCode::kInvalidArgument, "--files needs --log, or --leaked: say what left");
  if (!options.explained.empty())
    return no("--explained", "what partners fetch is told apart with --address and --user");
  if (!options.sessions.empty()) return no("--session", "sessions are those of a deployment");
  if (!options.listeners.empty()) return no("--listener", "listeners are those of a deployment");
  if (!options.paths.empty())
    return no("--file", "choose with --since, --until, --user, --address");
  if (!options.incident_key_file.empty())
    return no("--incident-key", "the files of another product are not sealed, leave it out");
  return {};
}

Result<incident::FindOptions> asked(const ExposureOptions& options) {
  incident::FindOptions find;
  BH_CHECK(use_zone(options.zone));
  if (!options.since.empty()) {
    BH_TRY(find.since, read_time_option("--since", options.since, DayEdge::kFirst));
  }
  if (!options.until.empty()) {
    BH_TRY(find.until, read_time_option("--until", options.until, DayEdge::kLast));
  }
  if (find.since && find.until && *find.since > *find.until)
    return fail(ErrorCode::kInvalidArgument, "--since is after --until: swap them");
  find.logs = options.logs;
  find.leaked = options.leaked;
  find.log_format = options.log_format;
  find.files = options.files;
  find.users = {options.users.begin(), options.users.end()};
  find.addresses = {options.addresses.begin(), options.addresses.end()};
  find.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  find.settings.local_time = [](const std::string& text) -> std::optional<UnixMicros> {
    const auto time =
        read_time(text);  // in the zone in use, which is the logs' while they are read
    if (!time) return std::nullopt;
    return *time;
  };
  // No log tells of what is to come; a day more, for clocks and zones that are off.
  find.settings.since = find.since;
  find.settings.until = find.until ? *find.until : system_clock().now() + kDayUs;
  return find;
}

void print_found(const incident::Found& found) {
  for (const incident::LogReport& log : found.logs)
    fmt::print("{}: {}, {}, {}\n", printable(log.path), log.format,
               counted(log.lines, "line", "lines"),
               counted(log.accesses, "that gives something out", "that give something out"));
  std::map<std::string, const incident::LoggedRelease*> best;
  std::map<std::string, std::uint64_t> count;
  for (const incident::LoggedRelease& release : found.releases) {
    auto& kept = best[release.file];
    if (kept == nullptr || release.certainty < kept->certainty) kept = &release;
    ++count[release.file];
  }
  Table table({"CERTAINTY", "RELEASES", "FIRST", "FILE", "WHY"});
  for (const Certainty certainty : kCertainties) {
    for (const auto& [file, release] : best) {
      if (release->certainty != certainty) continue;
      table.add({std::string(to_string(certainty)), std::to_string(count[file]),
                 release->at ? show_time(*release->at) : "", file,
                 release->why + " (" + release->source + ")"});
    }
  }
  fmt::print("\n");
  if (table.empty())
    fmt::print("Nothing was given out that fits, as far as these logs say.\n");
  else
    table.print();
  fmt::print("\n");
  for (const std::string& warning : found.warnings)
    fmt::print(stderr, "bulkhead: {}\n", printable(warning));
}

// The best that is said of each file, as far as it counts.
std::map<std::string, Certainty> by_file(const incident::Found& found, Certainty least, bool held) {
  std::map<std::string, Certainty> files;
  for (const incident::LoggedRelease& release : found.releases) {
    if (release.held != held || release.certainty > least) continue;
    const auto [at, is_new] = files.try_emplace(release.file, release.certainty);
    if (!is_new) at->second = std::min(at->second, release.certainty);
  }
  return files;
}

// How sure it is of whom: a person counts as the surest of the files that name them.
void print_how_sure(const exposure::Resolution& resolution,
                    const std::map<std::string, Certainty>& files) {
  std::uint64_t members[std::size(kCertainties)] = {};
  for (std::size_t i = 0; i < resolution.size(); ++i) {
    const exposure::Person person = resolution.person(i);
    if (person.role != exposure::Role::kMember) continue;
    auto surest = Certainty::kPossible;
    for (const exposure::FileExposure& in : person.exposures)
      surest = std::min(surest, files.at(resolution.totals().files[in.file].outermost));
    ++members[static_cast<std::size_t>(surest)];
  }
  fmt::print("members in files that left: {} for certain, {} more likely, {} more possibly\n",
             members[0], members[1], members[2]);
}

Outcome scan_files(const ExposureOptions& options, const incident::Found& found) {
  const auto least =
      *std::find_if(std::begin(kCertainties), std::end(kCertainties),
                    [&](Certainty each) { return to_string(each) == options.certainty; });
  const std::map<std::string, Certainty> files = by_file(found, least, true);
  exposure::ScanOptions scan;
  scan.paths = {options.files};
  scan.only.emplace();
  for (const auto& [file, certainty] : files)
    scan.only->insert(file);
  for (const auto& [file, certainty] : by_file(found, least, false))
    scan.missing.push_back({.file = file, .reason = "it left, and is not among the files at hand"});
  scan.outputs = options.outputs;
  scan.manifest = manifest_beside(options.outputs.persons);
  BH_TRY(scan.corrections, load_given_corrections(options.corrections));
  scan.roster = options.roster;
  scan.roster_out = options.roster_out;
  scan.as_of = options.as_of;
  scan.jobs = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  scan.progress = stderr_is_terminal();
  scan.program_version = kRelease;
  scan.confine = confine_reading;
  BH_TRY(const exposure::ScanOutcome outcome, exposure::scan(scan, std::cout, std::cerr));
  std::cout.flush();
  print_how_sure(outcome.resolution, files);
  for (const exposure::OutputFile& file : outcome.outputs)
    fmt::print("wrote {} ({})\n", printable(file.path), shown_size(file.bytes));
  return outcome.exit_code() == 0 && found.complete ? ExitCode::kDone : ExitCode::kDoneInPart;
}

}  // namespace

Outcome find_exposure_of_logs(const ExposureOptions& options) {
  BH_CHECK(refuse_what_does_not_fit(options));
  BH_TRY(const incident::FindOptions find, asked(options));
  BH_CHECK(use_zone(options.log_zone.empty() ? options.zone : options.log_zone));
  BH_TRY(const incident::Found found, incident::find_releases(find));
  BH_CHECK(use_zone(options.zone));
  print_found(found);
  if (!options.releases.empty()) {
    const std::string text = incident::releases_ndjson(found);
    BH_CHECK(replace_file(options.releases, as_bytes(text), 0600));
    fmt::print("wrote {} ({})\n", printable(options.releases), shown_size(text.size()));
  }
  std::fflush(stdout);
  return scan_files(options, found);
}

}  // namespace bulkhead::cli
