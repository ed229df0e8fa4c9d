// check-file under way: hashes of a range of a file, computed here so that a client can compare
// without fetching (draft-ietf-secsh-filexfer-extensions-00, section 3).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "sftp/file_system.h"

namespace bulkhead::sftp {

struct FileHash {
  std::string_view name;  // as the draft calls it
  crypto::HashAlgorithm algorithm;
};

// All that are offered, as "check-file" is announced.
constexpr std::string_view kFileHashNames = "sha256,sha512,sha384,sha1";
// The first of the comma-separated `names` that is offered here, as the draft demands; none: null.
const FileHash* choose_file_hash(std::string_view names);

class CheckFile {
 public:
  struct Job {
    File* file = nullptr;          // open until the check is over: no other request runs meanwhile
    std::unique_ptr<File> opened;  // `file`, where it was opened for this check alone
    const FileHash* hash = nullptr;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;         // what is hashed, at most: the file may end before
    std::uint32_t block_bytes = 0;  // one hash for each so many bytes; 0: one for everything
    bool old_reply = false;         // asked as "check-file": see Session::on_check_file_old
  };

  // How many bytes all the hashes take; kLimitExceeded where they do not fit into one reply,
  // kInvalidArgument for blocks smaller than the draft allows.
  static Result<std::size_t> hashes_size(const Job& job);

  explicit CheckFile(Job job);

  // Hashes some megabytes. True once everything is hashed and the file, where it is ours, closed.
  Result<bool> step();

  const Job& job() const { return job_; }
  ByteView hashes() const { return hashes_; }  // one behind the other

 private:
  void finish_block();
  Result<bool> finish();

  Job job_;
  crypto::Hasher hasher_;
  std::uint64_t left_in_block_;
  bool block_begun_ = false;
  Bytes hashes_;
  Bytes buffer_;
};

}  // namespace bulkhead::sftp
