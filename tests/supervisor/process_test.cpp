#include "supervisor/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

namespace bulkhead::supervisor {
namespace {

std::string end_of(Process& process) {
  pollfd waiting{process.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 10'000), 1);
  return process.ended().value_or("still running");
}

// What a shell in the child says on descriptor 3.
std::string said_by_shell(const std::string& script) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd reading(ends[0]), writing(ends[1]);
  auto process = Process::start({"/bin/sh", {"-c", script}}, {writing.get()});
  EXPECT_TRUE(process) << process.error().message;
  writing.reset();
  std::string text;
  char byte;
  while (::read(reading.get(), &byte, 1) == 1)
    text += byte;
  EXPECT_EQ(end_of(*process), "exit 0");
  return text;
}

TEST(Process, StartsWithNothingOfOurs) {
  ::setenv("BULKHEAD_TEST_VARIABLE", "seen", 1);
  const UniqueFd inheritable(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC, on purpose
  // A shell sets PWD and the like by itself.
  EXPECT_EQ(said_by_shell("echo \"[$BULKHEAD_TEST_VARIABLE]\" >&3"), "[]\n");
  EXPECT_EQ(said_by_shell("pwd >&3"), "/\n");
  EXPECT_EQ(said_by_shell("readlink /proc/$$/fd/0 >&3"), "/dev/null\n");
  EXPECT_EQ(said_by_shell("readlink /proc/self/fd/1"), "");  // stdout is not ours
  ::unsetenv("BULKHEAD_TEST_VARIABLE");
}

TEST(Process, HasExactlyTheNamedDescriptors) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, 0), 0);  // without O_CLOEXEC, on purpose
  const UniqueFd reading(ends[0]), writing(ends[1]);
  auto process = Process::start({"/bin/sleep", {"1000"}}, {writing.get(), reading.get()});
  ASSERT_TRUE(process);
  std::set<std::string> numbers;
  const std::string folder = fmt::format("/proc/{}/fd", process->pid());
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    numbers.insert(entry.path().filename());
  EXPECT_EQ(numbers, (std::set<std::string>{"0", "1", "2", "3", "4"}));
}

TEST(Process, HasDefaultSignals) {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &term, nullptr);
  const std::string status = said_by_shell("grep -E '^Sig(Blk|Ign)' /proc/self/status >&3");
  ::sigprocmask(SIG_UNBLOCK, &term, nullptr);
  EXPECT_EQ(status, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(Process, SaysHowItEnded) {
  struct Case {
    const char* script;
    const char* how;
  };
  for (const Case& one :
       {Case{"exit 0", "exit 0"}, Case{"exit 42", "exit 42"},
        Case{"kill -9 $$", "signal 9 (SIGKILL)"}, Case{"kill -SYS $$", "signal 31 (SIGSYS)"}}) {
    auto process = Process::start({"/bin/sh", {"-c", one.script}}, {});
    ASSERT_TRUE(process);
    EXPECT_EQ(end_of(*process), one.how);
  }
}

TEST(Process, IsKilledAndReapedWithItsObject) {
  pid_t pid = -1;
  {
    auto process = Process::start({"/bin/sleep", {"1000"}}, {});
    ASSERT_TRUE(process);
    EXPECT_FALSE(process->ended());
    pid = process->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Process, AProgramThatIsNotThereIsSaid) {
  auto process = Process::start({"/nonexistent/bulkhead-vault", {}}, {});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ErrorCode::kNotFound);
  EXPECT_NE(process.error().message.find("/nonexistent/bulkhead-vault"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::supervisor
