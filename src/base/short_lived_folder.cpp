#include "base/short_lived_folder.h"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace bulkhead {
namespace {

namespace fs = std::filesystem;
constexpr int kRemovals = 100;  // a program that is ending may still be writing
constexpr useconds_t kRemovalPauseUs = 50'000;

// Blocks what is meant to end us, so that there is no moment in which it leaves a folder behind;
// and has the end of a child told, also where whoever started us ignored that.
class HeldSignals {
 public:
  HeldSignals() {
    ::sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
      ::sigaddset(&signals_, number);
    ::sigprocmask(SIG_BLOCK, &signals_, &before_);
    struct sigaction by_default = {};
    by_default.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &by_default, &child_before_);
  }
  ~HeldSignals() { release(); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  void release() const {
    ::sigaction(SIGCHLD, &child_before_, nullptr);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  int wait() const { return ::sigwaitinfo(&signals_, nullptr); }

 private:
  sigset_t signals_ = {}, before_ = {};
  struct sigaction child_before_ = {};
};

// Until the process has ended; a signal that is meant to end us ends it.
int wait_for(pid_t pid, const HeldSignals& signals) {
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(pid, &status, WNOHANG)) == 0) {
    const int number = signals.wait();
    if (number > 0 && number != SIGCHLD) ::kill(pid, SIGKILL);
  }
  if (ended < 0) return 1;  // nobody knows what became of it: that is no success
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void remove(const std::string& folder) {
  for (int i = 0; i < kRemovals; ++i) {
    std::error_code error;
    fs::remove_all(folder, error);
    if (!fs::exists(folder, error)) return;
    ::usleep(kRemovalPauseUs);
  }
  fmt::print(stderr, "bulkhead: {} could not be removed: remove it by hand\n", folder);
}

}  // namespace

Result<int> in_short_lived_folder(std::string_view name,
                                  const std::function<int(const std::string& folder)>& work) {
  std::error_code no_place;
  const fs::path place = fs::temp_directory_path(no_place);
  if (no_place) return fail(ErrorCode::kIo, "there is no folder for temporary files: set TMPDIR");
  std::string folder = (place / fmt::format("{}-XXXXXX", name)).string();
  std::fflush(nullptr);  // or both processes print what waits there
  const HeldSignals signals;
  if (::mkdtemp(folder.data()) == nullptr)
    return fail_errno(
        fmt::format("making a folder in {} (set TMPDIR for another place)", place.string()));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    signals.release();
    if (::getppid() != parent) ::_exit(1);
    const int result = work(folder);
    std::fflush(nullptr);
    ::_exit(result);
  }
  const int forked_errno = errno;
  const int result = pid < 0 ? 1 : wait_for(pid, signals);
  remove(folder);
  if (pid < 0) return fail_errno("starting a process", forked_errno);
  return result;
}

}  // namespace bulkhead
