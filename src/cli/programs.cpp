#include "cli/programs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kSaidLimitBytes = 64 * 1024;

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void duplicate(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void close_from(int first) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

namespace {

// The folder above that of this program.
Result<std::filesystem::path> find_prefix() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorCode::kIo, "where this program is cannot be read: is /proc mounted?");
  return self.parent_path().parent_path();
}

}  // namespace

Result<std::string> find_data(std::string_view name) {
  BH_TRY(const std::filesystem::path prefix, find_prefix());
  const std::string path = (prefix / "share/bulkhead" / name).string();
  if (::access(path.c_str(), R_OK) == 0) return path;
  return fail(ErrorCode::kNotFound,
              fmt::format("{} is not there: install or build Bulkhead completely", path));
}

Result<std::string> find_program(std::string_view name) {
  BH_TRY(const std::filesystem::path prefix, find_prefix());
  for (const char* folder : {"libexec", "libexec/bulkhead"}) {
    const std::string path = (prefix / folder / name).string();
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("the program {} is not in {}: install or build Bulkhead completely", name,
                          (prefix / "libexec").string()));
}

Result<ChildProcess> ChildProcess::start(const std::string& path,
                                         const std::vector<std::string>& arguments, int as_fd_3) {
  UniqueFd said(::memfd_create("said", MFD_CLOEXEC));
  if (!said) return fail_errno("making a place for messages");
  // Appending, so that two writers do not overwrite each other.
  if (::fcntl(said.get(), F_SETFL, O_APPEND) != 0) return fail_errno("making a place for messages");
  FileActions actions;
  actions.duplicate(said.get(), STDOUT_FILENO);
  actions.duplicate(said.get(), STDERR_FILENO);
  if (as_fd_3 >= 0) actions.duplicate(as_fd_3, 3);
  actions.close_from(as_fd_3 >= 0 ? 4
                                  : 3);  // what our own parent left open is none of its business
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), actions.get(), nullptr, argv.data(), environ);
  if (error != 0) return fail_errno(fmt::format("starting {}", path), error);
  return ChildProcess(pid, std::move(said));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      said_(std::move(other.said_)),
      wait_status_(other.wait_status_),
      ended_(other.ended_) {}

ChildProcess::~ChildProcess() {
  wait();
}

bool ChildProcess::wait() {
  if (!ended_ && pid_ > 0) {
    while (::waitpid(pid_, &wait_status_, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
  }
  return ended_ && WIFEXITED(wait_status_) && WEXITSTATUS(wait_status_) == 0;
}

std::string ChildProcess::how_it_ended() const {
  if (WIFSIGNALED(wait_status_)) return fmt::format("signal {}", WTERMSIG(wait_status_));
  return fmt::format("exit {}", WEXITSTATUS(wait_status_));
}

std::string ChildProcess::said() const {
  Bytes buffer(kSaidLimitBytes);
  const std::size_t got = read_at(said_.get(), buffer, 0, "messages").value_or(0);
  return std::string(as_text(ByteView(buffer).first(got)));
}

std::unexpected<Error> ChildProcess::failure(std::string_view what) const {
  const std::string all = said();
  std::string errors;
  for (std::string_view rest = all; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    if (rest.starts_with("bulkhead: ")) errors += rest.substr(0, end);
    rest.remove_prefix(end);
  }
  fmt::print(stderr, "{}", errors.empty() ? all : errors);
  if (!errors.empty()) return fail(ErrorCode::kInternal, "");
  return fail(ErrorCode::kInternal, fmt::format("{} ({}): look at memory and disk, then try again",
                                                what, how_it_ended()));
}

}  // namespace bulkhead::cli
