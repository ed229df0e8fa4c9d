// The skeleton of every untrusted process's main(): arguments, log, what must happen before the
// sandbox, the sandbox, then the work.
//
//     int main(int argc, char** argv) {
//       return bulkhead::processes::run_edge(argc, argv, {.name = "sftp-session", .serve =
//       serve_sftp});
//     }
//
// Started by the supervisor only: descriptor 3 is the channel to the vault, 4 (edges) is where the
// client's socket comes from. Exit status: 0 done (an edge that was never used included), 1 failed,
// 2 wrong arguments.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "channel/client.h"
#include "sandbox/sandbox.h"

namespace bulkhead::processes {

constexpr int kChannelFd = 3;
constexpr int kHandoverFd = 4;

struct EdgeProgram {
  std::string_view name;  // in the log
  // What has to be loaded, opened or looked up while that is still possible;
  // crypto::prepare_for_sandbox() is done already. May be empty.
  std::function<void()> prepare;
  // Serves one client, in the sandbox. The socket is blocking. An error is logged; how the client
  // broke off is not one.
  std::function<Status(UniqueFd client, channel::Client& vault)> serve;
};
int run_edge(int argc, char** argv, const EdgeProgram& program);

// Works on what the vault hands it, and has no socket but its channel: analyst, compactor.
struct AnalystProgram {
  std::string_view name;
  std::function<void()> prepare;
  std::uint64_t largest_file_bytes = 0;  // that it may write; 0: as findings need
  std::function<Status(channel::Client& vault)> work;
};
int run_analyst(int argc, char** argv, const AnalystProgram& program);

}  // namespace bulkhead::processes
