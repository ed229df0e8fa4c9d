// Reads a segment file frame by frame. The file is hostile input; memory is bounded.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/disk.h"
#include "journal/frame.h"

namespace bulkhead::journal {

// One frame as it lies in the file. `data` ends with the next call of next().
struct Frame {
  std::uint64_t offset = 0;
  FrameHeader header;
  ByteView data;
  Hash hash{};
  std::uint64_t end() const { return offset + kFrameOverhead + data.size(); }
};

class SegmentReader {
 public:
  // Reads and checks the header; errors name `name`.
  static Result<SegmentReader> open(Disk& disk, const std::string& folder,
                                    std::uint64_t first_index);

  const SegmentHeader& header() const { return header_; }
  const std::string& name() const { return name_; }
  std::uint64_t file_size() const { return file_size_; }
  DiskFile& file() { return *file_; }

  // Goes on at a frame that starts a batch or follows `frame_before` (default: the first one).
  // Reads up to `end`.
  void seek(std::uint64_t offset, std::uint64_t batch_offset, bool batch_open);
  void limit(std::uint64_t end) { end_ = end; }
  // For a last segment, before the first frame: zeros up to the end of the file are room that was
  // made for what comes, and nothing of a batch.
  Status find_room();
  std::uint64_t data_end() const { return data_end_; }  // behind the last byte that is not zero

  enum class Step {
    kFrame,  // frame() is the next one, its hash fits
    kEnd,    // nothing more (or room, after find_room()), and the last batch is whole
    kBad,    // problem() says what is wrong at offset()
  };
  Result<Step> next();
  const Frame& frame() const { return frame_; }
  std::uint64_t offset() const { return offset_; }  // behind frame(), or where it is bad
  std::uint64_t batch_offset() const {
    return batch_offset_;
  }  // where the batch at offset() begins
  bool batch_open() const { return batch_open_; }  // frame() is not the last one of its batch
  const std::string& problem() const { return problem_; }

 private:
  SegmentReader() = default;
  Step bad(std::string problem);
  Result<ByteView> view(std::uint64_t offset, std::size_t count);  // shorter only at the end
  std::string check_place(const FrameHeader& header) const;        // empty: it fits

  std::shared_ptr<DiskFile> file_;
  std::string name_;
  SegmentHeader header_;
  std::uint64_t file_size_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t data_end_ = UINT64_MAX;
  std::uint64_t offset_ = 0;
  std::uint64_t batch_offset_ = 0;
  bool batch_open_ = false;
  Frame frame_;
  std::string problem_;
  Bytes buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::size_t buffer_used_ = 0;
};

// Whether an intact frame at `from` or behind begins a later batch than the one that begins at
// `batch_offset`, and was written when all before it was synced: then what is wrong is damage, not
// a torn tail.
Result<bool> has_later_batch(const DiskFile& file, const SegmentHeader& header, std::uint64_t from,
                             std::uint64_t batch_offset);

}  // namespace bulkhead::journal
