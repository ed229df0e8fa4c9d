#include "exposure/readers/part_feeder.h"

#include <cstring>

namespace bulkhead::exposure {

Result<bool> PartFeeder::read_on(FilePart& part, std::size_t want) {
  const std::size_t room = std::max(want, part.size) + part_bytes_;
  auto memory = std::make_unique_for_overwrite<char[]>(room);
  if (part.size > 0) std::memcpy(memory.get(), part.memory.get(), part.size);
  part.memory = std::move(memory);
  const MutableByteView into(reinterpret_cast<Byte*>(part.memory.get()) + part.size,
                             room - part.size);
  BH_TRY(const std::size_t count, source_.read_at(part.offset + part.size, into));
  part.size += count;
  return count == into.size();
}

void PartFeeder::carry_from(FilePart& part, std::size_t end) {
  carry_size_ = part.size - end;
  if (carry_size_ > 0) {
    carry_ = std::make_unique_for_overwrite<char[]>(carry_size_);
    std::memcpy(carry_.get(), part.memory.get() + end, carry_size_);
  }
  part.size = end;
  offset_ = part.offset + end;
}

}  // namespace bulkhead::exposure
