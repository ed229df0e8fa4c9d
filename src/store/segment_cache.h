// The writer's segment buffers: a few segments of plaintext, most recently used first.
#pragma once

#include <cstdint>
#include <list>

#include "base/bytes.h"
#include "store/format.h"

namespace bulkhead::store {

struct SegmentBuffer {
  std::uint64_t segment = 0;
  std::uint32_t length =
      0;  // valid bytes; what lies behind them is undefined here and zero in the contents
  bool dirty = false;
  Bytes bytes;  // kSegmentSize

  void put(std::size_t at, ByteView data);              // zeroes a gap before `at`
  void get(std::size_t at, MutableByteView out) const;  // zeros behind `length`
};

class SegmentCache {
 public:
  SegmentCache() = default;
  SegmentCache(const SegmentCache&) = delete;
  SegmentCache& operator=(const SegmentCache&) = delete;
  ~SegmentCache();  // wipes

  static constexpr std::size_t kCapacity = 16;

  SegmentBuffer* find(std::uint64_t segment);  // makes it the most recently used
  // The buffer that add() will reuse, if the cache is full: write it out first if it is dirty.
  SegmentBuffer* victim();
  SegmentBuffer& add(std::uint64_t segment);  // clean, length 0
  void drop(std::uint64_t segment);
  void drop_from(std::uint64_t first_segment);
  std::list<SegmentBuffer>& all() { return buffers_; }

 private:
  std::list<SegmentBuffer> buffers_;
  std::list<SegmentBuffer> spare_;  // dropped ones, for their memory
};

}  // namespace bulkhead::store
