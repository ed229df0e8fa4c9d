#include "base/fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace bulkhead {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode) {
  while (true) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) return UniqueFd(fd);
    if (errno != EINTR) return fail_errno(fmt::format("opening {}", path));
  }
}

Result<std::size_t> read_at(int fd, MutableByteView buffer, std::uint64_t offset,
                            std::string_view what) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got =
        ::pread(fd, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail_errno(fmt::format("reading {}", what));
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Status read_exactly_at(int fd, MutableByteView buffer, std::uint64_t offset,
                       std::string_view what) {
  BH_TRY(const std::size_t got, read_at(fd, buffer, offset, what));
  if (got != buffer.size()) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} ends at byte {}, {} more were expected", what,
                                                 offset + got, buffer.size() - got));
  }
  return {};
}

Status write_all(int fd, ByteView bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return fail_errno(fmt::format("writing {}", what));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Status write_all_at(int fd, ByteView bytes, std::uint64_t offset, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0) {
      if (errno == EINTR) continue;
      return fail_errno(fmt::format("writing {}", what));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Status sync_data(int fd, std::string_view what) {
  while (::fdatasync(fd) != 0) {
    if (errno != EINTR) return fail_errno(fmt::format("syncing {}", what));
  }
  return {};
}

Status sync_directory(const std::string& path) {
  BH_TRY(const UniqueFd directory, open_file(path, O_RDONLY | O_DIRECTORY));
  while (::fsync(directory.get()) != 0) {
    if (errno != EINTR) return fail_errno(fmt::format("syncing {}", path));
  }
  return {};
}

Result<std::uint64_t> file_size(int fd, std::string_view what) {
  struct stat status{};
  // Not glibc's fstat(): before 2.39 that is newfstatat(2), whose path a sandbox cannot allow.
  if (::syscall(SYS_fstat, fd, &status) != 0) {
    return fail_errno(fmt::format("asking for the size of {}", what));
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Status set_nonblocking(int fd, bool nonblocking) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return fail_errno("reading descriptor flags");
  const int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (::fcntl(fd, F_SETFL, wanted) != 0) return fail_errno("setting descriptor flags");
  return {};
}

Result<Bytes> read_file(const std::string& path, std::size_t limit_bytes) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  BH_TRY(const std::uint64_t size, file_size(fd.get(), path));
  if (size > limit_bytes) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("{} has {} bytes, at most {} are read", path, size, limit_bytes));
  }
  Bytes contents(size);
  BH_CHECK(read_exactly_at(fd.get(), contents, 0, path));
  return contents;
}

Status replace_file(const std::string& path, ByteView contents, mode_t mode) {
  const std::string beside = path + ".new";
  {
    BH_TRY(const UniqueFd fd, open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, mode));
    BH_CHECK(write_all(fd.get(), contents, beside));
    BH_CHECK(sync_data(fd.get(), beside));
  }
  if (::rename(beside.c_str(), path.c_str()) != 0)
    return fail_errno(fmt::format("renaming {}", beside));
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return sync_directory(parent.empty() ? "." : parent);
}

}  // namespace bulkhead
