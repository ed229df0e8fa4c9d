// The bytes of a segment file: its header and its frames (docs/formats/journal.md). Parsing takes
// hostile input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "journal/merkle.h"

namespace bulkhead::journal {

constexpr std::uint32_t kJournalFormat = 1;

// --- Segment header
// --------------------------------------------------------------------------------------------------

struct SegmentHeader {
  Frontier
      before;  // the tree of all entries before this segment: open() need not read older segments
  std::uint64_t salt = 0;  // random; see frame marks

  std::uint64_t first_index() const { return before.size(); }
};
constexpr std::size_t kSegmentHeaderFixedSize = 64;  // without the frontier's hashes
constexpr std::size_t kMaxSegmentHeaderSize = kSegmentHeaderFixedSize + 64 * 32;

std::size_t segment_header_size(std::uint64_t first_index);
Bytes encode(const SegmentHeader& header);
// `bytes` starts with the header and may go on. kMalformed, kNewerFormat.
Result<SegmentHeader> decode_segment_header(ByteView bytes);

// "entries-" and the first index as 16 hexadecimal digits.
std::string segment_name(std::uint64_t first_index);
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

// --- Frames
// ----------------------------------------------------------------------------------------------------------

enum class FrameKind : Byte {
  kEntry = 1,           // hash: RFC 6962 leaf hash
  kPayload = 2,         // hash: SHA-256 of the data
  kDroppedPayload = 4,  // was a payload; its data is gone, its hash stays
};

// The mark says, unforgeably for whoever wrote a payload, in which batch a frame was written: salt
// + byte offset of the batch (mod 2^64). A batch whose first frame does not have the flag
// `after_unsynced` was written when everything before it had been synced. So such a frame behind a
// damaged one proves that the damaged one had been durable, and damage is told apart from a tail
// torn by a crash.
struct FrameHeader {
  std::uint32_t length = 0;  // of the data
  FrameKind kind = FrameKind::kEntry;
  bool last_of_batch = false;
  bool after_unsynced = false;  // in the first frame of a batch: see above
  std::uint64_t mark = 0;
};
constexpr std::size_t kFrameHeaderSize = 16;
constexpr std::size_t kFrameHashSize = 32;
constexpr std::size_t kFrameOverhead = kFrameHeaderSize + kFrameHashSize;
constexpr std::size_t kFrameKindOffset = 4;  // in the header: drop_payload() changes this byte
constexpr std::size_t kFrameFlagsOffset = 5;
constexpr Byte kLastOfBatchFlag = 0x01;
constexpr Byte kAfterUnsyncedFlag = 0x02;

void encode_to(Byte* at, const FrameHeader& header);
std::optional<FrameHeader> decode_frame_header(ByteView bytes);

void append_frame(Bytes& out, FrameKind kind, std::uint64_t mark, ByteView data, const Hash& hash);
// Whether the hash fits the data; always for a dropped payload.
bool hash_fits(FrameKind kind, ByteView data, const Hash& hash);

}  // namespace bulkhead::journal
