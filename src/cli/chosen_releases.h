// Which of a deployment's releases are asked for, and how they are told.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/administration_client.h"
#include "cli/explained.h"
#include "cli/exposure_options.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {

// What is empty chooses nothing: without any, all that was released.
struct ReleaseChoice {
  std::optional<UnixMicros> since, until;
  std::set<std::uint64_t> sessions;
  std::set<std::string> users, addresses;
  std::optional<std::set<std::uint64_t>> of_listeners;  // sessions of the listeners asked for
  std::vector<std::string> files;                       // or folders

  bool fits(const admin::Release& release) const;  // but for the window, which is the vault's
  bool names_somebody() const { return !sessions.empty() || !users.empty(); }
};
Result<ReleaseChoice> read_choice(const ExposureOptions& options);
// Finds the sessions of these listeners in the journal; nothing where none is asked for. Fails for
// a listener that no session ever came in by.
Status choose_listeners(AdministrationClient& client, const std::vector<std::string>& listeners,
                        ReleaseChoice& choice);

struct ChosenRelease {
  admin::Release release;
  std::string why_counted;  // beyond the journal: that it is known to have leaked
  Explanation explanation;
};

// Keeps the releases of versions that are known to have leaked: a list of names, or a folder of
// recovered files, compared by name and size. Returns the names that no version has. Without
// `leaked` nothing happens.
Result<std::vector<std::string>> keep_leaked(const std::vector<std::string>& leaked,
                                             std::vector<ChosenRelease>& releases);

void print_releases(const std::vector<ChosenRelease>& releases, const ReleaseChoice& choice);

// docs/schemas/releases.schema.json.
std::string releases_ndjson(const std::vector<ChosenRelease>& releases);

}  // namespace bulkhead::cli
