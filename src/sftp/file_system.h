// What the SFTP server serves: implemented over the vault's channel by the session process, in
// memory by the tests.
//
// Threads: one. All calls block, and the session does nothing else meanwhile. The caller
// (sftp::Server) has checked what it passes as far as its comments say; sizes, offsets and names
// still are whatever a client wants them to be.
//
// Errors: the code decides the SFTP status (status.h has the one table), and the sentence is shown
// to the client for those codes that are about the client's request (kNotFound, kRefused, kNoSpace
// ...): it must hold no sensitive value. Codes that matter to clients' logic: kNotFound (nothing
// there, or not to be known), kAlreadyExists, kIsDirectory, kNotDirectory, kNotEmpty,
// kPermissionDenied, kRefused (budget, containment), kNoSpace, kUnsupported.
//
// There are no links in this model, so stat() serves both STAT and LSTAT.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "sftp/path.h"

namespace bulkhead::sftp {

enum class Kind { kFile, kDirectory };

// What is known of an object. Numbers that SFTP v3 cannot carry are brought into its range by the
// server.
struct Attributes {
  Kind kind = Kind::kFile;
  std::uint64_t size = 0;
  std::uint32_t permissions = 0;  // the low 12 bits (07777); for show
  std::int64_t modified_s = 0;    // Unix time
  std::int64_t accessed_s = 0;
  std::uint32_t uid = 0;  // numbers that FileSystem made up, the same in every answer
  std::uint32_t gid = 0;
  std::uint32_t links = 1;  // for the listing only
  std::string owner;        // for the listing; empty: the number is shown
  std::string group;
};

// What a client wants changed; only what is there changes.
struct AttributeChanges {
  struct Ownership {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
  };
  struct Times {
    std::int64_t accessed_s = 0;
    std::int64_t modified_s = 0;
  };
  std::optional<std::uint64_t> size;  // truncates or extends with zeros; at most 2^63 - 1
  std::optional<Ownership> ownership;
  std::optional<std::uint32_t> permissions;  // the low 12 bits
  std::optional<Times> times;

  bool empty() const { return !size && !ownership && !permissions && !times; }
};

// The server brings the client's flags into this shape: at least one of read and write; create,
// exclusive and truncate only with write; exclusive only with create. SSH_FXF_APPEND does not show
// here: the server appends by File::size() and write().
struct OpenFlags {
  bool read = false;
  bool write = false;
  bool create = false;     // make it where it is not there
  bool exclusive = false;  // kAlreadyExists where it is there
  bool truncate = false;   // start empty
};

// An open file. Destroyed without close(): the connection was lost, and what was written is kept
// for resuming.
class File {
 public:
  virtual ~File() = default;

  // Fewer bytes than asked for only at the end of the file; 0 there and beyond. `into` is never
  // empty and at most kMaxReadBytes (limits.h). It lies in the reply packet: what is read is not
  // copied again.
  virtual Result<std::size_t> read(std::uint64_t offset, MutableByteView into) = 0;
  // All of it or an error. Called with the pieces in which the client's data arrives, of any size
  // from one byte to some 256 KiB, mostly but not always one behind the other. Never with offset +
  // bytes.size() above 2^63 - 1; a gap reads as zeros. What an error leaves behind is the
  // implementation's business: the client is told which WRITE failed.
  virtual Status write(std::uint64_t offset, ByteView bytes) = 0;
  // The size as this handle sees it now, its own writes included. Cheap: asked before each
  // appending WRITE.
  virtual Result<std::uint64_t> size() = 0;
  // Of a file that was opened for reading only: a short name of its contents, which no others have.
  // Empty: there is none. Made anew each time.
  virtual std::string content_tag() const { return {}; }
  virtual Result<Attributes> stat() = 0;
  virtual Status set_attributes(const AttributeChanges& changes) = 0;
  // fsync@openssh.com: what was written so far survives a power cut (as a part, if it is not
  // committed yet).
  virtual Status sync() = 0;
  // Commits what was written; the only place whose success acknowledges an upload. Called at most
  // once, nothing is called after it, whatever it returns.
  virtual Status close() = 0;
  // In place of close(): what was written is given up, also for resuming.
  virtual void abandon() {}
};

struct DirectoryEntry {
  std::string name;  // one component as in Path
  Attributes attributes;
};

// A folder being listed.
class Directory {
 public:
  virtual ~Directory() = default;

  // Appends up to `most` (at least 1) further entries to `entries`; none means the end. Any order;
  // "." and ".." are not among them (clients do without). Memory must not grow with the folder: a
  // million entries are normal.
  virtual Status next(std::vector<DirectoryEntry>& entries, std::size_t most) = 0;
};

// For statvfs@openssh.com.
struct Capacity {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Where relative paths start. Asked once.
  virtual Path home() = 0;
  // The user's own name, for "~name" and the like.
  virtual std::string user_name() = 0;
  // Names of the numbers in Attributes; empty where unknown (users-groups-by-id@openssh.com).
  virtual std::string name_of_user(std::uint32_t /*uid*/) { return {}; }
  virtual std::string name_of_group(std::uint32_t /*gid*/) { return {}; }

  virtual Result<Attributes> stat(const Path& path) = 0;
  // Times and permissions right after close() are normal: that is how clients keep timestamps.
  // `changes` is not empty.
  virtual Status set_attributes(const Path& path, const AttributeChanges& changes) = 0;

  // `permissions` (low 12 bits) are for a file that is made by this call.
  virtual Result<std::unique_ptr<File>> open(const Path& path, const OpenFlags& flags,
                                             std::optional<std::uint32_t> permissions) = 0;
  virtual Status remove(const Path& path) = 0;  // kIsDirectory for a folder

  virtual Result<std::unique_ptr<Directory>> open_directory(const Path& path) = 0;
  virtual Status make_directory(const Path& path, std::optional<std::uint32_t> permissions) = 0;
  virtual Status remove_directory(const Path& path) = 0;  // kNotDirectory for a file, kNotEmpty

  // Files and folders. Where `to` exists: without `replace` kAlreadyExists (also for `to` equal to
  // `from`); with it as rename(2): one step, a file replaces a file, a folder an empty folder, the
  // same path is a success. A folder does not move below itself (kInvalidArgument). Handles open on
  // either go on working on what they had opened.
  virtual Status rename(const Path& from, const Path& to, bool replace) = 0;

  virtual Result<Capacity> capacity() = 0;
};

}  // namespace bulkhead::sftp
