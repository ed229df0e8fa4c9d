#include "exposure/containers/member_source.h"

#include <algorithm>
#include <cstring>

namespace bulkhead::exposure {
namespace {

using Outcome = ArchiveStream::Outcome;

constexpr std::size_t kStep = 256 * 1024;

}  // namespace

Result<std::size_t> MemberStream::next(MutableByteView into) {
  if (outcome_ != Outcome::kOk) return std::size_t{0};
  std::size_t count = 0;
  BH_TRY(outcome_, archive_.read(into, count));
  if (!budget_.take_bytes(count)) outcome_ = Outcome::kArchive;
  at_ += count;
  return count;
}

Status MemberStream::skip_to(std::uint64_t offset) {
  Bytes scratch(offset > at_ ? kStep : 0);
  while (at_ < offset && outcome_ == Outcome::kOk) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, offset - at_));
    BH_CHECK(next(MutableByteView(scratch).first(part)));
  }
  return {};
}

Result<std::size_t> MemberStream::read_at(std::uint64_t offset, MutableByteView into) {
  std::size_t count = 0;
  if (offset < front_.size()) {
    count = std::min<std::size_t>(into.size(), front_.size() - offset);
    std::memcpy(into.data(), front_.data() + offset, count);
  }
  if (count == into.size()) return count;
  BH_CHECK(skip_to(offset + count));
  if (at_ != offset + count) return count;  // it ended before, or asks for what has gone by
  BH_TRY(const std::size_t more, next(into.subspan(count)));
  return count + more;
}

Status MemberStream::drain() {
  return skip_to(UINT64_MAX);
}

Result<MemberFront> read_front(ArchiveStream& archive, std::size_t most, ContainerBudget& budget) {
  MemberFront front;
  std::size_t filled = 0;
  while (filled < most && front.outcome == Outcome::kOk) {
    // Doubled, so that a small member costs little.
    front.bytes.resize(std::min(most, std::max<std::size_t>(kStep, 2 * filled)));
    std::size_t count = 0;
    BH_TRY(front.outcome, archive.read(MutableByteView(front.bytes).subspan(filled), count));
    filled += count;
    if (!budget.take_bytes(count)) front.outcome = Outcome::kArchive;
  }
  front.bytes.resize(filled);
  return front;
}

}  // namespace bulkhead::exposure
