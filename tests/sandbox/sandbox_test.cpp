// Each case forks a child that enters the sandbox and tries something; the parent looks at how the
// child ended.
#include "sandbox/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <thread>

#include "base/fd.h"
#include "sandbox/landlock.h"

namespace bulkhead::sandbox {
namespace {

constexpr int kCouldNotEnter = 99;
constexpr std::uint32_t kNobodyUid = 65534;

Policy policy_for_test(Kind kind, std::vector<int> keep) {
  Policy policy = kind == Kind::kSftpSession ? sftp_session_policy(7)
                  : kind == Kind::kAnalyst   ? analyst_policy(7, 1ULL << 30)
                                             : keeper_policy();
  policy.keep = std::move(keep);
  policy.keep.push_back(STDERR_FILENO);
  return policy;
}

using Body = std::function<int()>;

pid_t start_child(const Body& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return status;
}

// The child enters and then runs `body`, whose value is its exit status.
int run_inside(const Body& body, Kind kind = Kind::kSftpSession, std::vector<int> keep = {}) {
  return wait_for(start_child([&] {
    auto entered = enter(policy_for_test(kind, keep));
    return entered ? body() : kCouldNotEnter;
  }));
}

std::string how(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit {}", WEXITSTATUS(status));
}

// Killed for the attempt, or (calls that libraries make in passing) told no: 0 is never the
// outcome.
struct Attempt {
  const char* name;
  Body body;           // 0 where it worked
  bool killed = true;  // otherwise refused with an error
};

int worked(long result) {
  return result >= 0 ? 0 : 1;
}

UniqueFd tcp_socket() {
  return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

std::vector<Attempt> attempts(int socket, pid_t parent, pid_t sibling) {
  const auto loopback = [] {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  };
  return {
#ifdef BULKHEAD_SANITIZE
      {"open a file", [] { return worked(::open("/etc/passwd", O_RDONLY)); }, false},
#else
      {"open a file", [] { return worked(::open("/etc/passwd", O_RDONLY)); }},
      {"open /proc", [] { return worked(::open("/proc/self/maps", O_RDONLY)); }},
      {"read a link",
       [] {
         char to[64];
         return worked(::readlink("/proc/self/exe", to, sizeof to));
       }},
#endif
      {"open by open(2)", [] { return worked(::syscall(SYS_open, "/etc/passwd", O_RDONLY)); }},
      {"openat2",
       [] { return worked(::syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", nullptr, 0)); }},
      {"look at a file",
       [] {
         struct stat s{};
         return worked(::stat("/etc/passwd", &s));
       },
       false},
      {"statx",
       [] {
         struct statx s{};
         return worked(::statx(AT_FDCWD, "/etc", 0, STATX_ALL, &s));
       }},
      {"list by getdents",
       [] {
         char to[64];
         return worked(::syscall(SYS_getdents64, 0, to, sizeof to));
       }},
      {"make a socket", [] { return worked(::socket(AF_INET, SOCK_STREAM, 0)); }},
      {"make a local socket", [] { return worked(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
      {"connect",
       [socket, loopback] {
         const sockaddr_in to = loopback();
         return worked(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to));
       }},
      {"send to an address",
       [socket, loopback] {
         const sockaddr_in to = loopback();
         return worked(
             ::sendto(socket, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to));
       }},
      {"bind", [socket] { return worked(::bind(socket, nullptr, 0)); }},
      {"another socket option",
       [socket] {
         const int on = 1;
         return worked(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, 4));
       }},
      {"execute",
       [] {
         char* const arguments[] = {const_cast<char*>("true"), nullptr};
         return worked(::execve("/bin/true", arguments, nullptr));
       }},
      {"fork",
       [] { return worked(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }},
      {"clone3", [] { return worked(::syscall(SYS_clone3, nullptr, 0)); }},
      {"signal the parent", [parent] { return worked(::kill(parent, 0)); }},
      {"signal a sibling", [sibling] { return worked(::kill(sibling, SIGKILL)); }},
      {"signal a sibling's thread",
       [sibling] { return worked(::syscall(SYS_tgkill, sibling, sibling, SIGABRT)); }},
      {"trace a sibling",
       [sibling] { return worked(::ptrace(PTRACE_ATTACH, sibling, nullptr, nullptr)); }},
      {"read a sibling's memory",
       [sibling] {
         return worked(::syscall(SYS_process_vm_readv, sibling, nullptr, 0, nullptr, 0, 0));
       }},
      {"take a sibling's descriptor",
       [sibling] { return worked(::syscall(SYS_pidfd_open, sibling, 0)); }},
#ifndef BULKHEAD_SANITIZE
      {"executable memory",
       [] {
         return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                MAP_FAILED;
       }},
      {"map a file",
       [] { return ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, 0, 0) == MAP_FAILED; }},
#endif
      {"make memory executable",
       [] {
         void* page =
             ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return worked(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
       }},
      {"io_uring", [] { return worked(::syscall(SYS_io_uring_setup, 1, nullptr)); }},
      {"memfd", [] { return worked(::memfd_create("x", 0)); }},
      {"bpf", [] { return worked(::syscall(SYS_bpf, 0, nullptr, 0)); }},
      {"user namespace", [] { return worked(::syscall(SYS_unshare, 0x10000000)); }},
      {"become root", [] { return worked(::syscall(SYS_setuid, 0)); }},
      {"a terminal's input",
       [] {
         char c = 'x';
         return worked(::syscall(SYS_ioctl, 2, 0x5412, &c));
       },
       false},
      {"change flags of a shared description",
       [] { return worked(::fcntl(2, F_SETFL, O_APPEND)); }},
      {"a 32-bit system call",
       [] {
#ifdef __x86_64__
         long result = 20;  // getpid there
         asm volatile("int $0x80" : "+a"(result)::"memory");
         return worked(result);
#else
         ::raise(SIGSYS);
         return 0;
#endif
       }},
  };
}

TEST(Sandbox, EveryAttemptDiesOrIsRefused) {
  // A sibling that can be reached if nothing prevents it.
  int hold[2];
  ASSERT_EQ(::pipe2(hold, O_CLOEXEC), 0);
  UniqueFd reading(hold[0]), writing(hold[1]);
  const pid_t sibling = start_child([&] {
    writing.reset();
    char byte;
    return static_cast<int>(::read(reading.get(), &byte, 1));
  });
  const UniqueFd socket = tcp_socket();
  for (const Kind kind : {Kind::kSftpSession, Kind::kAnalyst, Kind::kKeeper}) {
    for (const Attempt& attempt : attempts(socket.get(), ::getpid(), sibling)) {
      const int status = run_inside(attempt.body, kind, {socket.get()});
      if (attempt.killed) {
        // A kernel without 32-bit calls answers that one with SIGSEGV.
        EXPECT_TRUE(how(status) == fmt::format("signal {}", SIGSYS) ||
                    (std::string_view(attempt.name).starts_with("a 32-bit") &&
                     how(status) == fmt::format("signal {}", SIGSEGV)))
            << attempt.name << ": " << how(status);
      } else {
        EXPECT_EQ(how(status), "exit 1") << attempt.name;
      }
    }
  }
  writing.reset();
  EXPECT_EQ(how(wait_for(sibling)), "exit 0");  // and it lived through all of that
}

// The vault: its folder and its sockets work, everything beyond is refused and it lives on.
class VaultSandbox : public testing::Test {
 protected:
  VaultSandbox() {
    std::string pattern = testing::TempDir() + "bulkhead-sandbox-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    std::ofstream(folder + "/inside") << "x";
  }
  ~VaultSandbox() override { std::filesystem::remove_all(folder); }
  std::string inside(const Body& body) const {
    return how(wait_for(start_child([&] {
      const auto entered = enter_vault(folder);
      return entered ? body() : kCouldNotEnter;
    })));
  }
  std::string folder;
};

TEST_F(VaultSandbox, WorksInItsFolderAndWithItsThreads) {
  EXPECT_EQ(inside([&] {
              if (!read_file(folder + "/inside", 10)) return 1;
              if (!replace_file(folder + "/new", as_bytes("y"))) return 2;
              if (::mkdir((folder + "/sub").c_str(), 0700) != 0) return 3;
              if (::rename((folder + "/new").c_str(), (folder + "/sub/new").c_str()) != 0) return 4;
              int answer = 0;
              std::thread([&] { answer = 42; }).join();
              return answer == 42 ? 0 : 5;
            }),
            "exit 0");
}

TEST_F(VaultSandbox, CannotReachTheNetworkByAnySocket) {
  for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW}) {
      EXPECT_EQ(inside([&] { return ::socket(family, type, 0) < 0 && errno == EPERM ? 0 : 1; }),
                "exit 0")
          << family << " " << type;
    }
  }
  EXPECT_EQ(inside([] { return ::socket(AF_UNIX, SOCK_SEQPACKET, 0) >= 0 ? 0 : 1; }), "exit 0");
  // Nor by one that it got from somewhere.
  const UniqueFd got = tcp_socket();
  EXPECT_EQ(inside([&] {
              sockaddr_in address{};
              address.sin_family = AF_INET;
              address.sin_port = htons(9);
              address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
              const int result =
                  ::connect(got.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
              return result != 0 && errno == EPERM ? 0 : 1;
            }),
            "exit 0");
}

TEST_F(VaultSandbox, CannotStartProgramsOrReachOtherProcessesOrFiles) {
  const pid_t parent = ::getpid();
  const std::map<std::string, Body> all = {
      {"execve", [] { return worked(::execl("/bin/true", "true", nullptr)); }},
      {"fork", [] { return worked(::syscall(SYS_fork)); }},
      {"clone", [] { return worked(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
      {"clone3", [] { return worked(::syscall(SYS_clone3, nullptr, 0)); }},
      {"ptrace", [=] { return worked(::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr)); }},
      {"kill", [=] { return worked(::kill(parent, 0)); }},
      {"mount", [] { return worked(::mount("none", "/mnt", "tmpfs", 0, nullptr)); }},
      {"executable memory",
       [] {
         void* at =
             ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return at == MAP_FAILED ? 1 : 0;
       }},
  };
  for (const auto& [name, body] : all)
    EXPECT_EQ(inside(body), "exit 1") << name;
  if (landlock_abi() == 0) GTEST_SKIP() << "no Landlock: files are kept away by modes only";
  EXPECT_EQ(inside([] { return worked(::open("/etc/passwd", O_RDONLY)); }), "exit 1");
  EXPECT_EQ(
      inside([&] { return worked(::open((folder + "/../x").c_str(), O_CREAT | O_WRONLY, 0600)); }),
      "exit 1");
  EXPECT_EQ(inside([] { return worked(::open("/proc/self/mem", O_RDWR)); }), "exit 1");
}

TEST_F(VaultSandbox, KeepsOfRootOnlyWhatForeignFilesTake) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(inside([] { return ::sethostname("x", 1) != 0 && ::setuid(5) != 0 ? 0 : 1; }),
            "exit 0");
}

// What the supervisor starts inherits it.
TEST(SupervisorSandbox, HasNoFurtherNetworkAndNoTracing) {
  const auto inside = [](const Body& body) {
    return how(
        wait_for(start_child([&] { return restrict_supervisor() ? body() : kCouldNotEnter; })));
  };
  EXPECT_EQ(inside([] { return worked(::socket(AF_INET, SOCK_STREAM, 0)); }), "exit 1");
  EXPECT_EQ(inside([] { return worked(::socket(AF_NETLINK, SOCK_RAW, 0)); }), "exit 1");
  EXPECT_EQ(inside([] { return worked(::socket(AF_UNIX, SOCK_STREAM, 0)); }), "exit 0");
  EXPECT_EQ(inside([] { return worked(::unshare(CLONE_NEWUSER)); }), "exit 1");
#ifndef BULKHEAD_SANITIZE
  EXPECT_EQ(inside([] { return worked(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }), "exit 1");
#endif
  EXPECT_EQ(inside([] {
              const pid_t child = ::fork();
              if (child == 0) ::execl("/bin/true", "true", nullptr);
              return wait_for(child);
            }),
            "exit 0");
}

TEST(Sandbox, AnAnalystHasNoClientAndCannotRead) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  UniqueFd left(ends[0]), right(ends[1]);
  ASSERT_EQ(::send(left.get(), "xy", 2, 0), 2);
  const int fd = right.get();
  const Body receive = [fd] {
    char byte;
    return worked(::recv(fd, &byte, 1, 0));
  };
  EXPECT_EQ(how(run_inside(receive, Kind::kSftpSession, {fd})), "exit 0");
  EXPECT_EQ(how(run_inside(receive, Kind::kAnalyst, {fd})), fmt::format("signal {}", SIGSYS));
}

TEST(Sandbox, AbortIsStillSeenAsAbort) {
  EXPECT_EQ(how(run_inside([]() -> int { std::abort(); })), fmt::format("signal {}", SIGABRT));
}

TEST(Sandbox, OnlyTheNamedDescriptorsAndNoEnvironmentAreLeft) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, 0), 0);
  UniqueFd reading(ends[0]), writing(ends[1]);
  ::setenv("BULKHEAD_TEST_VARIABLE", "seen", 1);
  const int kept = writing.get();
  const int other = reading.get();
  const int status = run_inside(
      [=] {
        if (::getenv("BULKHEAD_TEST_VARIABLE") != nullptr || ::getenv("PATH") != nullptr) return 1;
        if (::write(kept, "x", 1) < 0 && errno == EBADF) return 2;
        for (int fd = 0; fd < 64; ++fd) {
          const bool is_open = ::close(fd) == 0;
          if (is_open != (fd == kept || fd == STDERR_FILENO)) return 10 + fd;
        }
        return ::close(other) == 0 ? 3 : 0;
      },
      Kind::kSftpSession, {kept});
  ::unsetenv("BULKHEAD_TEST_VARIABLE");
  EXPECT_EQ(how(status), "exit 0");
}

#ifndef BULKHEAD_SANITIZE
TEST(Sandbox, MemoryIsBounded) {
  const auto take = [](std::size_t bytes) {
    return run_inside([bytes] {
      void* memory = std::malloc(bytes);
      asm volatile("" ::"r"(memory) : "memory");
      return memory == nullptr ? 1 : 0;
    });
  };
  EXPECT_EQ(how(take(64 << 20)), "exit 0");
  EXPECT_EQ(how(take(std::size_t{2} << 30)), "exit 1");
}
#endif

// What /proc says of a child that waits inside.
std::map<std::string, std::string> status_of_child_inside(const Body& before, std::string* limits) {
  int ready[2], hold[2];
  EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  EXPECT_EQ(::pipe2(hold, O_CLOEXEC), 0);
  UniqueFd ready_read(ready[0]), ready_write(ready[1]), hold_read(hold[0]), hold_write(hold[1]);
  const pid_t child = start_child([&] {
    hold_write.reset();
    if (before() != 0) return 1;
    auto entered = enter(policy_for_test(Kind::kSftpSession, {ready_write.get(), hold_read.get()}));
    if (!entered) return kCouldNotEnter;
    char byte = 'r';
    if (::write(ready_write.get(), &byte, 1) != 1) return 2;
    return static_cast<int>(::read(hold_read.get(), &byte, 1));
  });
  ready_write.reset();
  char byte;
  EXPECT_EQ(::read(ready_read.get(), &byte, 1), 1);
  std::map<std::string, std::string> fields;
  std::ifstream status(fmt::format("/proc/{}/status", child));
  for (std::string line; std::getline(status, line);) {
    const auto colon = line.find(':');
    fields[line.substr(0, colon)] =
        line.substr(line.find_first_not_of(" \t", colon + 1) == std::string::npos
                        ? line.size()
                        : line.find_first_not_of(" \t", colon + 1));
  }
  std::stringstream text;
  text << std::ifstream(fmt::format("/proc/{}/limits", child)).rdbuf();
  *limits = text.str();
  hold_write.reset();
  EXPECT_EQ(how(wait_for(child)), "exit 0");
  return fields;
}

TEST(Sandbox, StartedAsRootItBecomesNobodyKnown) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string limits;
  auto status = status_of_child_inside([] { return 0; }, &limits);
  const std::string id = std::to_string(kFirstUid + 7);
  EXPECT_EQ(status["Uid"], fmt::format("{0}\t{0}\t{0}\t{0}", id));
  EXPECT_EQ(status["Gid"], fmt::format("{0}\t{0}\t{0}\t{0}", id));
  EXPECT_EQ(status["Groups"], "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_EQ(status[set], "0000000000000000") << set;
  }
  EXPECT_EQ(status["NoNewPrivs"], "1");
  EXPECT_EQ(status["Seccomp"], "2");
  EXPECT_THAT(limits, testing::ContainsRegex("Max core file size +0 +0 "));
  EXPECT_THAT(limits, testing::ContainsRegex("Max processes +0 +0 "));
}

// Gives root away first, where there is any: what a service without privileges is.
int become_unprivileged() {
  if (::geteuid() != 0) return 0;
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobodyUid, kNobodyUid, kNobodyUid) == 0 &&
                 ::setresuid(kNobodyUid, kNobodyUid, kNobodyUid) == 0
             ? 0
             : 1;
}

TEST(Sandbox, NeedsNoPrivilege) {
  std::string limits;
  auto status = status_of_child_inside(become_unprivileged, &limits);
  EXPECT_EQ(status["NoNewPrivs"], "1");
  EXPECT_EQ(status["Seccomp"], "2");
  EXPECT_EQ(status["CapEff"], "0000000000000000");
  EXPECT_THAT(limits, testing::ContainsRegex("Max processes +0 +0 "));
}

TEST(Sandbox, AnotherProcessOfTheSameUserCannotTraceIt) {
  int hold[2], ready[2];
  ASSERT_EQ(::pipe2(hold, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  UniqueFd hold_read(hold[0]), hold_write(hold[1]), ready_read(ready[0]), ready_write(ready[1]);
  const pid_t confined = start_child([&] {
    hold_write.reset();
    if (become_unprivileged() != 0) return 1;
    auto entered = enter(policy_for_test(Kind::kSftpSession, {hold_read.get(), ready_write.get()}));
    if (!entered) return kCouldNotEnter;
    char byte = 'r';
    if (::write(ready_write.get(), &byte, 1) != 1) return 2;
    return static_cast<int>(::read(hold_read.get(), &byte, 1));
  });
  char byte;
  ASSERT_EQ(::read(ready_read.get(), &byte, 1), 1);
  const pid_t curious = start_child([confined] {
    if (become_unprivileged() != 0) return 1;
    if (::ptrace(PTRACE_SEIZE, confined, nullptr, nullptr) == 0) return 2;
    return ::open(fmt::format("/proc/{}/mem", confined).c_str(), O_RDONLY) >= 0 ? 3 : 0;
  });
  EXPECT_EQ(how(wait_for(curious)), "exit 0");
  hold_write.reset();
  EXPECT_EQ(how(wait_for(confined)), "exit 0");
}

TEST(Sandbox, DiesWithTheProcessThatStartedIt) {
  int alive[2];
  ASSERT_EQ(::pipe2(alive, O_CLOEXEC), 0);
  UniqueFd alive_read(alive[0]), alive_write(alive[1]);
  int never[2];
  ASSERT_EQ(::pipe2(never, O_CLOEXEC), 0);
  UniqueFd never_read(never[0]), never_write(never[1]);
  const pid_t middle = start_child([&] {
    const pid_t inner = start_child([&] {
      auto entered =
          enter(policy_for_test(Kind::kSftpSession, {alive_write.get(), never_read.get()}));
      char byte = 'e';
      if (!entered || ::write(alive_write.get(), &byte, 1) != 1) return 1;
      return static_cast<int>(::read(never_read.get(), &byte, 1));
    });
    static_cast<void>(inner);
    ::pause();
    return 0;
  });
  alive_write.reset();
  char byte;
  ASSERT_EQ(::read(alive_read.get(), &byte, 1), 1);
  ::kill(middle, SIGKILL);
  EXPECT_EQ(how(wait_for(middle)), fmt::format("signal {}", SIGKILL));
  EXPECT_EQ(::read(alive_read.get(), &byte, 1), 0);  // comes only when the inner one is gone too
}

// Landlock on its own, as if seccomp had let the call through.
TEST(Landlock, DeniesFilesNetworkAndSignals) {
  const int abi = landlock_abi();
  if (abi < 6) GTEST_SKIP() << "this kernel has Landlock ABI " << abi << ", the test wants 6";
  EXPECT_TRUE(missing_in_landlock(abi).empty());
  const pid_t parent = ::getpid();
  const UniqueFd socket = tcp_socket();
  const pid_t child = start_child([&] {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !deny_all_by_landlock(abi))
      return kCouldNotEnter;
    if (::open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES) return 1;
    if (::mkdir("/tmp/bulkhead-landlock-test", 0700) == 0 || errno != EACCES) return 2;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
        errno != EACCES)
      return 3;
    if (::kill(parent, 0) == 0 || errno != EPERM) return 4;
    return 0;
  });
  EXPECT_EQ(how(wait_for(child)), "exit 0");
}

TEST(Landlock, SaysWhatOldKernelsLack) {
  EXPECT_EQ(missing_in_landlock(0).size(), 1U);
  EXPECT_EQ(missing_in_landlock(3).size(), 3U);
  EXPECT_EQ(missing_in_landlock(5).size(), 1U);
  EXPECT_TRUE(missing_in_landlock(7).empty());
  EXPECT_TRUE(deny_all_by_landlock(0));
}

}  // namespace
}  // namespace bulkhead::sandbox
