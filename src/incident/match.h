// Which file a line of a log is about, how sure, and why.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "incident/files/held_files.h"
#include "incident/incident.h"
#include "incident/release_list.h"

namespace bulkhead::incident {

// Of a line that names a file or contents (all kinds but kUnnamed); releases are without source.
// Where more files than kOfOneLineMost fit, one more than these.
std::vector<LoggedRelease> match(const LogAccess& access, HeldFiles& held);

// Lists and folders of what is known to have leaked. `contents`: those at hand can be hashed.
Status take_leaked(const std::vector<std::string>& leaked, HeldFiles& held, bool contents,
                   Found& found, ReleaseList& releases);

// What a release takes over from its line; the line told of `file`.
LoggedRelease about(const LogAccess& access, const HeldFile& file, Certainty certainty,
                    std::string why);
std::string by_whom(const LogAccess& access);  // " by alice from 203.0.113.5"; may be empty

}  // namespace bulkhead::incident
