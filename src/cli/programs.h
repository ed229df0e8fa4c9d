// This installation's other programs: where they are, and running them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::cli {

// "bulkhead-vault" -> its path: beside the folder of this program in ../libexec (the build tree) or
// ../libexec/bulkhead (installed). The environment has no say in it.
Result<std::string> find_program(std::string_view name);

// "notify" -> the folder of data files of that name, in ../share/bulkhead.
Result<std::string> find_data(std::string_view name);

// A program that we started. What it writes on stdout and stderr is kept, so that it can be told
// apart from silence.
class ChildProcess {
 public:
  // `as_fd_3` becomes its descriptor 3, if there is one; it inherits nothing else but stdin.
  static Result<ChildProcess> start(const std::string& path,
                                    const std::vector<std::string>& arguments, int as_fd_3 = -1);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // waits

  // Waits for its end; true when that was exit 0.
  bool wait();
  std::string how_it_ended() const;  // "exit 1", "signal 9"; after wait()
  std::string said() const;          // on stdout and stderr, of at most 64 KiB; after wait()
  // After an end that was no success: passes on what it said on stderr (of at most 64 KiB its lines
  // "bulkhead: …", or everything where it has none) and returns the error: with an empty message
  // where the program has told it itself.
  std::unexpected<Error> failure(std::string_view what) const;

 private:
  ChildProcess(pid_t pid, UniqueFd said) : pid_(pid), said_(std::move(said)) {}

  pid_t pid_ = -1;
  UniqueFd said_;
  int wait_status_ = 0;
  bool ended_ = false;
};

}  // namespace bulkhead::cli
