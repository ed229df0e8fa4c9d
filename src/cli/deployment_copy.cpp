#include "cli/deployment_copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/fd.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostAtOnce = std::size_t{64} << 20;
constexpr mode_t kOwner = 0700;

std::unexpected<Error> failed(const std::string& doing, const std::error_code& error) {
  return fail(ErrorCode::kIo, fmt::format("{}: {}", doing, error.message()));
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::error_code error;
  fs::directory_iterator at(folder, error);
  if (error) return failed("reading " + folder, error);
  std::vector<std::string> names;
  for (; at != fs::directory_iterator(); at.increment(error)) {
    if (error) return failed("reading " + folder, error);
    std::error_code gone;
    if (at->is_regular_file(gone) && !at->is_symlink(gone))
      names.push_back(at->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

// In the kernel: on file systems that can, the copy shares the blocks.
Result<std::uint64_t> copy_contents(int from, int to, std::uint64_t size, const std::string& path) {
  std::uint64_t copied = 0;
  while (copied < size) {
    const ssize_t n = ::copy_file_range(from, nullptr, to, nullptr,
                                        std::min<std::uint64_t>(size - copied, kMostAtOnce), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && copied == 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP)) break;
    if (n < 0) return fail_errno("writing " + path);
    if (n == 0) return copied;  // it was shortened: a torn end that a start cut off
    copied += static_cast<std::uint64_t>(n);
  }
  Bytes buffer(copied < size ? std::size_t{1} << 20 : 0);
  while (copied < size) {
    BH_TRY(const std::size_t n, read_at(from, buffer, copied, path));
    if (n == 0) break;
    BH_CHECK(write_all(to, ByteView(buffer).first(n), path));
    copied += n;
  }
  return copied;
}

// A segment of a running journal has room behind it (decision 0035). It is not copied: while it is
// read, batches are written into it, and of those that come in between a later one could be in the
// copy without the one before.
Result<std::uint64_t> size_without_room(int fd, std::uint64_t size, const std::string& path) {
  constexpr std::uint64_t kLastHashBytes = 32;  // may end in zeros itself
  Bytes buffer(std::size_t{1} << 20);
  for (std::uint64_t end = size; end > 0;) {
    const std::uint64_t begin = end - std::min<std::uint64_t>(end, buffer.size());
    BH_TRY(const std::size_t got,
           read_at(fd, MutableByteView(buffer).first(end - begin), begin, path));
    for (end = begin + got; end > begin; --end) {
      if (buffer[end - begin - 1] != 0) return std::min(size, end + kLastHashBytes);
    }
  }
  return size;
}

}  // namespace

Result<std::uint64_t> copy_file(const std::string& from, const std::string& to) {
  BH_TRY(const UniqueFd source, open_file(from, O_RDONLY | O_NOFOLLOW));
  struct stat status{};
  if (::fstat(source.get(), &status) != 0) return fail_errno("looking at " + from);
  auto size = static_cast<std::uint64_t>(status.st_size);
  if (fs::path(from).filename().string().starts_with("entries-")) {
    BH_TRY(size, size_without_room(source.get(), size, from));
  }
  BH_TRY(const UniqueFd target, open_file(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
  BH_TRY(const std::uint64_t copied, copy_contents(source.get(), target.get(), size, to));
  if (::fchmod(target.get(), status.st_mode & kOwner) != 0) return fail_errno("writing " + to);
  return copied;
}

Result<CopyFigures> copy_folder(const std::string& from, const std::string& to,
                                const std::function<bool(const std::string&)>& wanted,
                                const std::function<Status(const CopyFigures&)>& between) {
  if (::mkdir(to.c_str(), kOwner) != 0) return fail_errno("making " + to);
  BH_TRY(const auto names, names_in(from));
  CopyFigures figures;
  for (const std::string& name : names) {
    if (!wanted(name)) continue;
    const auto copied = copy_file(from + "/" + name, to + "/" + name);
    if (!copied && copied.error().code == ErrorCode::kNotFound) continue;
    if (!copied) return fail(copied.error());
    ++figures.files;
    figures.bytes += *copied;
    BH_CHECK(between(figures));
  }
  return figures;
}

Result<CopyFigures> measure_folder(const std::string& folder) {
  BH_TRY(const auto names, names_in(folder));
  CopyFigures figures;
  for (const std::string& name : names) {
    struct stat status{};
    if (::lstat((folder + "/" + name).c_str(), &status) != 0)
      return fail_errno("looking at " + name);
    ++figures.files;
    figures.bytes += static_cast<std::uint64_t>(status.st_size);
  }
  return figures;
}

Status sync_copies(const std::string& folder) {
  BH_TRY(const UniqueFd open, open_file(folder, O_RDONLY | O_DIRECTORY));
  if (::syncfs(open.get()) != 0) return fail_errno("writing " + folder + " to the disk");
  return {};
}

Status make_empty_folder(const std::string& path, const std::string& what) {
  if (::mkdir(path.c_str(), kOwner) == 0) return {};
  if (errno != EEXIST) return fail_errno("making " + path);
  std::error_code error;
  if (fs::is_directory(path, error) && fs::is_empty(path, error) && !error) return {};
  return fail(
      ErrorCode::kAlreadyExists,
      fmt::format("{} is there already, and not an empty folder: {} in a new one", path, what));
}

}  // namespace bulkhead::cli
