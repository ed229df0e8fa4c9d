#include "incident/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "incident/answers.h"

namespace bulkhead::incident {
namespace {

LoggedRelease base_of(const LogAccess& access) {
  LoggedRelease release;
  release.at = access.at;
  release.bytes = access.bytes;
  release.user = access.user;
  release.address = access.address;
  return release;
}

LoggedRelease not_held(const LogAccess& access, Certainty certainty, const std::string& why) {
  LoggedRelease release = base_of(access);
  release.file = access.path.empty() ? access.hash : access.path;
  release.certainty = certainty;
  release.why = why + "; it is not among the files at hand";
  return release;
}

bool sent_whole(const LogAccess& access, const HeldFile& file) {
  const std::uint64_t headers = access.of_web_server ? kHeadersMost : 0;
  return *access.bytes >= file.bytes && *access.bytes <= file.bytes + headers;
}

// A web server may compress on the way.
bool sent_compressed(const LogAccess& access, std::size_t file, HeldFiles& held) {
  if (!access.of_web_server || *access.bytes >= held.at(file).bytes) return false;
  const auto pressed = held.gzip_bytes(file);
  return pressed && *access.bytes >= *pressed && *access.bytes <= *pressed + headers_most(*pressed);
}

// A line that names one file. What makes it certain is that two things agree: the name, and size or
// folder.
LoggedRelease judge_named(const LogAccess& access, const NamedFile& named, HeldFiles& held) {
  const HeldFile& file = held.at(named.index);
  const std::string did = "the log records that it was sent" + by_whom(access);
  const std::string elsewhere =
      named.folders_agree ? "" : "; the folder that the log names is another one";
  if (!access.complete)
    return about(access, file, Certainty::kLikely,
                 did + ", and that the transfer failed or was cut off" + elsewhere);
  if (!access.bytes) {
    const Certainty certainty = named.folders_agree ? Certainty::kCertain : Certainty::kLikely;
    return about(access, file, certainty, did + elsewhere);
  }
  if (sent_whole(access, file))
    return about(access, file, Certainty::kCertain, did + ", all of its bytes" + elsewhere);
  if (sent_compressed(access, named.index, held))
    return about(access, file, Certainty::kCertain, did + ", all of it compressed" + elsewhere);
  const std::string sizes =
      *access.bytes < file.bytes
          ? fmt::format("; {} of the {} bytes that it has now", *access.bytes, file.bytes)
          : fmt::format("; {} bytes, and it has {} now: it may have been replaced since",
                        *access.bytes, file.bytes);
  return about(access, file, Certainty::kLikely, did + sizes + elsewhere);
}

// As many as are kept of one line, and one more where there are more.
template <typename Each>
std::span<const Each> first_of(const std::vector<Each>& candidates) {
  return std::span(candidates).first(std::min(candidates.size(), kOfOneLineMost + 1));
}

// A '+' of a web server's log may have been a space.
std::vector<NamedFile> candidates_for(const LogAccess& access, const HeldFiles& held) {
  std::vector<NamedFile> candidates = held.named(access.path);
  if (!candidates.empty() || !access.of_web_server) return candidates;
  std::string spaced = access.path;
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return held.named(spaced);
}

std::vector<LoggedRelease> match_named(const LogAccess& access, HeldFiles& held) {
  std::vector<NamedFile> candidates = candidates_for(access, held);
  if (candidates.empty()) {
    // Pages, pictures and scripts of a web server are no files that were entrusted to it.
    if (access.of_web_server) return {};
    return {not_held(access, access.complete ? Certainty::kCertain : Certainty::kLikely,
                     "the log records that it was sent" + by_whom(access))};
  }
  if (candidates.size() > 1 && access.bytes) {
    std::vector<NamedFile> same_size;
    for (const NamedFile& each : candidates) {
      if (sent_whole(access, held.at(each.index))) same_size.push_back(each);
    }
    if (!same_size.empty()) candidates = std::move(same_size);
  }
  std::vector<LoggedRelease> releases;
  if (candidates.size() == 1) {
    releases.push_back(judge_named(access, candidates.front(), held));
    return releases;
  }
  const std::string why =
      fmt::format("the log records that a file of this name was sent{}; {} files have it",
                  by_whom(access), candidates.size());
  for (const NamedFile& each : first_of(candidates))
    releases.push_back(about(access, held.at(each.index), Certainty::kPossible, why));
  return releases;
}

std::vector<LoggedRelease> match_listed(const LogAccess& access, const HeldFiles& held) {
  std::vector<NamedFile> candidates = held.named(access.path);
  if (candidates.empty()) return {not_held(access, Certainty::kLikely, "its name is on the list")};
  std::vector<LoggedRelease> releases;
  std::vector<NamedFile> same_size;
  for (const NamedFile& each : candidates) {
    if (access.bytes == held.at(each.index).bytes) same_size.push_back(each);
  }
  if (same_size.size() == 1) {
    releases.push_back(about(access, held.at(same_size.front().index), Certainty::kCertain,
                             "its name and size are on the list"));
    return releases;
  }
  const bool alone = candidates.size() == 1;
  for (const NamedFile& each : first_of(candidates)) {
    std::string why = "its name is on the list";
    if (!alone) why += fmt::format("; {} files have it", candidates.size());
    if (access.bytes && same_size.empty())
      why += fmt::format("; the list says {} bytes, and it has {}", *access.bytes,
                         held.at(each.index).bytes);
    releases.push_back(about(access, held.at(each.index),
                             alone ? Certainty::kLikely : Certainty::kPossible, std::move(why)));
  }
  return releases;
}

std::vector<LoggedRelease> match_hash(const LogAccess& access, HeldFiles& held) {
  const std::vector<std::size_t> candidates = held.with_hash(access.hash);
  std::vector<LoggedRelease> releases;
  if (candidates.empty())
    releases.push_back(not_held(access, Certainty::kCertain, "contents with this hash left"));
  for (const std::size_t at : first_of(candidates))
    releases.push_back(
        about(access, held.at(at), Certainty::kCertain, "its contents have the hash of what left"));
  return releases;
}

}  // namespace

LoggedRelease about(const LogAccess& access, const HeldFile& file, Certainty certainty,
                    std::string why) {
  LoggedRelease release = base_of(access);
  release.file = file.name;
  release.held = true;
  release.certainty = certainty;
  release.why = std::move(why);
  return release;
}

std::string by_whom(const LogAccess& access) {
  std::string words;
  if (!access.user.empty()) words += " by " + access.user;
  if (!access.address.empty()) words += " from " + access.address;
  return words;
}

std::vector<LoggedRelease> match(const LogAccess& access, HeldFiles& held) {
  switch (access.kind) {
    case LogAccess::Kind::kDownload:
      return match_named(access, held);
    case LogAccess::Kind::kListed:
      return match_listed(access, held);
    case LogAccess::Kind::kHash:
      return match_hash(access, held);
    case LogAccess::Kind::kUnnamed:
      break;
  }
  return {};
}

}  // namespace bulkhead::incident
