// Starting a program of ours, and what became of it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::supervisor {

struct Program {
  std::string path;
  std::vector<std::string> arguments;  // without the program's name
};

// A child. Signals go through its pidfd, so they never reach another process that got the same
// number. The destructor kills and reaps: no child outlives its Process.
class Process {
 public:
  // Executed in a fresh session with an empty environment, folder "/", default signals, /dev/null
  // as stdin and stdout, our stderr, and `descriptors` as 3, 4, …; nothing else of ours is open in
  // it. Returns once execve(2) succeeded.
  static Result<Process> start(const Program& program, const std::vector<int>& descriptors);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  int fd() const { return pidfd_.get(); }  // readable once it has ended

  void kill();
  // "exit 0", "signal 31 (SIGSYS)"; nothing while it runs. Afterwards it is reaped.
  std::optional<std::string> ended();

 private:
  Process(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  void finish();

  pid_t pid_ = -1;
  UniqueFd pidfd_;  // none: reaped, or moved from
};

}  // namespace bulkhead::supervisor
