// A temporary folder that is gone afterwards, also when the work in it is interrupted.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bulkhead {

// Does the work in a process of its own, and removes the folder (mode 0700, TMPDIR/NAME-XXXXXX)
// once that has ended, whatever it ended of. SIGINT, SIGTERM and SIGHUP end the work, and with it
// every program that it started. Returns what the work returned, a status as of a process; 128 + N
// when a signal ended it. An error where no folder or process can be made. For processes of one
// thread.
Result<int> in_short_lived_folder(std::string_view name,
                                  const std::function<int(const std::string& folder)>& work);

}  // namespace bulkhead
