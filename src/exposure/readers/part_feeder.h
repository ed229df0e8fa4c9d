// A large file in parts that several threads read: cut where a reader says that one may begin.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "exposure/readers/byte_source.h"

namespace bulkhead::exposure {

// Text that lies in memory of its own.
struct FilePart {
  std::uint64_t offset = 0;  // of its first byte in the file
  std::unique_ptr<char[]> memory;
  std::size_t size = 0;
  bool last = false;

  std::string_view text() const { return {memory.get(), size}; }
};

// Parts of one to a few times `part_bytes`, in order and without gaps. By one thread at a time.
class PartFeeder {
 public:
  static constexpr std::size_t kPartBytes = 2 * 1024 * 1024;
  static constexpr std::size_t kMaxPart = 64 * 1024 * 1024;

  // Files that are shorter are not worth it.
  static bool worth(std::uint64_t file_bytes) { return file_bytes >= 4 * kPartBytes; }

  explicit PartFeeder(ByteSource& source, std::size_t part_bytes = kPartBytes)
      : source_(source), part_bytes_(part_bytes) {}

  // The next part, or nothing: the file has been handed out, or cannot be cut (failed()).
  // `cut(text)`: where the last part that may follow begins in `text`, which starts at a place
  // where one may begin; 0 where there is none in sight.
  template <typename Cut>
  Result<std::optional<FilePart>> next(Cut cut) {
    if (ended_ || failed_) return std::nullopt;
    FilePart part{.offset = offset_, .memory = std::move(carry_), .size = carry_size_};
    carry_size_ = 0;
    for (std::size_t want = part_bytes_;; want *= 2) {
      BH_TRY(const bool more, read_on(part, want));
      part.last = ended_ = !more;
      const std::size_t end = part.last ? part.size : cut(part.text());
      if (end == 0 && !part.last) {
        failed_ = want >= kMaxPart;
        if (failed_) return std::nullopt;
        continue;
      }
      carry_from(part, end);
      return part;
    }
  }

  bool failed() const { return failed_; }

 private:
  // Says whether the file goes on behind the part.
  Result<bool> read_on(FilePart& part, std::size_t want);
  void carry_from(FilePart& part, std::size_t end);

  ByteSource& source_;
  std::size_t part_bytes_;
  std::uint64_t offset_ = 0;       // of the next part
  std::unique_ptr<char[]> carry_;  // what was read of it
  std::size_t carry_size_ = 0;
  bool ended_ = false, failed_ = false;
};

}  // namespace bulkhead::exposure
