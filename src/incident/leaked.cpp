// What is known to have leaked: a list of names or hashes, or a folder of recovered files, matched
// with the files at hand.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "incident/incident.h"
#include "incident/match.h"

namespace bulkhead::incident {
namespace {

namespace fs = std::filesystem;

class LeakedTaker {
 public:
  LeakedTaker(HeldFiles& held, bool contents, Found& found, ReleaseList& releases)
      : held_(held), contents_(contents), found_(found), releases_(releases) {}

  Status take(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return take_folder(path);
    // What is a list of hashes to the last line is one; else its lines are names.
    std::vector<LogAccess> accesses;
    const TakeAccess keep = [&](LogAccess access) { accesses.push_back(std::move(access)); };
    BH_TRY(LogReport report, read_log(path, "hashes", {}, keep));
    const bool hashes = report.not_understood == 0 && !accesses.empty();
    if (!hashes) {
      accesses.clear();
      BH_TRY(report, read_log(path, "list", {}, keep));
    } else if (!contents_) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{}: hashes of files in a deployment are not kept: give names, or "
                              "the recovered files",
                              path));
    }
    for (const LogAccess& access : accesses)
      add(access, fmt::format("{}:{}", fs::path(path).filename().string(), access.line));
    found_.logs.push_back(std::move(report));
    return {};
  }

 private:
  Status take_folder(const std::string& path) {
    BH_TRY(HeldFiles recovered, HeldFiles::under(path));
    for (std::size_t i = 0; i < recovered.all().size(); ++i) {
      LogAccess access;
      access.kind = LogAccess::Kind::kListed;
      access.path = recovered.at(i).name;
      access.bytes = recovered.at(i).bytes;
      if (contents_) {
        access.hash = recovered.sha256_of(i);
        if (!access.hash.empty() && !held_.with_hash(access.hash).empty())
          access.kind = LogAccess::Kind::kHash;
      }
      add(access, fmt::format("{}/{}", fs::path(path).filename().string(), access.path));
    }
    for (const std::string& problem : recovered.problems()) {
      found_.complete = false;
      found_.warnings.push_back(problem);
    }
    return {};
  }

  void add(const LogAccess& access, const std::string& source) {
    releases_.add(match(access, held_), source);
  }

  HeldFiles& held_;
  bool contents_;
  Found& found_;
  ReleaseList& releases_;
};

}  // namespace

Status take_leaked(const std::vector<std::string>& leaked, HeldFiles& held, bool contents,
                   Found& found, ReleaseList& releases) {
  LeakedTaker taker(held, contents, found, releases);
  std::size_t failed = 0;
  for (const std::string& path : leaked) {
    const Status taken = taker.take(path);
    if (taken) continue;
    found.complete = false;
    found.warnings.push_back(taken.error().message);
    if (++failed == leaked.size()) return taken;
  }
  return {};
}

Result<Found> match_leaked(const std::vector<std::string>& leaked,
                           const std::vector<std::pair<std::string, std::uint64_t>>& held) {
  std::vector<HeldFile> files;
  for (const auto& [name, bytes] : held)
    files.push_back({name, bytes});
  HeldFiles without_contents = HeldFiles::of(std::move(files));
  Found found;
  ReleaseList releases(found, kReleasesMost);
  BH_CHECK(take_leaked(leaked, without_contents, false, found, releases));
  releases.finish();
  return found;
}

}  // namespace bulkhead::incident
