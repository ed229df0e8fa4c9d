#include "child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

extern char** environ;

namespace bulkhead::sftp::test {

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                         bool merge_errors) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  UniqueFd in_read(in[0]), in_write(in[1]);
  if (::pipe2(out, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  UniqueFd out_read(out[0]), out_write(out[1]);

  std::vector<char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in_read.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, out_write.get(), 1);
  if (merge_errors) posix_spawn_file_actions_adddup2(&actions, out_write.get(), 2);
  ChildProcess child;
  const int error = ::posix_spawn(&child.pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail_errno("starting a program", error);
  ::signal(SIGPIPE, SIG_IGN);
  child.in_ = std::move(in_write);
  child.out_ = std::move(out_read);
  return child;
}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Result<std::size_t> ChildProcess::read_some() {
  pollfd ready{out_.get(), POLLIN, 0};
  if (::poll(&ready, 1, 10'000) == 0)
    return fail(ErrorCode::kTimeout, "The child said nothing for ten seconds.");
  Byte buffer[65536];
  const ssize_t got = ::read(out_.get(), buffer, sizeof buffer);
  if (got < 0) return fail_errno("reading from the child");
  received_.insert(received_.end(), buffer, buffer + got);
  return static_cast<std::size_t>(got);
}

Result<Reply> ChildProcess::receive() {
  for (;;) {
    auto replies = take_replies(received_);
    if (!replies.empty()) {
      BH_ASSERT(replies.size() == 1);  // asked one at a time
      return std::move(replies.front());
    }
    BH_TRY(const std::size_t got, read_some());
    if (got == 0) return fail(ErrorCode::kDisconnected, "The child ended.");
  }
}

Result<std::string> ChildProcess::finish(int& exit_status) {
  in_.reset();
  for (;;) {
    BH_TRY(const std::size_t got, read_some());
    if (got == 0) break;
  }
  ::waitpid(std::exchange(pid_, -1), &exit_status, 0);
  return std::string(as_text(received_));
}

std::string first_existing(const std::vector<std::string>& paths) {
  const auto found =
      std::ranges::find_if(paths, [](const std::string& p) { return std::filesystem::exists(p); });
  return found == paths.end() ? std::string() : *found;
}

}  // namespace bulkhead::sftp::test
