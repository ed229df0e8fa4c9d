#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/json_writer.h"
#include "incident/answers.h"
#include "incident/match.h"

namespace bulkhead::incident {
namespace {

// A log without end must not fill the memory with answers that name no file.
constexpr std::size_t kAnswersMost = 2'000'000;

bool considered(const LogAccess& access, const FindOptions& options) {
  if (access.at && options.since && *access.at < *options.since) return false;
  if (access.at && options.until && *access.at > *options.until) return false;
  if (!options.users.empty() && !options.users.contains(access.user)) return false;
  return options.addresses.empty() || options.addresses.contains(access.address);
}

// What one log says, line by line.
class LogTaker {
 public:
  LogTaker(const FindOptions& options, std::string log, HeldFiles& held, Found& found)
      : options_(options), log_(std::move(log)), held_(held), found_(found) {}

  void take(LogAccess access) {
    if (!considered(access, options_)) return;
    const std::string source = fmt::format("{}:{}", log_, access.line);
    if (access.kind == LogAccess::Kind::kUnnamed) {
      if (answers_.size() < kAnswersMost)
        answers_.push_back({std::move(access), source});
      else
        ++too_many_;
      return;
    }
    for (LoggedRelease& release : match(access, held_)) {
      release.source = source;
      found_.releases.push_back(std::move(release));
    }
  }

  void finish(const LogReport& report) {
    AnswersMatched matched = match_answers(answers_, held_, options_.threads);
    std::move(matched.releases.begin(), matched.releases.end(),
              std::back_inserter(found_.releases));
    if (report.not_understood > 0)
      warn(fmt::format("{}:{}: {} lines make no sense as {}, this is the first", report.path,
                       report.first_not_understood, report.not_understood, report.format));
    if (matched.fit_nothing > 0)
      warn(
          fmt::format("{}: {} answers that name no file fit none of the files at hand, this is "
                      "the first: lists that a web shell made, or files that are not at hand",
                      matched.first_that_fits_nothing, matched.fit_nothing));
    if (too_many_ > 0)
      warn(
          fmt::format("{}: {} answers that name no file were not looked at: narrow it down with "
                      "--since, --until or --address",
                      report.path, too_many_));
    found_.logs.push_back(report);
  }

 private:
  void warn(std::string sentence) {
    found_.complete = false;
    found_.warnings.push_back(std::move(sentence));
  }

  const FindOptions& options_;
  std::string log_;
  HeldFiles& held_;
  Found& found_;
  std::vector<Answer> answers_;
  std::uint64_t too_many_ = 0;
};

}  // namespace

std::string_view to_string(Certainty certainty) {
  switch (certainty) {
    case Certainty::kCertain:
      return "certain";
    case Certainty::kLikely:
      return "likely";
    case Certainty::kPossible:
      return "possible";
  }
  return "possible";
}

std::set<std::string> Found::files() const {
  std::set<std::string> names;
  for (const LoggedRelease& release : releases) {
    if (release.held) names.insert(release.file);
  }
  return names;
}

std::set<std::string> Found::files_not_held() const {
  std::set<std::string> names;
  for (const LoggedRelease& release : releases) {
    if (!release.held) names.insert(release.file);
  }
  return names;
}

Result<Found> find_releases(const FindOptions& options) {
  BH_TRY(HeldFiles held, HeldFiles::under(options.files));
  Found found;
  for (const std::string& path : options.logs) {
    LogTaker taker(options, std::filesystem::path(path).filename().string(), held, found);
    const auto report = read_log(path, options.log_format, options.settings,
                                 [&](LogAccess access) { taker.take(std::move(access)); });
    if (report) {
      taker.finish(*report);
      continue;
    }
    if (report.error().code == ErrorCode::kInvalidArgument) return fail(report.error());
    found.warnings.push_back(report.error().message);
    found.complete = false;
    if (found.logs.empty() && path == options.logs.back()) return fail(report.error());
  }
  BH_CHECK(take_leaked(options.leaked, held, true, found));
  found.complete = found.complete && held.problems().empty();
  for (const std::string& problem : held.problems())
    found.warnings.push_back(problem + ": whether it left cannot be said");
  return found;
}

std::string releases_ndjson(const Found& found) {
  std::string text;
  for (const LoggedRelease& release : found.releases) {
    JsonWriter json;
    json.begin_object();
    json.member("file", release.file);
    json.key("at");
    release.at ? json.value(to_rfc3339(*release.at)) : json.null();
    json.key("bytes");
    release.bytes ? json.value(*release.bytes) : json.null();
    json.member("certainty", to_string(release.certainty));
    json.member("why", release.why);
    json.member("source", release.source);
    json.member("held", release.held);
    if (!release.user.empty()) json.member("user", release.user);
    if (!release.address.empty()) json.member("address", release.address);
    json.end_object();
    text += std::string(json.text()) + "\n";
  }
  return text;
}

}  // namespace bulkhead::incident
