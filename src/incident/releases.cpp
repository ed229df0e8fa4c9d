#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/json_writer.h"
#include "incident/answers.h"
#include "incident/match.h"

namespace bulkhead::incident {
namespace {

// A log without end must not fill the memory with answers that name no file.
constexpr std::size_t kAnswersMost = 2'000'000;

// What a log does not say leaves nothing out: neither when it was, nor whose.
bool may_be(const std::string& one, const std::set<std::string>& wanted) {
  return wanted.empty() || one.empty() || wanted.contains(one);
}

bool considered(const LogAccess& access, const FindOptions& options) {
  if (access.at && options.since && *access.at < *options.since) return false;
  if (access.at && options.until && *access.at > *options.until) return false;
  return may_be(access.user, options.users) && may_be(access.address, options.addresses);
}

// What the log does not say of those that are asked for; nothing where it says all.
std::string_view unsaid(const LogAccess& access, const FindOptions& options) {
  if (!options.users.empty() && access.user.empty()) return "by whom";
  return !options.addresses.empty() && access.address.empty() ? "from where" : "";
}

// What one log says, line by line.
class LogTaker {
 public:
  LogTaker(const FindOptions& options, std::string log, HeldFiles& held, Found& found,
           ReleaseList& releases)
      : options_(options), log_(std::move(log)), held_(held), found_(found), releases_(releases) {}

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
    keep(access, match(access, held_), source);
  }

  void finish(const LogReport& report) {
    const AnswersMatched matched =
        match_answers(answers_, held_, options_.threads,
                      [&](const Answer& answer, std::vector<LoggedRelease> releases) {
                        keep(answer.access, std::move(releases), answer.source);
                      });
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
    if (of_whom_unsaid_ > 0)
      found_.warnings.push_back(
          fmt::format("{}: {} lines do not say whose they are, this is the first: what they give "
                      "out is listed as possible",
                      first_unsaid_, of_whom_unsaid_));
    found_.logs.push_back(report);
  }

 private:
  // Whoever it was may be one of those that are asked for, or not.
  void keep(const LogAccess& access, std::vector<LoggedRelease> releases,
            const std::string& source) {
    const std::string_view what = unsaid(access, options_);
    if (!what.empty() && !releases.empty()) {
      if (of_whom_unsaid_ == 0) first_unsaid_ = source;
      if (source != last_unsaid_) ++of_whom_unsaid_;
      last_unsaid_ = source;
      for (LoggedRelease& release : releases) {
        release.certainty = Certainty::kPossible;
        release.why += fmt::format("; the log does not say {}", what);
      }
    }
    releases_.add(std::move(releases), source);
  }
  void warn(std::string sentence) {
    found_.complete = false;
    found_.warnings.push_back(std::move(sentence));
  }

  const FindOptions& options_;
  std::string log_;
  HeldFiles& held_;
  Found& found_;
  ReleaseList& releases_;
  std::vector<Answer> answers_;
  std::uint64_t too_many_ = 0, of_whom_unsaid_ = 0;
  std::string first_unsaid_, last_unsaid_;  // their sources
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
  ReleaseList releases(found, options.releases_most);
  for (const std::string& path : options.logs) {
    LogTaker taker(options, std::filesystem::path(path).filename().string(), held, found, releases);
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
  BH_CHECK(take_leaked(options.leaked, held, true, found, releases));
  releases.finish();
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
