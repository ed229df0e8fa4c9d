#include "drill/stage/short_lived_folder.h"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

namespace fs = std::filesystem;
constexpr int kRemovals = 100;  // a vault that is ending may still be writing
constexpr useconds_t kRemovalPauseUs = 50'000;

sigset_t signals_of_interest() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
    ::sigaddset(&set, number);
  return set;
}

// Until the process has ended; a signal that is meant to end us ends it.
int wait_for(pid_t pid, const sigset_t& signals) {
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    const int number = ::sigwaitinfo(&signals, nullptr);
    if (number > 0 && number != SIGCHLD) ::kill(pid, SIGKILL);
  }
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

int in_short_lived_folder(const std::function<int(const std::string& folder)>& work) {
  std::string folder = (fs::temp_directory_path() / "bulkhead-drill-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    throw Interrupted(fmt::format("no folder can be made at {}: set TMPDIR", folder));
  const sigset_t signals = signals_of_interest();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (::getppid() != parent) ::_exit(1);
    const int result = work(folder);
    std::fflush(nullptr);
    ::_exit(result);
  }
  const int result = pid < 0 ? 1 : wait_for(pid, signals);
  remove(folder);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return result;
}

}  // namespace bulkhead::drill
