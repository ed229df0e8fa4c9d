// Starting bulkhead-keeper where no supervisor does: for one command, for a new deployment.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::keeper {

// Beside this program, wherever that is installed.
Result<std::string> keeper_program();

// The keeper's end of the socket is its descriptor 3; it ends when ours closes, or with this
// process. What it has to complain about comes as its greeting. stderr is ours, the environment is
// empty.
// `passphrase_fd`, where there is one, becomes its descriptor kPassphraseFd.
Result<UniqueFd> start_keeper(const std::string& program, const std::vector<std::string>& arguments,
                              int passphrase_fd = -1);
constexpr int kPassphraseFd = 4;

}  // namespace bulkhead::keeper
