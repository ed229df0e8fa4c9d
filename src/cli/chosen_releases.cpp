#include "cli/chosen_releases.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json_writer.h"
#include "cli/journal_pages.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "incident/incident.h"

namespace bulkhead::cli {
namespace {

// An upper bound is told as one: a key that left counts as read.
std::string_view certainty_of(const admin::Release& release) {
  if (release.why() == "read" || release.why() == "uploaded") return "certain";
  return release.why() == "rewritten in part" ? "likely" : "possible";
}

std::string sentence(const ChosenRelease& chosen) {
  const admin::Release& release = chosen.release;
  std::string text;
  if (release.why() == "read")
    text = "keys to its contents were given to this session";
  else if (release.why() == "uploaded")
    text = "this session sent it";
  else if (release.why() == "rewritten in part")
    text = "this session changed it in place, with keys to what it changed";
  else
    text = "it shares a key with a version that this session was given keys to";
  if (!release.still_current()) text += "; since overwritten or removed";
  if (!chosen.why_counted.empty()) text += "; " + chosen.why_counted;
  return text;
}

void write_release(JsonWriter& json, const ChosenRelease& chosen) {
  const admin::Release& release = chosen.release;
  json.begin_object();
  json.member("file", release.path());
  json.member("at", to_rfc3339(release.first_us()));
  json.member("bytes", release.bytes_released());
  json.member("certainty", certainty_of(release));
  json.member("why", sentence(chosen));
  json.member("source", "journal:" + show_session(release.channel()));
  json.member("held", release.still_current());
  json.member("user", release.user());
  json.member("address", release.peer_address());
  json.member("until", to_rfc3339(release.last_us()));
  json.member("version", release.version());
  json.member("explained", chosen.explanation.explained);
  if (!chosen.explanation.words.empty()) json.member("explanation", chosen.explanation.words);
  json.end_object();
}

}  // namespace

bool ReleaseChoice::fits(const admin::Release& release) const {
  const auto inside = [&](const std::string& file) {
    return file == "/" || release.path() == file || release.path().starts_with(file + "/");
  };
  return (sessions.empty() || sessions.contains(release.channel())) &&
         (!of_listeners || of_listeners->contains(release.channel())) &&
         (users.empty() || users.contains(release.user())) &&
         (addresses.empty() || addresses.contains(release.peer_address())) &&
         (files.empty() || std::any_of(files.begin(), files.end(), inside));
}

Result<ReleaseChoice> read_choice(const ExposureOptions& options) {
  ReleaseChoice choice;
  if (!options.since.empty()) {
    BH_TRY(choice.since, read_time_option("--since", options.since, DayEdge::kFirst));
  }
  if (!options.until.empty()) {
    BH_TRY(choice.until, read_time_option("--until", options.until, DayEdge::kLast));
  }
  if (choice.since && choice.until && *choice.since > *choice.until)
    return fail(ErrorCode::kInvalidArgument, "--since is after --until: swap them");
  for (const std::string& session : options.sessions) {
    BH_TRY(const std::uint64_t channel, read_session(session));
    choice.sessions.insert(channel);
  }
  choice.users = {options.users.begin(), options.users.end()};
  choice.addresses = {options.addresses.begin(), options.addresses.end()};
  choice.files = options.paths;
  for (std::string& file : choice.files) {
    while (file.size() > 1 && file.ends_with('/'))
      file.pop_back();
  }
  if (!options.explained.empty() && !choice.sessions.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--explained does not go with --session: what a session did that you name is not "
                "explained away");
  if (!options.explained.empty() && !options.leaked.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--explained does not go with --leaked: what is known to have leaked is not "
                "explained away");
  if (!options.explained.empty() && !choice.since)
    return fail(ErrorCode::kInvalidArgument,
                "--explained needs --since: what was before tells what is as always");
  return choice;
}

// The journal says by which listener a session came; it may have begun long before the window.
Status choose_listeners(AdministrationClient& client, const std::vector<std::string>& listeners,
                        ReleaseChoice& choice) {
  if (listeners.empty()) return {};
  std::set<std::string> missing(listeners.begin(), listeners.end());
  choice.of_listeners.emplace();
  BH_CHECK(read_journal(client, {}, [&](const admin::JournalEntry& entry) -> Status {
    if (entry.event() != "session_opened") return {};
    for (const admin::Detail& detail : entry.detail()) {
      const bool wanted = detail.key() == "listener" &&
                          std::ranges::find(listeners, detail.value()) != listeners.end();
      if (!wanted) continue;
      choice.of_listeners->insert(entry.channel());
      missing.erase(detail.value());
    }
    return {};
  }));
  if (missing.empty()) return {};
  return fail(ErrorCode::kNotFound,
              fmt::format("no session ever came in by a listener {}: `bulkhead status` names them",
                          *missing.begin()));
}

Result<std::vector<std::string>> keep_leaked(const std::vector<std::string>& leaked,
                                             std::vector<ChosenRelease>& releases) {
  std::vector<std::string> not_held;
  if (leaked.empty()) return not_held;
  std::set<std::pair<std::string, std::uint64_t>> held;
  for (const ChosenRelease& each : releases)
    held.emplace(each.release.path(), each.release.size());
  BH_TRY(const incident::Found found, incident::match_leaked(leaked, {held.begin(), held.end()}));
  for (const std::string& warning : found.warnings)
    fmt::print(stderr, "bulkhead: {}\n", printable(warning));
  std::map<std::string, std::vector<const incident::LoggedRelease*>> by_file;
  for (const incident::LoggedRelease& each : found.releases) {
    if (each.held)
      by_file[each.file].push_back(&each);
    else
      not_held.push_back(each.file);
  }
  // Of several versions of a name only those of the size, where that is known to be the one.
  std::erase_if(releases, [&](ChosenRelease& chosen) {
    const auto at = by_file.find(chosen.release.path());
    if (at == by_file.end()) return true;
    for (const incident::LoggedRelease* each : at->second) {
      const bool exact = each->certainty == incident::Certainty::kCertain;
      if (exact && each->bytes != chosen.release.size()) continue;
      chosen.why_counted = each->why + " (" + each->source + ")";
      return false;
    }
    return true;
  });
  return not_held;
}

void print_releases(const std::vector<ChosenRelease>& releases, const ReleaseChoice& choice) {
  if (releases.empty()) {
    fmt::print(
        "Nothing was released that fits: no file was read or uploaded there, as far as this "
        "incident key's\n"
        "organisation is concerned.\n");
    if (choice.names_somebody())
      fmt::print(stderr,
                 "bulkhead: a session or user that never was looks the same: check how it is "
                 "written\n");
    return;
  }
  std::set<std::uint64_t> sessions;
  std::size_t explained = 0;
  for (const ChosenRelease& each : releases) {
    sessions.insert(each.release.channel());
    explained += each.explanation.explained ? 1 : 0;
  }
  fmt::print("Considered: {} in {}{}.\n\n", counted(releases.size(), "release", "releases"),
             counted(sessions.size(), "session", "sessions"),
             explained == 0 ? "" : fmt::format("; {} explained and left out", explained));
  std::vector<std::string> head = {"SESSION", "USER",     "FROM", "FIRST",    "LAST",
                                   "WHY",     "RELEASED", "OF",   "ANALYSIS", "FILE"};
  const bool remarks = std::any_of(releases.begin(), releases.end(), [](const ChosenRelease& each) {
    return !each.explanation.words.empty() || !each.why_counted.empty();
  });
  if (remarks) head.push_back("REMARK");
  Table table(head);
  for (const ChosenRelease& each : releases) {
    const admin::Release& release = each.release;
    std::vector<std::string> row = {
        show_session(release.channel()),
        release.user(),
        release.peer_address(),
        show_time(release.first_us()),
        show_time(release.last_us()),
        release.why(),
        shown_size(release.bytes_released()),
        shown_size(release.size()),
        release.analysis(),
        release.path() + (release.still_current() ? "" : " (since overwritten or removed)")};
    const std::string verdict = each.explanation.explained ? "explained: " : "";
    if (remarks)
      row.push_back(each.explanation.words.empty() ? each.why_counted
                                                   : verdict + each.explanation.words);
    table.add(std::move(row));
  }
  table.print();
  fmt::print("\n");
}

std::string releases_ndjson(const std::vector<ChosenRelease>& releases) {
  std::string text;
  for (const ChosenRelease& each : releases) {
    JsonWriter json;
    write_release(json, each);
    text += std::move(json).take() + "\n";
  }
  return text;
}

}  // namespace bulkhead::cli
