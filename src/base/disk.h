// The disk, as a seam: everything that journal and store do to files goes through here, so that
// tests can cut the power at any operation.
//
// What is promised is what POSIX promises and no more: bytes written are durable after sync_data()
// of their file; a name made, renamed or removed is durable after sync_directory() of its folder.
// Between the two a power cut may leave any part of it. Error sentences name paths of ours, never a
// client's bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"

namespace bulkhead {

// An open file. Reading is thread-safe; writing is for one thread at a time.
class DiskFile {
 public:
  virtual ~DiskFile() = default;

  // Fewer bytes than asked for only at the end of the file.
  virtual Result<std::size_t> read_at(MutableByteView buffer, std::uint64_t offset) const = 0;
  // One read into several buffers, one after the other.
  virtual Result<std::size_t> read_scattered_at(std::span<const MutableByteView> buffers,
                                                std::uint64_t offset) const;
  // Everything or an error (and then any part of it may be there).
  virtual Status write_at(ByteView bytes, std::uint64_t offset) = 0;
  virtual Result<std::uint64_t> size() const = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  // The range reads as zeros afterwards, and gives its space back where the file system can.
  virtual Status discard(std::uint64_t offset, std::uint64_t length) = 0;
  virtual Status sync_data() = 0;

  // kConflict while anybody holds a descriptor or a shared mapping through which this file could be
  // written. The caller's own descriptor must be a read-only one (open(kRead)). F_SETLEASE,
  // fcntl(2).
  virtual Status check_no_writers() const = 0;
  // Takes the permission to write from later openers of the same user (chmod 0400).
  virtual Status make_read_only() = 0;

  // Hints; nothing depends on them.
  virtual void start_writeback(std::uint64_t /*offset*/, std::uint64_t /*length*/) {}
  virtual void expect_sequential_reads() const {}

  virtual int fd() const { return -1; }  // for passing on; -1 where there is none (tests)
};

// Exactly as many bytes as the buffer holds, or kCorrupt ("... ends at byte ...").
Status read_exactly_at(const DiskFile& file, MutableByteView buffer, std::uint64_t offset,
                       std::string_view what);

// A descriptor that came from elsewhere (the channel) as a file. `what` names it in error
// sentences.
std::shared_ptr<DiskFile> wrap_fd(UniqueFd fd, std::string what);

class DiskLock {
 public:
  virtual ~DiskLock() = default;  // lets go
};

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // must not exist; for reading and writing, mode 0600
};

// Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;

  virtual Result<std::shared_ptr<DiskFile>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status make_directory(
      const std::string& path) = 0;  // mode 0700; fine if it is there already
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(
      const std::string& folder) = 0;  // names of plain files, sorted
  virtual Status sync_directory(const std::string& folder) = 0;
  // Held until the lock goes or the process ends; kConflict when another holder has it. flock(2).
  virtual Result<std::unique_ptr<DiskLock>> lock(const std::string& path) = 0;
};

Disk& real_disk();

}  // namespace bulkhead
