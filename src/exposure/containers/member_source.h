// One member of a container as a file of its own.
#pragma once

#include "exposure/containers/archive_stream.h"
#include "exposure/containers/limits.h"
#include "exposure/readers/byte_source.h"

namespace bulkhead::exposure {

// A member that is too large for memory: its front is kept, the rest is read once, in order.
// `bytes`: what size() says, known or 0.
class MemberStream final : public ByteSource {
 public:
  MemberStream(ArchiveStream& archive, Bytes front, std::uint64_t bytes, ContainerBudget& budget)
      : archive_(archive),
        front_(std::move(front)),
        bytes_(bytes),
        budget_(budget),
        at_(front_.size()) {}

  std::uint64_t size() const override { return bytes_; }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) override;
  bool any_order() const override { return false; }

  std::uint64_t reached() const { return at_; }
  // Reads to the end, wherever its reader stopped.
  Status drain();
  // kOk: not at its end yet; kEnd; else what went wrong, or the budget is exhausted.
  ArchiveStream::Outcome outcome() const { return outcome_; }

 private:
  Result<std::size_t> next(MutableByteView into);
  Status skip_to(std::uint64_t offset);

  ArchiveStream& archive_;
  Bytes front_;
  std::uint64_t bytes_;
  ContainerBudget& budget_;
  std::uint64_t at_;  // of the next byte from the archive
  ArchiveStream::Outcome outcome_ = ArchiveStream::Outcome::kOk;
};

// As much of a member as there is, up to `most` bytes, which the budget has.
struct MemberFront {
  Bytes bytes;
  ArchiveStream::Outcome outcome = ArchiveStream::Outcome::kOk;  // kOk: there is more
};
Result<MemberFront> read_front(ArchiveStream& archive, std::size_t most, ContainerBudget& budget);

}  // namespace bulkhead::exposure
