#include "store/segment_cache.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "crypto/secret.h"

namespace bulkhead::store {

void SegmentBuffer::put(std::size_t at, ByteView data) {
  // memcpy by name: g++ 12 makes a loop over bytes out of ranges::copy between spans and vectors.
  if (at > length) std::memset(bytes.data() + length, 0, at - length);
  if (!data.empty()) std::memcpy(bytes.data() + at, data.data(), data.size());
  length = std::max(length, static_cast<std::uint32_t>(at + data.size()));
  dirty = true;
}

void SegmentBuffer::get(std::size_t at, MutableByteView out) const {
  const std::size_t there = at >= length ? 0 : std::min<std::size_t>(out.size(), length - at);
  if (there > 0) std::memcpy(out.data(), bytes.data() + at, there);
  if (there < out.size()) std::memset(out.data() + there, 0, out.size() - there);
}

SegmentCache::~SegmentCache() {
  for (SegmentBuffer& buffer : buffers_)
    crypto::wipe(buffer.bytes);
  for (SegmentBuffer& buffer : spare_)
    crypto::wipe(buffer.bytes);
}

SegmentBuffer* SegmentCache::find(std::uint64_t segment) {
  const auto found = std::ranges::find(buffers_, segment, &SegmentBuffer::segment);
  if (found == buffers_.end()) return nullptr;
  buffers_.splice(buffers_.begin(), buffers_, found);
  return &buffers_.front();
}

SegmentBuffer* SegmentCache::victim() {
  return buffers_.size() < kCapacity ? nullptr : &buffers_.back();
}

SegmentBuffer& SegmentCache::add(std::uint64_t segment) {
  if (buffers_.size() == kCapacity) {
    BH_ASSERT(!buffers_.back().dirty);
    buffers_.splice(buffers_.begin(), buffers_, std::prev(buffers_.end()));
  } else if (!spare_.empty()) {
    buffers_.splice(buffers_.begin(), spare_, spare_.begin());
  } else {
    buffers_.emplace_front();
    buffers_.front().bytes.resize(kSegmentSize);
  }
  SegmentBuffer& buffer = buffers_.front();
  buffer.segment = segment;
  buffer.length = 0;
  buffer.dirty = false;
  return buffer;
}

void SegmentCache::drop(std::uint64_t segment) {
  const auto found = std::ranges::find(buffers_, segment, &SegmentBuffer::segment);
  if (found != buffers_.end()) spare_.splice(spare_.begin(), buffers_, found);
}

void SegmentCache::drop_from(std::uint64_t first_segment) {
  for (auto at = buffers_.begin(); at != buffers_.end();) {
    const auto next = std::next(at);
    if (at->segment >= first_segment) spare_.splice(spare_.begin(), buffers_, at);
    at = next;
  }
}

}  // namespace bulkhead::store
