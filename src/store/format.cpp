#include "store/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::store {
namespace {

constexpr std::string_view kBlobMagic = "BHBLOB\r\n";
constexpr std::string_view kNodeMagic = "BHMAPNOD";
constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 62;
constexpr std::string_view kInlineDomain = "bulkhead inline v1";

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](Byte b) { return b == 0; });
}

std::unexpected<Error> bad_node(std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("a map of stored contents is damaged: {}", what));
}

// Node header: magic 8, lineage 16, level 1, zero 1, entries 2, zero 4, node 8.
void put_node_header(Bytes& out, const Lineage& lineage, unsigned level, std::uint64_t node) {
  out.resize(kNodeHeaderSize);
  std::ranges::copy(as_bytes(kNodeMagic), out.begin());
  std::ranges::copy(lineage, out.begin() + 8);
  out[24] = static_cast<Byte>(level);
  store_le<std::uint64_t>(&out[32], node);
}

// The number of entries, or what does not fit.
Result<std::size_t> check_node_header(ByteView body, const Lineage& lineage, unsigned level,
                                      std::uint64_t node, std::size_t entry_size) {
  if (body.size() < kNodeHeaderSize || !equal(body.first(8), as_bytes(kNodeMagic)))
    return bad_node("not a node");
  if (!equal(body.subspan(8, 16), lineage)) return bad_node("it belongs to other contents");
  if (body[24] != level || load_le<std::uint64_t>(&body[32]) != node)
    return bad_node("another node was expected");
  const std::size_t count = load_le<std::uint16_t>(&body[26]);
  if (body[25] != 0 || !all_zero(body.subspan(28, 4)) || count > kMapFanOut ||
      body.size() != kNodeHeaderSize + count * entry_size) {
    return bad_node("its size does not fit");
  }
  return count;
}

// Slot 2, part 1, zero 1, length 4, offset 8: how entries of both kinds begin.
template <typename Ref>
void put_entry(Bytes& out, std::size_t slot, const Ref& ref, ByteView rest) {
  const std::size_t at = out.size();
  out.resize(at + 16 + rest.size());
  store_le<std::uint16_t>(&out[at], static_cast<std::uint16_t>(slot));
  out[at + 2] = ref.part;
  store_le<std::uint32_t>(&out[at + 4], ref.length);
  store_le<std::uint64_t>(&out[at + 8], ref.offset);
  std::ranges::copy(rest, &out[at + 16]);
}

template <typename Ref>
Status get_entry(ByteView entry, int& last_slot, unsigned parts, std::size_t max_length,
                 std::size_t& slot, Ref& ref) {
  slot = load_le<std::uint16_t>(&entry[0]);
  ref.part = entry[2];
  ref.length = load_le<std::uint32_t>(&entry[4]);
  const auto offset = load_le<std::uint64_t>(&entry[8]);
  ref.offset = offset;
  if (slot >= kMapFanOut || static_cast<int>(slot) <= last_slot)
    return bad_node("its entries are out of order");
  if (ref.part >= parts || entry[3] != 0) return bad_node("it names a part that there is not");
  if (ref.length == 0 || ref.length > max_length) return bad_node("a length does not fit");
  if (offset < kBlobHeaderSize || offset > kMaxOffset) return bad_node("an offset does not fit");
  last_slot = static_cast<int>(slot);
  return {};
}

void set_count(Bytes& out, std::size_t count) {
  store_le<std::uint16_t>(&out[26], static_cast<std::uint16_t>(count));
}

}  // namespace

ByteArray<kBlobHeaderSize> encode(const BlobHeader& header) {
  ByteArray<kBlobHeaderSize> bytes{};
  std::ranges::copy(as_bytes(kBlobMagic), bytes.begin());
  store_le<std::uint32_t>(&bytes[8], kBlobFormat);
  std::ranges::copy(header.blob, &bytes[16]);
  std::ranges::copy(header.lineage, &bytes[32]);
  return bytes;
}

Result<BlobHeader> decode_blob_header(ByteView bytes) {
  if (bytes.size() < kBlobHeaderSize || !equal(bytes.first(8), as_bytes(kBlobMagic))) {
    return fail(ErrorCode::kMalformed, "stored contents do not start with the header of a blob");
  }
  const auto format = load_le<std::uint32_t>(&bytes[8]);
  if (format > kBlobFormat && format < 0x10000) {
    return fail(ErrorCode::kNewerFormat,
                fmt::format("stored contents have format {}, this release reads up to {}: use "
                            "a newer release",
                            format, kBlobFormat));
  }
  if (format != kBlobFormat || !all_zero(bytes.subspan(12, 4)) ||
      !all_zero(bytes.subspan(48, 16))) {
    return fail(ErrorCode::kMalformed, "the header of stored contents is damaged");
  }
  BlobHeader header;
  std::ranges::copy(bytes.subspan(16, 16), header.blob.begin());
  std::ranges::copy(bytes.subspan(32, 16), header.lineage.begin());
  return header;
}

