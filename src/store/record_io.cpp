#include "store/record_io.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::store {
namespace {

constexpr std::size_t kBatchSize = 512 * 1024;
constexpr std::size_t kCiphersKept = 4;

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("stored contents are damaged: {}", what));
}

}  // namespace

RecordWriter::RecordWriter(std::shared_ptr<DiskFile> file, std::uint64_t end,
                           const BlobHeader& header, std::uint64_t writeback_bytes)
    : file_(std::move(file)),
      written_(end),
      header_(header),
      used_(end == 0 ? kBlobHeaderSize : 0),
      writeback_bytes_(writeback_bytes),
      writeback_from_(end) {}

void RecordWriter::make_buffer() {
  if (!buffer_.empty()) return;
  buffer_.resize(kBatchSize);
  if (written_ == 0) std::ranges::copy(encode(header_), buffer_.begin());
}

Result<RecordWriter::Slot> RecordWriter::reserve(std::size_t size) {
  BH_ASSERT(size <= kBatchSize);
  make_buffer();
  if (used_ + size > buffer_.size()) BH_CHECK(flush());
  const Slot slot{end(), MutableByteView(buffer_).subspan(used_, size)};
  used_ += size;
  return slot;
}

Result<NodeRef> RecordWriter::append_node(unsigned part, unsigned level, std::uint64_t node,
                                          ByteView body) {
  BH_TRY(const Slot slot, reserve(kRecordOverhead + body.size()));
  RecordHeader header{RecordKind::kMapNode, node, static_cast<std::uint32_t>(body.size()), {}};
  header.nonce[0] = static_cast<Byte>(level);
  encode_to(slot.bytes.data(), header);
  std::ranges::copy(body, slot.bytes.begin() + kRecordHeaderSize);
  NodeRef ref{slot.offset, header.length, static_cast<std::uint8_t>(part), digest_of(body)};
  std::ranges::copy(ByteView(ref.digest).first(kRecordTrailerSize),
                    slot.bytes.end() - kRecordTrailerSize);
  return ref;
}

Status RecordWriter::append_truncation(std::uint64_t size) {
  BH_TRY(const Slot slot, reserve(kRecordOverhead));
  std::ranges::fill(slot.bytes, Byte{0});
  encode_to(slot.bytes.data(), {RecordKind::kTruncation, size, 0, {}});
  return {};
}

Status RecordWriter::flush() {
  if (used_ == 0) return {};
  make_buffer();
  BH_CHECK(file_->write_at(ByteView(buffer_).first(used_), written_));
  written_ += used_;
  used_ = 0;
  if (written_ - writeback_from_ >= writeback_bytes_) {
    file_->start_writeback(writeback_from_, written_ - writeback_from_);
    writeback_from_ = written_;
  }
  return {};
}

Result<crypto::Aes256Gcm*> CipherCache::get(std::uint64_t extent) {
  const auto found = std::ranges::find(entries_, extent, &Entry::extent);
  if (found != entries_.end()) {
    std::rotate(entries_.begin(), found, found + 1);
    return &entries_.front().cipher;
  }
  BH_TRY(const crypto::AeadKey* key, keys_.get(extent));
  if (entries_.size() == kCiphersKept) entries_.pop_back();
  entries_.insert(entries_.begin(), Entry{extent, crypto::Aes256Gcm(*key)});
  return &entries_.front().cipher;
}

Status read_segment(const DiskFile& file, const SegmentRef& ref, std::uint64_t segment,
                    const Lineage& lineage, crypto::Aes256Gcm& cipher, MutableByteView out) {
  BH_ASSERT(out.size() == ref.length);
  Byte head[kRecordHeaderSize];
  crypto::AeadTag tag;
  const MutableByteView buffers[] = {head, out, tag};
  BH_TRY(const std::size_t got, file.read_scattered_at(buffers, ref.offset));
  const auto header = decode_record_header(head);
  if (got != kRecordOverhead + ref.length || !header || header->kind != RecordKind::kSegment ||
      header->index != segment || header->length != ref.length || tag != ref.tag) {
    return damaged("a segment is not where the map says");
  }
  const auto associated = segment_associated_data(lineage, segment, ref.length);
  if (!cipher.open(header->nonce, associated, out, ref.tag, out))
    return damaged("a segment does not verify");
  return {};
}

Result<Bytes> read_node(const DiskFile& file, const NodeRef& ref, unsigned level,
                        std::uint64_t node) {
  if (ref.length > kMaxNodeSize) return damaged("a node of the map is too long");
  Byte head[kRecordHeaderSize];
  Bytes body(ref.length);
  ByteArray<kRecordTrailerSize> trailer;
  const MutableByteView buffers[] = {head, body, trailer};
  BH_TRY(const std::size_t got, file.read_scattered_at(buffers, ref.offset));
  const auto header = decode_record_header(head);
  if (got != kRecordOverhead + ref.length || !header || header->kind != RecordKind::kMapNode ||
      header->index != node || header->length != ref.length || header->nonce[0] != level) {
    return damaged("a node of the map is not where it should be");
  }
  if (!equal(trailer, ByteView(digest_of(body)).first(kRecordTrailerSize))) {
    return damaged("a node of the map does not match its digest");
  }
  return body;
}

crypto::Sha256 digest_of(ByteView node_body) {
  return crypto::sha256(node_body);
}

Result<BlobHeader> read_blob_header(const DiskFile& file, const Lineage& lineage) {
  ByteArray<kBlobHeaderSize> bytes;
  BH_CHECK(read_exactly_at(file, bytes, 0, "a part of stored contents"));
  auto header = decode_blob_header(bytes);
  if (!header && header.error().code == ErrorCode::kNewerFormat) return header;
  if (!header) return damaged(header.error().message);
  if (header->lineage != lineage) return damaged("a part belongs to other contents");
  return header;
}

}  // namespace bulkhead::store
