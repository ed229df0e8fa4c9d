// A segment file as somebody who had the disk could have left it. The first byte says what of it is
// made to fit again, because no mutation finds a hash: bit 0 the header, bit 1 the frames.
#include "journal/frame.h"
#include "journal/journal.h"
#include "journal/verify.h"
#include "memory_disk.h"

namespace bulkhead::journal {
namespace {

using fuzz::check;

void repair_header(Bytes& bytes) {
  if (bytes.size() < kSegmentHeaderFixedSize) return;
  const Bytes header = encode(SegmentHeader{Frontier(), load_le<std::uint64_t>(&bytes[24])});
  std::ranges::copy(header, bytes.begin());
}

// Hashes and marks, as far as the lengths lead.
void repair_frames(Bytes& bytes) {
  if (bytes.size() < kSegmentHeaderFixedSize) return;
  const auto salt = load_le<std::uint64_t>(&bytes[24]);
  std::uint64_t batch = kSegmentHeaderFixedSize;
  for (std::size_t at = batch; at + kFrameOverhead < bytes.size();) {
    store_le<std::uint64_t>(&bytes[at + 8], salt + batch);
    const auto header = decode_frame_header(ByteView(bytes).subspan(at));
    if (!header || at + kFrameOverhead + header->length > bytes.size()) return;
    const ByteView data = ByteView(bytes).subspan(at + kFrameHeaderSize, header->length);
    const Hash hash = header->kind == FrameKind::kEntry ? leaf_hash(data) : crypto::sha256(data);
    at += kFrameOverhead + header->length;
    std::ranges::copy(hash, bytes.begin() + static_cast<std::ptrdiff_t>(at - kFrameHashSize));
    if (header->last_of_batch) batch = at;
  }
}

// What was opened can be read whole, and is what its root says.
void check_opened(Disk& disk) {
  const auto journal = Journal::open(disk, "j");
  if (!journal) return;
  Frontier frontier;
  std::vector<PayloadPosition> payloads;
  const Status read = (*journal)->for_each(0, [&](const EntryView& view) -> Status {
    check(view.index == frontier.size() && !view.entry.empty());
    frontier.append(leaf_hash(view.entry));
    if (view.payload) payloads.push_back(*view.payload);
    return {};
  });
  check(read && frontier.head() == (*journal)->durable_head());
  for (const PayloadPosition& payload : payloads) {
    const auto contents = (*journal)->read_payload(payload);
    check(contents || contents.error().code == ErrorCode::kNotFound);
  }
  for (std::uint64_t i = 0; i < frontier.size(); i += 7)
    check((*journal)->read(i).has_value());
  check((*journal)->append(as_bytes("one more")) && (*journal)->commit());
}

}  // namespace
}  // namespace bulkhead::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  using namespace bulkhead::journal;
  if (size == 0) return 0;
  Bytes segment(data + 1, data + size);
  if ((data[0] & 1) != 0) repair_header(segment);
  if ((data[0] & 2) != 0) repair_frames(segment);
  fuzz::MemoryDisk disk;
  disk.put("j/" + segment_name(0), segment);
  const auto before = verify(disk, "j", CheckpointKey{"fuzz", {}});
  check_opened(disk);
  const auto after = verify(disk, "j", CheckpointKey{"fuzz", {}});
  // Opening cuts what was torn and loses nothing that verified.
  if (before)
    fuzz::check(after && after->head.size == before->head.size + 1 && after->torn_bytes == 0);
  return 0;
}
