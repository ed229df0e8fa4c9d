// File descriptors that close themselves, and the loops around short reads and writes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead {

// Owns one descriptor. Not copyable; -1 is "none".
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// All of these retry on EINTR. `what` names the thing for the error sentence, without a client's
// bytes in it.
Result<UniqueFd> open_file(const std::string& path, int flags,
                           mode_t mode = 0600);  // always O_CLOEXEC
Status read_exactly_at(int fd, MutableByteView buffer, std::uint64_t offset, std::string_view what);
Result<std::size_t> read_at(int fd, MutableByteView buffer, std::uint64_t offset,
                            std::string_view what);
Status write_all(int fd, ByteView bytes, std::string_view what);
Status write_all_at(int fd, ByteView bytes, std::uint64_t offset, std::string_view what);
Status sync_data(int fd, std::string_view what);  // fdatasync
Status sync_directory(const std::string& path);  // makes created, renamed and removed names durable
Result<std::uint64_t> file_size(int fd, std::string_view what);
Status set_nonblocking(int fd, bool nonblocking);

// Whole small files. read_file refuses anything over `limit_bytes`.
Result<Bytes> read_file(const std::string& path, std::size_t limit_bytes);
// Writes beside, syncs, renames over: a crash leaves the old or the new contents, never half.
Status replace_file(const std::string& path, ByteView contents, mode_t mode = 0600);

}  // namespace bulkhead
