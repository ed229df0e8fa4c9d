// Containers are read by libraries of others, from bytes that may be made to break them: each by a
// process of its own, which has taken everything from itself first.
//
// Forked early, while there is one thread and little memory; forks one child a file.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "exposure/exposure.h"

namespace bulkhead::exposure {

class ReadingProcess {
 public:
  using Confine = std::function<Status(const std::vector<int>& keep)>;

  // While there is no other thread. `rules` and `shelf` as they are now are what it reads with.
  static Result<ReadingProcess> start(const Rules& rules, LayoutShelf& shelf,
                                      const Confine& confine);
  ReadingProcess(ReadingProcess&&) noexcept = default;
  ReadingProcess& operator=(ReadingProcess&&) = delete;
  ~ReadingProcess();  // ends what is still being read

  // `path` is where the file is, for layouts beside it. Any thread. Errors: whatever ended the
  // process before it was done, and what was read of the file is nothing then; `stop` was set.
  Result<FileFindings> analyse(int file, const std::string& path, const std::string& name_hint,
                               const std::atomic<bool>* stop);

 private:
  ReadingProcess(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}

  UniqueFd socket_;
  pid_t pid_;
};

}  // namespace bulkhead::exposure
