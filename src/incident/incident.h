// Which files left another product, from its logs: the header for others.
//
// A confident wrong list is the worst outcome: each release says how sure it is and why, and what
// fits no file is kept, because the files at hand may not be all that there were.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "incident/logs/access.h"
#include "incident/logs/read_log.h"

namespace bulkhead::incident {

enum class Certainty {
  kCertain,   // the log says that this file was given out whole, or the contents are the same
  kLikely,    // it fits one file, but not to the last byte, or by name alone
  kPossible,  // it fits several files, or any; or the log does not say whose it was
};
std::string_view to_string(Certainty certainty);  // "certain"…

struct LoggedRelease {
  std::string file;   // relative to the folder of files; as the log names it where it is not there
  bool held = false;  // it is there
  std::optional<UnixMicros> at;
  std::optional<std::uint64_t> bytes;
  Certainty certainty = Certainty::kPossible;
  std::string why, source;  // a sentence; "log:line"
  std::string user, address;
};

// Of some hundred bytes each.
constexpr std::size_t kReleasesMost = 1'000'000;

struct FindOptions {
  std::vector<std::string> logs;
  std::vector<std::string> leaked;  // lists of names or hashes, folders of recovered files
  std::string log_format = "auto";
  LogSettings settings;
  std::string files;                       // a folder, recursed into; links are not followed
  std::optional<UnixMicros> since, until;  // what has no time is always considered
  // Only theirs; empty: all. What does not say whose it is stays, as possible.
  std::set<std::string> users, addresses;
  std::size_t releases_most = kReleasesMost;  // more are left out, with a warning
  unsigned threads = 1;                       // the result does not depend on it
};

struct Found {
  std::vector<LoggedRelease> releases;  // by log, line and file
  std::vector<LogReport> logs;
  std::vector<std::string> warnings;  // logs that could not be read, answers that fit no file…
  bool complete = true;  // every log was read, every line understood, and no release left out

  // The files at hand that left, in order, each once.
  std::set<std::string> files() const;
  std::set<std::string> files_not_held() const;
};

// Errors: the folder, or no log at all could be read. A log that cannot be is a warning.
Result<Found> find_releases(const FindOptions& options);

// What is known to have leaked, matched with files of which name and size are known. Errors: none
// of the lists can be read.
Result<Found> match_leaked(const std::vector<std::string>& leaked,
                           const std::vector<std::pair<std::string, std::uint64_t>>& held);

// Names that FindOptions::log_format may have: "auto", "moveit"…
std::vector<std::string> log_format_choices();

// NDJSON, docs/schemas/releases.schema.json.
std::string releases_ndjson(const Found& found);

}  // namespace bulkhead::incident
