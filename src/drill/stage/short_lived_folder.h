// A temporary folder that is gone afterwards, also when the work in it is interrupted.
#pragma once

#include <functional>
#include <string>

namespace bulkhead::drill {

// Does the work in a process of its own, and removes the folder once that has ended, whatever it
// ended of. SIGINT and SIGTERM end the work, and with it every program that it started. Returns
// what the work returned; 128 + N when a signal ended it. Throws Interrupted where no folder can be
// made.
int in_short_lived_folder(const std::function<int(const std::string& folder)>& work);

}  // namespace bulkhead::drill
