#include "supervisor/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"

namespace bulkhead::supervisor {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kOutOfTheWay = 64;  // above every number that the child is to have
constexpr std::size_t kMaxDescriptors = 8;

// Everything that the child needs, made before fork(2): after it only async-signal-safe calls are
// allowed.
struct Plan {
  const char* path;
  char* const* arguments;
  const int* descriptors;
  std::size_t count;
  int report;  // where errno goes when execve(2) fails; closes itself when it succeeds
};

void reset_signals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    ::sigaction(number, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool arrange_descriptors(const Plan& plan, int& report) {
  report = ::fcntl(plan.report, F_DUPFD_CLOEXEC, kOutOfTheWay);
  int moved[kMaxDescriptors];
  for (std::size_t i = 0; i < plan.count; ++i) {
    moved[i] = ::fcntl(plan.descriptors[i], F_DUPFD_CLOEXEC, kOutOfTheWay);
    if (moved[i] < 0) return false;
  }
  for (std::size_t i = 0; i < plan.count; ++i) {
    if (::dup2(moved[i], kFirstDescriptor + static_cast<int>(i)) < 0) return false;
  }
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (report < 0 || null < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0)
    return false;
  const auto first_unwanted = static_cast<unsigned>(kFirstDescriptor + plan.count);
  return ::syscall(SYS_close_range, first_unwanted, static_cast<unsigned>(report) - 1, 0) == 0 &&
         ::syscall(SYS_close_range, static_cast<unsigned>(report) + 1, ~0U, 0) == 0;
}

[[noreturn]] void become(const Plan& plan) {
  int report = plan.report;
  char* const environment[] = {nullptr};
  // A session of its own: what is typed at our terminal is not for it.
  if (::setsid() >= 0 && arrange_descriptors(plan, report) && ::chdir("/") == 0) {
    ::umask(0077);
    reset_signals();
    ::execve(plan.path, plan.arguments, environment);
  }
  const int error_number = errno;
  [[maybe_unused]] const auto ignored = ::write(report, &error_number, sizeof error_number);
  ::_exit(127);
}

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exit {}", info.si_status);
  const char* name = ::sigabbrev_np(info.si_status);
  return fmt::format("signal {} (SIG{})", info.si_status, name == nullptr ? "?" : name);
}

}  // namespace

Result<Process> Process::start(const Program& program, const std::vector<int>& descriptors) {
  BH_ASSERT(descriptors.size() <= kMaxDescriptors);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno(fmt::format("starting {}", program.path));
  const UniqueFd told(ends[0]);
  UniqueFd report(ends[1]);

  std::vector<char*> arguments;
  arguments.push_back(const_cast<char*>(program.path.c_str()));
  for (const std::string& argument : program.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const Plan plan{program.path.c_str(), arguments.data(), descriptors.data(), descriptors.size(),
                  report.get()};

  const pid_t pid = ::fork();
  if (pid == 0) become(plan);
  if (pid < 0) return fail_errno(fmt::format("starting {}", program.path));
  report.reset();
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) {
    const int error_number = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return fail_errno("watching a process", error_number);
  }
  Process process(pid, std::move(pidfd));  // from here on it is reaped whatever happens
  int error_number = 0;
  ssize_t got;
  do {
    got = ::read(told.get(), &error_number, sizeof error_number);
  } while (got < 0 && errno == EINTR);
  if (got != 0) return fail_errno(fmt::format("starting {}", program.path), error_number);
  return process;
}

Process::Process(Process&& other) noexcept : pid_(other.pid_), pidfd_(std::move(other.pidfd_)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    finish();
    pid_ = other.pid_;
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

Process::~Process() {
  finish();
}

void Process::finish() {
  if (!pidfd_) return;
  kill();
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0 && errno == EINTR)
    continue;
  pidfd_.reset();
}

void Process::kill() {
  if (pidfd_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

std::optional<std::string> Process::ended() {
  BH_ASSERT(pidfd_);
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG) != 0) {
    if (errno != EINTR) return std::nullopt;
  }
  if (info.si_pid == 0) return std::nullopt;
  pidfd_.reset();
  return describe(info);
}

}  // namespace bulkhead::supervisor
