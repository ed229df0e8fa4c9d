#include "incident/release_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bulkhead::incident {

void ReleaseList::LeftOut::add(std::uint64_t more, const std::string& source) {
  if (count == 0) first = source;
  count += more;
}

void ReleaseList::add(std::vector<LoggedRelease> releases, const std::string& source) {
  if (releases.size() > kOfOneLineMost) {
    releases.resize(kOfOneLineMost);
    of_lines_.add(1, source);
  }
  const std::size_t room = most_ - std::min(most_, found_.releases.size());
  if (releases.size() > room) behind_.add(releases.size() - room, source);
  releases.resize(std::min(room, releases.size()));
  for (LoggedRelease& release : releases) {
    release.source = source;
    found_.releases.push_back(std::move(release));
  }
}

void ReleaseList::finish() {
  if (of_lines_.count > 0)
    warn(
        fmt::format("{}: {} lines fit more than {} files each, this is the first: of each only so "
                    "many are listed, and any other may have left as well",
                    of_lines_.first, of_lines_.count, kOfOneLineMost));
  if (behind_.count > 0)
    warn(
        fmt::format("{}: {} releases from here on are left out, {} are listed: narrow it down "
                    "with --since, --until, --user or --address",
                    behind_.first, behind_.count, most_));
}

void ReleaseList::warn(std::string sentence) {
  found_.complete = false;
  found_.warnings.push_back(std::move(sentence));
}

}  // namespace bulkhead::incident
