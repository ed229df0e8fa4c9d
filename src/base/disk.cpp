#include "base/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace bulkhead {
namespace {

constexpr std::size_t kMaxScattered = 8;

class RealFile final : public DiskFile {
 public:
  RealFile(UniqueFd fd, std::string what) : fd_(std::move(fd)), what_(std::move(what)) {}

  Result<std::size_t> read_at(MutableByteView buffer, std::uint64_t offset) const override {
    return bulkhead::read_at(fd_.get(), buffer, offset, what_);
  }

  Result<std::size_t> read_scattered_at(std::span<const MutableByteView> buffers,
                                        std::uint64_t offset) const override {
    if (buffers.size() > kMaxScattered) return DiskFile::read_scattered_at(buffers, offset);
    iovec vectors[kMaxScattered];
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      vectors[i] = {buffers[i].data(), buffers[i].size()};
      wanted += buffers[i].size();
    }
    const ssize_t got =
        ::preadv(fd_.get(), vectors, static_cast<int>(buffers.size()), static_cast<off_t>(offset));
    if (got == static_cast<ssize_t>(wanted)) return wanted;
    return DiskFile::read_scattered_at(buffers, offset);  // short or interrupted: rare, one by one
  }

  Status write_at(ByteView bytes, std::uint64_t offset) override {
    return write_all_at(fd_.get(), bytes, offset, what_);
  }
  Result<std::uint64_t> size() const override { return file_size(fd_.get(), what_); }

  Status truncate(std::uint64_t size) override {
    while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return fail_errno(fmt::format("truncating {}", what_));
    }
    return {};
  }

  Status discard(std::uint64_t offset, std::uint64_t length) override {
    if (::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(offset), static_cast<off_t>(length)) == 0) {
      return {};
    }
    const Bytes zeros(std::min<std::uint64_t>(length, 1 << 20));
    for (std::uint64_t done = 0; done < length;) {
      const std::uint64_t now = std::min<std::uint64_t>(zeros.size(), length - done);
      BH_CHECK(write_at(ByteView(zeros).first(now), offset + done));
      done += now;
    }
    return {};
  }

  Status sync_data() override { return bulkhead::sync_data(fd_.get(), what_); }

  Status check_no_writers() const override {
    if (::fcntl(fd_.get(), F_SETLEASE, F_RDLCK) != 0) {
      if (errno == EAGAIN) {
        return fail(ErrorCode::kConflict,
                    fmt::format("{} is still open for writing somewhere", what_));
      }
      return fail_errno(fmt::format("taking a read lease on {}", what_));
    }
    if (::fcntl(fd_.get(), F_SETLEASE, F_UNLCK) != 0) {
      return fail_errno(fmt::format("giving back the read lease on {}", what_));
    }
    return {};
  }

  Status make_read_only() override {
    if (::fchmod(fd_.get(), 0400) != 0)
      return fail_errno(fmt::format("making {} read-only", what_));
    return {};
  }

  void start_writeback(std::uint64_t offset, std::uint64_t length) override {
    ::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length),
                      SYNC_FILE_RANGE_WRITE);
  }
  void expect_sequential_reads() const override {
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  int fd() const override { return fd_.get(); }

 private:
  UniqueFd fd_;
  std::string what_;
};

class RealLock final : public DiskLock {
 public:
  explicit RealLock(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  UniqueFd fd_;  // closing lets go of the flock
};

class RealDisk final : public Disk {
 public:
  Result<std::shared_ptr<DiskFile>> open(const std::string& path, OpenMode mode) override {
    int flags = O_NOFOLLOW;
    switch (mode) {
      case OpenMode::kRead:
        flags |= O_RDONLY;
        break;
      case OpenMode::kReadWrite:
        flags |= O_RDWR;
        break;
      case OpenMode::kCreate:
        flags |= O_RDWR | O_CREAT | O_EXCL;
        break;
    }
    BH_TRY(UniqueFd fd, open_file(path, flags));
    return std::make_shared<RealFile>(std::move(fd), path);
  }

  Status make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) == 0) return {};
    struct stat status{};
    if (errno == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    return fail_errno(fmt::format("making the folder {}", path));
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0)
      return fail_errno(fmt::format("renaming {}", from));
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return fail_errno(fmt::format("removing {}", path));
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
    if (!directory) return fail_errno(fmt::format("listing {}", folder));
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(directory.get())) {
      if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) names.emplace_back(entry->d_name);
      errno = 0;
    }
    if (errno != 0) return fail_errno(fmt::format("listing {}", folder));
    std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
    std::sort(names.begin(), names.end());
    return names;
  }

  Status sync_directory(const std::string& folder) override {
    return bulkhead::sync_directory(folder);
  }

  Result<std::unique_ptr<DiskLock>> lock(const std::string& path) override {
    BH_TRY(UniqueFd fd, open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW));
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) {
        return fail(ErrorCode::kConflict, fmt::format("{} is locked by another process", path));
      }
      if (errno != EINTR) return fail_errno(fmt::format("locking {}", path));
    }
    return std::make_unique<RealLock>(std::move(fd));
  }
};

}  // namespace

Result<std::size_t> DiskFile::read_scattered_at(std::span<const MutableByteView> buffers,
                                                std::uint64_t offset) const {
  std::size_t done = 0;
  for (const MutableByteView buffer : buffers) {
    BH_TRY(const std::size_t got, read_at(buffer, offset + done));
    done += got;
    if (got != buffer.size()) break;
  }
  return done;
}

Status read_exactly_at(const DiskFile& file, MutableByteView buffer, std::uint64_t offset,
                       std::string_view what) {
  BH_TRY(const std::size_t got, file.read_at(buffer, offset));
  if (got == buffer.size()) return {};
  return fail(ErrorCode::kCorrupt, fmt::format("{} ends at byte {}, {} more were expected", what,
                                               offset + got, buffer.size() - got));
}

std::shared_ptr<DiskFile> wrap_fd(UniqueFd fd, std::string what) {
  return std::make_shared<RealFile>(std::move(fd), std::move(what));
}

Disk& real_disk() {
  static RealDisk disk;
  return disk;
}

}  // namespace bulkhead
