#include "journal/segment.h"

#include <fmt/format.h>

#include <algorithm>

#include "journal/journal.h"

namespace bulkhead::journal {
namespace {

constexpr std::size_t kReadAhead = 512 * 1024;
constexpr std::size_t kMaxFrameSize = kFrameOverhead + std::max(kMaxEntrySize, kMaxPayloadSize);
static_assert(kMaxFrameSize < kReadAhead);
constexpr std::uint64_t kMaxSearched = 256u << 20;  // more than a segment and a batch

}  // namespace

Result<SegmentReader> SegmentReader::open(Disk& disk, const std::string& folder,
                                          std::uint64_t first_index) {
  SegmentReader reader;
  reader.name_ = segment_name(first_index);
  const std::string path = folder + "/" + reader.name_;
  BH_TRY(reader.file_, disk.open(path, OpenMode::kRead));
  BH_TRY(reader.file_size_, reader.file_->size());
  Bytes bytes(std::min<std::uint64_t>(kMaxSegmentHeaderSize, reader.file_size_));
  BH_CHECK(read_exactly_at(*reader.file_, bytes, 0, path));
  auto header = decode_segment_header(bytes);
  if (!header) return fail(header.error().within(path));
  if (header->first_index() != first_index) {
    return fail(ErrorCode::kMalformed, fmt::format("{} starts with entry {}, its name says {}",
                                                   path, header->first_index(), first_index));
  }
  reader.header_ = std::move(*header);
  reader.end_ = reader.file_size_;
  reader.offset_ = segment_header_size(first_index);
  reader.batch_offset_ = reader.offset_;
  return reader;
}

void SegmentReader::seek(std::uint64_t offset, std::uint64_t batch_offset, bool batch_open) {
  offset_ = offset;
  batch_offset_ = batch_offset;
  batch_open_ = batch_open;
}

// What stands there is looked at once: a process that writes meanwhile is not followed.
Status SegmentReader::find_room() {
  const std::uint64_t begin = offset_;
  Bytes bytes(std::min<std::uint64_t>(kReadAhead, file_size_ - begin));
  for (data_end_ = file_size_; data_end_ > begin;) {
    const std::uint64_t from = data_end_ - std::min<std::uint64_t>(bytes.size(), data_end_ - begin);
    BH_TRY(const std::size_t got,
           file_->read_at(MutableByteView(bytes).first(data_end_ - from), from));
    data_end_ = from + got;
    while (data_end_ > from && bytes[data_end_ - from - 1] == 0)
      --data_end_;
    if (data_end_ > from) return {};
  }
  return {};
}

Result<ByteView> SegmentReader::view(std::uint64_t offset, std::size_t count) {
  count = std::min<std::uint64_t>(count, end_ - offset);
  if (offset < buffer_offset_ || offset + count > buffer_offset_ + buffer_used_) {
    buffer_.resize(kReadAhead);
    const std::size_t wanted = std::min<std::uint64_t>(kReadAhead, end_ - offset);
    BH_TRY(buffer_used_, file_->read_at(MutableByteView(buffer_).first(wanted), offset));
    buffer_offset_ = offset;
  }
  const std::size_t skip = offset - buffer_offset_;
  return ByteView(buffer_).subspan(skip, std::min(count, buffer_used_ - skip));
}

SegmentReader::Step SegmentReader::bad(std::string problem) {
  problem_ = std::move(problem);
  return Step::kBad;
}

std::string SegmentReader::check_place(const FrameHeader& header) const {
  const std::uint64_t batch = header.mark - header_.salt;
  if (batch_open_ ? batch != batch_offset_ : batch != offset_)
    return "its frame is not of the batch that it stands in";
  if (frame_.end() == offset_ && frame_.header.kind != FrameKind::kEntry &&
      header.kind != FrameKind::kEntry) {
    return "its payload has no entry behind it";
  }
  if (header.kind != FrameKind::kEntry && header.last_of_batch)
    return "its batch ends with a payload";
  if (batch_open_ && header.after_unsynced) return "its frame claims to begin a batch";
  return {};
}

Result<SegmentReader::Step> SegmentReader::next() {
  if (!batch_open_) batch_offset_ = offset_;
  if (!batch_open_ && offset_ >= data_end_) return Step::kEnd;
  if (offset_ >= end_)
    return batch_open_ ? bad("the batch that it stands in is not complete") : Step::kEnd;
  BH_TRY(const ByteView head, view(offset_, kFrameHeaderSize));
  const auto header = decode_frame_header(head);
  if (!header) return bad("its frame header is not well-formed");
  if (std::string wrong = check_place(*header); !wrong.empty()) return bad(std::move(wrong));
  const std::size_t size = kFrameOverhead + header->length;
  BH_TRY(const ByteView bytes, view(offset_, size));
  if (bytes.size() < size) return bad("its frame goes beyond the end of the file");

  Frame frame;
  frame.offset = offset_;
  frame.header = *header;
  frame.data = bytes.subspan(kFrameHeaderSize, header->length);
  std::ranges::copy(bytes.last(kFrameHashSize), frame.hash.begin());
  if (!hash_fits(header->kind, frame.data, frame.hash)) {
    return bad(header->kind == FrameKind::kEntry
                   ? "its bytes do not match its leaf hash"
                   : "the bytes of its payload do not match their hash");
  }
  frame_ = frame;
  offset_ += size;
  batch_open_ = !header->last_of_batch;
  return Step::kFrame;
}

Result<bool> has_later_batch(const DiskFile& file, const SegmentHeader& header, std::uint64_t from,
                             std::uint64_t batch_offset) {
  BH_TRY(const std::uint64_t size, file.size());
  if (from >= size) return false;
  Bytes bytes(std::min<std::uint64_t>(size - from, kMaxSearched));
  BH_CHECK(read_exactly_at(file, bytes, from, "a journal segment"));
  for (std::size_t at = 0; at + kFrameOverhead < bytes.size(); ++at) {
    const std::uint64_t batch = load_le<std::uint64_t>(&bytes[at + 8]) - header.salt;
    if (batch <= batch_offset || batch != from + at) continue;
    const auto frame = decode_frame_header(ByteView(bytes).subspan(at));
    if (!frame || frame->after_unsynced) continue;
    if (at + kFrameOverhead + frame->length > bytes.size()) continue;
    Hash hash;
    std::copy_n(&bytes[at + kFrameHeaderSize + frame->length], hash.size(), hash.begin());
    if (hash_fits(frame->kind, ByteView(bytes).subspan(at + kFrameHeaderSize, frame->length), hash))
      return true;
  }
  return false;
}

}  // namespace bulkhead::journal
