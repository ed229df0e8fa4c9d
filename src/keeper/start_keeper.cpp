#include "keeper/start_keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

namespace bulkhead::keeper {
namespace {

constexpr int kSocketFd = 3;

Result<pid_t> spawn(const std::string& program, const std::vector<std::string>& arguments,
                    std::optional<int> as_fd_3) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (as_fd_3) ::posix_spawn_file_actions_adddup2(&actions, *as_fd_3, kSocketFd);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, as_fd_3 ? kSocketFd + 1 : kSocketFd);
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  char* const environment[] = {nullptr};
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail_errno(fmt::format("starting {}", program), error);
  return pid;
}

}  // namespace

Result<std::string> keeper_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorCode::kIo, "where this program is cannot be read: is /proc mounted?");
  return (self.parent_path() / "bulkhead-keeper").string();
}

Result<UniqueFd> start_keeper(const std::string& program,
                              const std::vector<std::string>& arguments) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("making the keeper's socket");
  UniqueFd ours(ends[0]);
  // Out of the way: dup2(2) of a descriptor onto itself would leave it close-on-exec.
  const UniqueFd theirs(::fcntl(ends[1], F_DUPFD_CLOEXEC, kSocketFd + 1));
  ::close(ends[1]);
  if (!theirs) return fail_errno("making the keeper's socket");
  BH_CHECK(spawn(program, arguments, theirs.get()));
  return ours;
}

Status run_keeper(const std::string& program, const std::vector<std::string>& arguments) {
  BH_TRY(const pid_t pid, spawn(program, arguments, std::nullopt));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno("waiting for the keeper");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 1) return fail(ErrorCode::kIo, "");
  return fail(ErrorCode::kInternal, fmt::format("{} ended out of order", program));
}

}  // namespace bulkhead::keeper
