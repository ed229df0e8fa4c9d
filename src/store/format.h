// The bytes of a blob file: header, records, map nodes. docs/formats/blob.md has the tables.
// Everything that is parsed here was written by an edge and is hostile input.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/aead.h"
#include "crypto/digest.h"

namespace bulkhead::store {

constexpr std::uint32_t kSegmentSize = 64 * 1024;  // of plaintext, sealed on its own
constexpr std::uint32_t kSegmentsPerExtent = 1024;
constexpr std::uint64_t kExtentSize =
    std::uint64_t{kSegmentSize} * kSegmentsPerExtent;  // 64 MiB under one key
constexpr unsigned kMapFanOut = 1024;
constexpr unsigned kMaxMapLevel = 2;
constexpr std::uint64_t kMaxFileSize = kExtentSize * kMapFanOut * kMapFanOut;  // 64 TiB
constexpr std::uint32_t kMaxInlineSize = 64 * 1024;  // contents up to here need no blob
constexpr unsigned kMaxParts = 32;
constexpr unsigned kPartsBeforeCompaction = 8;

using Lineage = ByteArray<16>;  // random; one file key each
using BlobId = ByteArray<16>;   // random; also the file's name

// --- Header: the first 64 bytes of a blob file
// -----------------------------------------------------------------------

constexpr std::size_t kBlobHeaderSize = 64;
constexpr std::uint32_t kBlobFormat = 1;

struct BlobHeader {
  BlobId blob{};
  Lineage lineage{};
};
ByteArray<kBlobHeaderSize> encode(const BlobHeader& header);
Result<BlobHeader> decode_blob_header(ByteView bytes);  // kMalformed, kNewerFormat

// --- Records: everything after the header
// ----------------------------------------------------------------------------

enum class RecordKind : std::uint32_t {
  kSegment = 0x47534842,     // "BHSG": ciphertext of one segment
  kTruncation = 0x52544842,  // "BHTR": from here on the contents end at byte `index`
  kMapNode = 0x4e4d4842,     // "BHMN"
};
constexpr std::size_t kRecordHeaderSize = 28;
constexpr std::size_t kRecordTrailerSize = 16;
constexpr std::size_t kRecordOverhead = kRecordHeaderSize + kRecordTrailerSize;
constexpr std::size_t kMaxRecordBody = kSegmentSize;

struct RecordHeader {
  RecordKind kind = RecordKind::kSegment;
  std::uint64_t index = 0;   // of the segment; of the node in its level; the size, for a truncation
  std::uint32_t length = 0;  // of the body
  crypto::AeadNonce nonce{};  // a map node keeps its level in the first byte
};
void encode_to(Byte* at, const RecordHeader& header);  // kRecordHeaderSize bytes
// Nothing unless it is a well-formed header within all bounds of the format.
std::optional<RecordHeader> decode_record_header(ByteView bytes);

// Associated data of a segment's AES-256-GCM.
ByteArray<28> segment_associated_data(const Lineage& lineage, std::uint64_t segment,
                                      std::uint32_t length);
// Of inline contents.
ByteArray<38> inline_associated_data(const Lineage& lineage, std::uint32_t length);

// --- Map: which record holds which segment
// ---------------------------------------------------------------------------

// length 0: a hole, reads as zeros. Shorter than kSegmentSize: the rest of the segment reads as
// zeros.
struct SegmentRef {
  std::uint64_t offset = 0;  // of the record in its part
  std::uint32_t length = 0;  // of plaintext
  std::uint8_t part = 0;
  crypto::AeadTag tag{};
  bool present() const { return length != 0; }
  friend bool operator==(const SegmentRef&, const SegmentRef&) = default;
};

// Where a map node is and what it must hash to.
struct NodeRef {
  std::uint64_t offset = 0;  // of the record in its part
  std::uint32_t length = 0;  // of the node
  std::uint8_t part = 0;
  crypto::Sha256 digest{};
  bool present() const { return length != 0; }
  friend bool operator==(const NodeRef&, const NodeRef&) = default;
};

using ExtentTable = std::array<SegmentRef, kSegmentsPerExtent>;  // a node of level 0
using NodeTable = std::array<NodeRef, kMapFanOut>;  // of level 1 (64 GiB) and 2 (64 TiB)

constexpr std::size_t kNodeHeaderSize = 40;
constexpr std::size_t kSegmentEntrySize = 32;
constexpr std::size_t kNodeEntrySize = 48;
constexpr std::size_t kMaxNodeSize = kNodeHeaderSize + kMapFanOut * kNodeEntrySize;

// Body of a map node record. `node` counts within its level.
Bytes encode_extent_table(const Lineage& lineage, std::uint64_t node, const ExtentTable& table);
Bytes encode_node_table(const Lineage& lineage, unsigned level, std::uint64_t node,
                        const NodeTable& table);
// `parts` bounds the part numbers. kCorrupt.
Status decode_extent_table(ByteView body, const Lineage& lineage, std::uint64_t node,
                           unsigned parts, ExtentTable& table);
Status decode_node_table(ByteView body, const Lineage& lineage, unsigned level, std::uint64_t node,
                         unsigned parts, NodeTable& table);

// The lowest level whose one node spans `size` bytes.
unsigned map_level_for(std::uint64_t size);

}  // namespace bulkhead::store
