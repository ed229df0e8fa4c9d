// copy-data under way: the server's own pump between two open files
// (draft-ietf-secsh-filexfer-extensions-00, section 7).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "sftp/file_system.h"
#include "sftp/status.h"

namespace bulkhead::sftp {

class CopyData {
 public:
  struct Job {
    File* from = nullptr;  // both stay open until the copy is over: no other request runs meanwhile
    std::uint64_t from_offset = 0;
    std::uint64_t size = 0;
    bool to_end = false;  // the source may end before `size` bytes were copied
    File* to = nullptr;
    std::uint64_t to_offset = 0;
  };

  explicit CopyData(const Job& job);

  // Copies some megabytes; the status of the request once it is over.
  std::optional<StatusReply> step();

 private:
  Job job_;
  Bytes buffer_;
};

}  // namespace bulkhead::sftp