void encode_to(Byte* at, const RecordHeader& header) {
  store_le<std::uint32_t>(at, static_cast<std::uint32_t>(header.kind));
  store_le<std::uint64_t>(at + 4, header.index);
  store_le<std::uint32_t>(at + 12, header.length);
  std::ranges::copy(header.nonce, at + 16);
}

std::optional<RecordHeader> decode_record_header(ByteView bytes) {
  if (bytes.size() < kRecordHeaderSize) return std::nullopt;
  RecordHeader header;
  header.kind = static_cast<RecordKind>(load_le<std::uint32_t>(&bytes[0]));
  header.index = load_le<std::uint64_t>(&bytes[4]);
  header.length = load_le<std::uint32_t>(&bytes[12]);
  std::ranges::copy(bytes.subspan(16, header.nonce.size()), header.nonce.begin());
  switch (header.kind) {
    case RecordKind::kSegment:
      if (header.length == 0 || header.length > kSegmentSize ||
          header.index >= kMaxFileSize / kSegmentSize)
        break;
      return header;
    case RecordKind::kTruncation:
      if (header.length != 0 || header.index > kMaxFileSize || !all_zero(header.nonce)) break;
      return header;
    case RecordKind::kMapNode:
      if (header.length < kNodeHeaderSize || header.length > kMaxNodeSize ||
          header.nonce[0] > kMaxMapLevel)
        break;
      if (!all_zero(ByteView(header.nonce).subspan(1))) break;
      return header;
  }
  return std::nullopt;
}

ByteArray<28> segment_associated_data(const Lineage& lineage, std::uint64_t segment,
                                      std::uint32_t length) {
  ByteArray<28> bytes;
  std::ranges::copy(lineage, bytes.begin());
  store_le<std::uint64_t>(&bytes[16], segment);
  store_le<std::uint32_t>(&bytes[24], length);
  return bytes;
}

ByteArray<38> inline_associated_data(const Lineage& lineage, std::uint32_t length) {
  static_assert(kInlineDomain.size() == 18);
  ByteArray<38> bytes;
  std::ranges::copy(as_bytes(kInlineDomain), bytes.begin());
  std::ranges::copy(lineage, bytes.begin() + 18);
  store_le<std::uint32_t>(&bytes[34], length);
  return bytes;
}

Bytes encode_extent_table(const Lineage& lineage, std::uint64_t node, const ExtentTable& table) {
  Bytes out;
  out.reserve(kNodeHeaderSize + table.size() * kSegmentEntrySize);
  put_node_header(out, lineage, 0, node);
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < table.size(); ++slot) {
    if (!table[slot].present()) continue;
    put_entry(out, slot, table[slot], table[slot].tag);
    ++count;
  }
  set_count(out, count);
  return out;
}

Bytes encode_node_table(const Lineage& lineage, unsigned level, std::uint64_t node,
                        const NodeTable& table) {
  Bytes out;
  put_node_header(out, lineage, level, node);
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < table.size(); ++slot) {
    if (!table[slot].present()) continue;
    put_entry(out, slot, table[slot], table[slot].digest);
    ++count;
  }
  set_count(out, count);
  return out;
}

Status decode_extent_table(ByteView body, const Lineage& lineage, std::uint64_t node,
                           unsigned parts, ExtentTable& table) {
  BH_TRY(const std::size_t count, check_node_header(body, lineage, 0, node, kSegmentEntrySize));
  table.fill({});
  int last_slot = -1;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView entry = body.subspan(kNodeHeaderSize + i * kSegmentEntrySize, kSegmentEntrySize);
    SegmentRef ref;
    std::size_t slot = 0;
    BH_CHECK(get_entry(entry, last_slot, parts, kSegmentSize, slot, ref));
    std::ranges::copy(entry.subspan(16), ref.tag.begin());
    table[slot] = ref;
  }
  return {};
}

Status decode_node_table(ByteView body, const Lineage& lineage, unsigned level, std::uint64_t node,
                         unsigned parts, NodeTable& table) {
  BH_TRY(const std::size_t count, check_node_header(body, lineage, level, node, kNodeEntrySize));
  table.fill({});
  int last_slot = -1;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView entry = body.subspan(kNodeHeaderSize + i * kNodeEntrySize, kNodeEntrySize);
    NodeRef ref;
    std::size_t slot = 0;
    BH_CHECK(get_entry(entry, last_slot, parts, kMaxNodeSize, slot, ref));
    std::ranges::copy(entry.subspan(16), ref.digest.begin());
    table[slot] = ref;
  }
  return {};
}

unsigned map_level_for(std::uint64_t size) {
  unsigned level = 0;
  for (std::uint64_t span = kExtentSize; span < size; span *= kMapFanOut)
    ++level;
  return level;
}

}  // namespace bulkhead::store
