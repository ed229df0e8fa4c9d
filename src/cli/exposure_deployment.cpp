// `bulkhead exposure --data`: what a deployment released, by its journal, and who was in it.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "cli/administration_client.h"
#include "cli/chosen_releases.h"
#include "cli/corrections_option.h"
#include "cli/exposure_options.h"
#include "cli/findings.h"
#include "cli/journal_files.h"
#include "cli/session_id.h"
#include "cli/terminal.h"
#include "cli/times.h"

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
  std::vector<ChosenRelease> releases;
  std::map<std::uint64_t, ReleasedVersion> versions;  // by version
};

std::string reason_without_findings(const admin::Release& release) {
  if (release.analysis() == "not_analysed") return "not analysed yet";
  if (release.analysis() == "findings_missing") return "its findings are not on the disk any more";
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
  collected.releases.push_back({.release = release, .why_counted = {}, .explanation = {}});
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

// One user and one session are the vault's to look for; several of them, and all else, are chosen
// here.
Result<admin::Request> request_for(const ExposureOptions& options, const ReleaseChoice& choice,
                                   const std::vector<crypto::AgeIdentity>& identities) {
  admin::Request request;
  admin::FindReleases& asked = *request.mutable_find_releases();
  if (choice.since) asked.set_since_us(*choice.since);
  if (choice.until) asked.set_until_us(*choice.until);
  if (choice.sessions.size() == 1) asked.set_channel(*choice.sessions.begin());
  if (options.users.size() == 1) asked.set_user(options.users.front());
  if (choice.files.size() == 1) asked.set_path(choice.files.front());
  for (const crypto::AgeIdentity& identity : identities)
    asked.add_recipient(identity.recipient().to_string());
  return request;
}

using TakeRelease = std::function<void(const admin::Release&, std::vector<UniqueFd>)>;

// A user or session that is not there and one of another organisation look the same: like nothing.
Status ask(AdministrationClient& client, const admin::Request& request, const TakeRelease& take) {
  const Status asked = client.ask(
      request, [&](const admin::Reply& reply, std::vector<UniqueFd> descriptors) -> Status {
        if (reply.body_case() == admin::Reply::kRelease)
          take(reply.release(), std::move(descriptors));
        return {};
      });
  const auto& wanted = request.find_releases();
  const bool named_somebody = wanted.has_channel() || !wanted.user().empty();
  if (!asked && asked.error().code == ErrorCode::kNotFound && named_somebody) return {};
  return asked;
}

// Sessions as they were, not as far as they are asked for: what is chosen, and where the window
// ends, narrows nothing here. A rule must not explain two files of a session that took thousands.
Status explain(const ExposureOptions& options, const ReleaseChoice& choice,
               AdministrationClient& client, const admin::Request& request, Collected& collected) {
  if (options.explained.empty()) return {};
  BH_TRY(const std::vector<ExplainedRule> rules, read_explained(options.explained));
  admin::Request all;
  *all.mutable_find_releases()->mutable_recipient() = request.find_releases().recipient();
  std::vector<admin::Release> history, releases;
  BH_CHECK(ask(client, all, [&](const admin::Release& release, const std::vector<UniqueFd>&) {
    if (concerned(rules, release)) history.push_back(release);
  }));
  for (const ChosenRelease& each : collected.releases)
    releases.push_back(each.release);
  std::vector<Explanation> explanations = explain_releases(rules, history, *choice.since, releases);
  for (std::size_t i = 0; i < explanations.size(); ++i)
    collected.releases[i].explanation = std::move(explanations[i]);
  return {};
}

// The journal bounds what can have left: where it does not verify, so much is said, and what is
// known all the same is told. False: it does not.
Result<bool> journal_bounds_it(AdministrationClient& client, const std::string& data) {
  BH_TRY(const JournalKeys keys, journal_keys(client));
  const auto verified =
      journal::verify(real_disk(), journal_folder(data), keys.own, {}, {}, keys.witnesses);
  if (verified) return true;
  fmt::print(stderr,
             "bulkhead: the journal does not verify: {}: this list is what is known, and no upper "
             "bound; keep a copy of the folder as evidence\n",
             printable(verified.error().message));
  return false;
}

// Versions of which every release is explained were not leaked.
void subtract_explained(Collected& collected) {
  std::set<std::uint64_t> left;
  for (const ChosenRelease& each : collected.releases) {
    if (!each.explanation.explained) left.insert(each.release.version());
  }
  std::erase_if(collected.versions, [&](const auto& each) { return !left.contains(each.first); });
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
  options.jobs = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  BH_TRY(options.corrections, load_given_corrections(given.corrections));
  if (!given.roster.empty()) {
    exposure::LayoutShelf shelf(exposure::default_rules());
    BH_TRY(options.roster,
           exposure::load_roster(given.roster, exposure::default_rules(), shelf, options));
  }
  return options;
}

exposure::Resolution resolve(Collected collected, const std::vector<std::string>& not_held,
                             const exposure::ResolveOptions& options) {
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
  for (const std::string& name : not_held)
    unread.push_back({.file = name, .reason = "it leaked, and was never here under this name"});
  return exposure::Resolution(std::move(files), std::move(unread), options);
}

Status write_releases(const ExposureOptions& options, const Collected& collected) {
  if (options.releases.empty()) return {};
  const std::string text = releases_ndjson(collected.releases);
  BH_CHECK(replace_file(options.releases, as_bytes(text), 0600));
  fmt::print("wrote {} ({})\n", printable(options.releases), shown_size(text.size()));
  return {};
}

Outcome write_persons(const ExposureOptions& options, const exposure::Resolution& resolution) {
  const exposure::Exposure& totals = resolution.totals();
  if (!totals.files.empty()) exposure::print_table(totals, std::cout);
  std::cout.flush();
  BH_TRY(const auto written, exposure::write_outputs(resolution, options.outputs));
  if (!options.roster_out.empty()) BH_CHECK(resolution.write_enrolled_only(options.roster_out));
  for (const exposure::OutputFile& file : written)
    fmt::print("wrote {} ({})\n", printable(file.path), shown_size(file.bytes));
  return totals.complete() && totals.corrections.without_effect.empty() ? ExitCode::kDone
                                                                        : ExitCode::kDoneInPart;
}

}  // namespace

