// The whole of bulkhead-supervisor but its main().
#pragma once

#include <map>
#include <string>

#include "supervisor/supervisor.h"

namespace bulkhead::processes {

// Options of another build of the supervisor, and the setting that each sets. The shipped build has
// none: it starts its own programs and no others.
using MoreOptions = std::map<std::string, std::string supervisor::Settings::*>;

// Exit status: 0 stopped by SIGTERM or SIGINT, 1 failed, 2 wrong arguments.
int run_supervisor(int argc, char** argv, const MoreOptions& more);

}  // namespace bulkhead::processes
