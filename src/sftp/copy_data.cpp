#include "sftp/copy_data.h"

#include <algorithm>

#include "sftp/limits.h"

namespace bulkhead::sftp {

CopyData::CopyData(const Job& job) : job_(job), buffer_(kMaxReadBytes) {}

std::optional<StatusReply> CopyData::step() {
  const StatusReply done{StatusCode::kOk, "Done."};
  for (std::size_t copied = 0; copied < kCopyStepBytes;) {
    if (job_.size == 0) return done;
    const std::size_t wanted = std::min<std::uint64_t>(buffer_.size(), job_.size);
    const auto got = job_.from->read(job_.from_offset, MutableByteView(buffer_).first(wanted));
    if (!got) return status_of(got.error());
    if (*got == 0) {
      if (job_.to_end) return done;
      return StatusReply{StatusCode::kEof, "The file ended before all was copied."};
    }
    if (*got > kMaxFileOffset - job_.to_offset) {
      return status_of(Error(ErrorCode::kInvalidArgument, "No file can be that large."));
    }
    const Status written = job_.to->write(job_.to_offset, ByteView(buffer_).first(*got));
    if (!written) return status_of(written);
    copied += *got;
    job_.from_offset += *got;
    job_.to_offset += *got;
    job_.size -= *got;
  }
  return std::nullopt;
}

}  // namespace bulkhead::sftp
