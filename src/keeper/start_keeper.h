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
Result<UniqueFd> start_keeper(const std::string& program,
                              const std::vector<std::string>& arguments);

// Runs it for one thing (`--create`) and waits. An error without words: it has said why on stderr.
Status run_keeper(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace bulkhead::keeper