Outcome find_exposure_of_deployment(const ExposureOptions& options) {
  BH_CHECK(use_zone(options.zone));
  BH_TRY(ReleaseChoice choice, read_choice(options));
  BH_TRY(const exposure::ResolveOptions resolving, resolve_options(options));
  BH_TRY(const std::vector<crypto::AgeIdentity> identities,
         read_incident_key_file(options.incident_key_file));
  BH_TRY(const admin::Request request, request_for(options, choice, identities));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_TRY(const bool bounded, journal_bounds_it(client, options.data));
  BH_CHECK(choose_listeners(client, options.listeners, choice));
  Collected collected;
  BH_CHECK(
      ask(client, request, [&](const admin::Release& release, std::vector<UniqueFd> descriptors) {
        if (choice.fits(release)) collect(release, std::move(descriptors), identities, collected);
      }));
  BH_TRY(const std::vector<std::string> not_held, keep_leaked(options.leaked, collected.releases));
  BH_CHECK(explain(options, choice, client, request, collected));
  subtract_explained(collected);
  print_releases(collected.releases, choice);
  BH_CHECK(write_releases(options, collected));
  std::fflush(stdout);
  const exposure::Resolution resolution = resolve(std::move(collected), not_held, resolving);
  BH_TRY(const ExitCode written, write_persons(options, resolution));
  return bounded ? written : ExitCode::kDoneInPart;
}

}  // namespace bulkhead::cli
