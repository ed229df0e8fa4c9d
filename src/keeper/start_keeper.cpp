#include "keeper/start_keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace bulkhead::keeper {
namespace {

constexpr int kSocketFd = 3;

Status spawn(const std::string& program, const std::vector<std::string>& arguments, int socket,
             int passphrase_fd) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, socket, kSocketFd);
  if (passphrase_fd >= 0)
    ::posix_spawn_file_actions_adddup2(&actions, passphrase_fd, kPassphraseFd);
  ::posix_spawn_file_actions_addclosefrom_np(
      &actions, passphrase_fd >= 0 ? kPassphraseFd + 1 : kSocketFd + 1);
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
  return {};
}

// Above the numbers that the child is to have: dup2(2) of a descriptor onto itself would leave it
// close-on-exec, and one would overwrite another.
Result<UniqueFd> out_of_the_way(int fd) {
  UniqueFd moved(::fcntl(fd, F_DUPFD_CLOEXEC, kPassphraseFd + 1));
  if (!moved) return fail_errno("preparing the keeper's descriptors");
  return moved;
}

}  // namespace

Result<std::string> keeper_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorCode::kIo, "where this program is cannot be read: is /proc mounted?");
  return (self.parent_path() / "bulkhead-keeper").string();
}

Result<UniqueFd> start_keeper(const std::string& program, const std::vector<std::string>& arguments,
                              int passphrase_fd) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("making the keeper's socket");
  UniqueFd ours(ends[0]);
  const UniqueFd made(ends[1]);
  BH_TRY(const UniqueFd theirs, out_of_the_way(made.get()));
  UniqueFd passphrase;
  if (passphrase_fd >= 0) {
    BH_TRY(passphrase, out_of_the_way(passphrase_fd));
  }
  BH_CHECK(spawn(program, arguments, theirs.get(), passphrase.get()));
  return ours;
}

}  // namespace bulkhead::keeper
