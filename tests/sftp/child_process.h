// A program with pipes on its standard input and output, ended with this object.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"
#include "wire.h"

namespace bulkhead::sftp::test {

class ChildProcess {
 public:
  // arguments[0] is the program's path. With `merge_errors` its standard error comes with its
  // output.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments,
                                    bool merge_errors = false);
  ChildProcess(ChildProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)),
        in_(std::move(other.in_)),
        out_(std::move(other.out_)) {}
  ~ChildProcess();

  Status send(ByteView bytes) { return write_all(in_.get(), bytes, "the child's input"); }
  // The next SFTP packet that it writes; kTimeout after ten seconds of silence.
  Result<Reply> receive();
  // Everything it writes until it ends, and its exit status.
  Result<std::string> finish(int& exit_status);

 private:
  ChildProcess() = default;
  Result<std::size_t> read_some();

  int pid_ = -1;
  UniqueFd in_, out_;
  Bytes received_;
};

// The first of these files that is there; empty if none.
std::string first_existing(const std::vector<std::string>& paths);

}  // namespace bulkhead::sftp::test
