#include "store/blob_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/map_builder.h"
#include "store/segment_cache.h"
#include "store/staging_scan.h"

namespace bulkhead::store {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b != 0);
}

}  // namespace

struct BlobWriter::State {
  State(const Lineage& its_lineage, StagingPart its_staging, std::uint64_t end,
        ExtentKeySource& keys, crypto::Random& its_random, WriterOptions its_options)
      : lineage(its_lineage),
        staging(std::move(its_staging)),
        ciphers(keys),
        random(its_random),
        options(its_options),
        records(staging.file, end, {staging.blob, lineage}, options.writeback_bytes),
        map(lineage, staging.number, records) {}

  Lineage lineage;
  StagingPart staging;
  CipherCache ciphers;
  crypto::Random& random;
  WriterOptions options;
  RecordWriter records;
  MapBuilder map;
  SegmentCache cache;
  std::optional<StoredVersion> base;
  std::uint64_t size = 0;
  bool changed = false;
  bool finished = false;
  std::optional<Error> failed;
  crypto::Hasher hasher;
  std::optional<std::uint64_t> hashed;  // so many bytes, in order; nothing once that is broken

  Status usable() const;
  Status sticky(Status status);

  const DiskFile& part(unsigned number) const {
    return number == staging.number ? *staging.file : *base->parts[number];
  }
  Status write_in_segment(std::uint64_t segment, std::size_t begin, ByteView bytes);
  Status read_in_segment(std::uint64_t segment, std::size_t begin, MutableByteView out);
  Status seal(std::uint64_t segment, ByteView plaintext);
  Status seal_buffer(SegmentBuffer& buffer);
  Status seal_all();
  Status read_stored(std::uint64_t segment, const SegmentRef& ref, MutableByteView out);
  // `overwritten`: so many bytes from the start of the segment will be overwritten, what is stored
  // of them is not needed.
  Result<SegmentBuffer*> buffer_for(std::uint64_t segment, std::size_t overwritten);
  Status cut(std::uint64_t new_size);
  Status take_base(StoredVersion version);
  Status replay(const ScannedRecord& record);
  Result<FinishedVersion> finish_inline();
  Result<FinishedVersion> finish_mapped();
  void hash(std::uint64_t offset, ByteView bytes);
  static Result<std::unique_ptr<State>> make(const Lineage& lineage, StagingPart staging,
                                             std::uint64_t end, ExtentKeySource& keys,
                                             crypto::Random& random, WriterOptions options);
};

BlobWriter::BlobWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() = default;

// --- Beginning
// -------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<BlobWriter::State>> BlobWriter::State::make(
    const Lineage& lineage, StagingPart staging, std::uint64_t end, ExtentKeySource& keys,
    crypto::Random& random, WriterOptions options) {
  if (staging.number >= kMaxParts) {
    return fail(
        ErrorCode::kLimitExceeded,
        fmt::format(
            "the file consists of {} parts already: it must be compacted before it can be changed",
            kMaxParts));
  }
  auto state = std::make_unique<State>(lineage, std::move(staging), end, keys, random, options);
  if (options.hash_plaintext) state->hashed = 0;
  return state;
}

Result<BlobWriter> BlobWriter::create(const Lineage& lineage, StagingPart staging,
                                      ExtentKeySource& keys, crypto::Random& random,
                                      WriterOptions options) {
  BH_TRY(auto state, State::make(lineage, std::move(staging), 0, keys, random, options));
  state->changed = true;
  return BlobWriter(std::move(state));
}

Status BlobWriter::State::take_base(StoredVersion version) {
  if (version.lineage != lineage)
    return fail(ErrorCode::kInvalidArgument, "the base is of another lineage");
  size = version.description.size;
  hashed.reset();
  base = std::move(version);
  if (base->description.kind == ContentKind::kMapped) {
    BH_TRY(MapReader reader, MapReader::open(*base));
    map.set_base(std::move(reader), base->description.live_bytes);
  } else if (base->description.kind == ContentKind::kInline) {
    BH_TRY(BlobReader reader, BlobReader::open(*base, ciphers.keys()));
    SegmentBuffer& buffer = cache.add(0);
    BH_TRY(const std::size_t got, reader.read(0, MutableByteView(buffer.bytes).first(size)));
    buffer.length = static_cast<std::uint32_t>(got);
    buffer.dirty = true;
  }
  return {};
}

Result<BlobWriter> BlobWriter::on_base(StoredVersion base, StagingPart staging,
                                       ExtentKeySource& keys, crypto::Random& random,
                                       WriterOptions options) {
  if (staging.number != base.description.parts) {
    return fail(ErrorCode::kInvalidArgument, "the staged part must follow the parts of the base");
  }
  BH_TRY(auto state, State::make(base.lineage, std::move(staging), 0, keys, random, options));
  BH_CHECK(state->take_base(std::move(base)));
  return BlobWriter(std::move(state));
}

Result<BlobWriter> BlobWriter::resume_parked(StoredVersion parked, StagingPart staging,
                                             ExtentKeySource& keys, crypto::Random& random,
                                             WriterOptions options) {
  const VersionDescription& d = parked.description;
  if (d.kind != ContentKind::kMapped || d.parts != staging.number + 1 ||
      d.root_node.part != staging.number) {
    return fail(ErrorCode::kInvalidArgument,
                "the staged part must be the last one of what was parked");
  }
  // park() writes the root last: what lies behind it was torn.
  const std::uint64_t end = d.root_node.offset + kRecordOverhead + d.root_node.length;
  BH_TRY(auto state, State::make(parked.lineage, std::move(staging), end, keys, random, options));
  BH_CHECK(state->take_base(std::move(parked)));
  if (state->map.base()->blobs().back() != state->staging.blob) {
    return fail(ErrorCode::kCorrupt, "the staged part is not the one that was parked");
  }
  BH_CHECK(state->staging.file->truncate(end));
  state->changed = true;
  return BlobWriter(std::move(state));
}

Status BlobWriter::State::replay(const ScannedRecord& record) {
  if (record.header.kind == RecordKind::kTruncation) return cut(record.header.index);
  if (record.header.kind != RecordKind::kSegment) return {};
  cache.drop(record.header.index);
  const SegmentRef ref{record.offset, record.header.length,
                       static_cast<std::uint8_t>(staging.number), record.tag};
  BH_CHECK(map.set(record.header.index, ref));
  size = std::max(size, record.header.index * kSegmentSize + record.header.length);
  return {};
}

Result<BlobWriter> BlobWriter::resume_scanned(const Lineage& lineage,
                                              std::optional<StoredVersion> base,
                                              StagingPart staging, ScanDepth depth,
                                              ExtentKeySource& keys, crypto::Random& random,
                                              WriterOptions options) {
  BH_TRY(const std::uint64_t file_size, staging.file->size());
  std::uint64_t end = 0;
  std::vector<ScannedRecord> truncations;
  Bytes scratch(kSegmentSize);
  CipherCache ciphers(keys);
  const auto counts = [&](const ScannedRecord& record) -> Result<bool> {
    if (record.header.kind != RecordKind::kSegment || depth == ScanDepth::kHeaders) return true;
    BH_TRY(crypto::Aes256Gcm* const cipher, ciphers.get(record.header.index / kSegmentsPerExtent));
    const SegmentRef ref{record.offset, record.header.length, 0, record.tag};
    const Status read = read_segment(*staging.file, ref, record.header.index, lineage, *cipher,
                                     MutableByteView(scratch).first(ref.length));
    if (!read && read.error().code != ErrorCode::kCorrupt) return fail(read.error());
    return read.has_value();
  };
  // Twice over the headers: what is rebuilt may have to be written behind what counts, so the end
  // comes first.
  if (file_size >= kBlobHeaderSize) {
    const auto header = read_blob_header(*staging.file, lineage);
    if (!header && header.error().code != ErrorCode::kCorrupt) return fail(header.error());
    if (header && header->blob == staging.blob) {
      BH_TRY(end, scan_records(*staging.file, counts));
    }
  }
  crypto::wipe(scratch);
  if (end < file_size) BH_CHECK(staging.file->truncate(end));
  BH_TRY(auto state, State::make(lineage, std::move(staging), end, keys, random, options));
  state->hashed.reset();
  if (base) BH_CHECK(state->take_base(std::move(*base)));
  state->changed = true;
  const auto visit = [&](const ScannedRecord& record) -> Result<bool> {
    if (record.offset >= end) return false;
    BH_CHECK(state->replay(record));
    return true;
  };
  if (end > kBlobHeaderSize) BH_CHECK(scan_records(*state->staging.file, visit));
  BH_CHECK(state->seal_all());
  BH_TRY(const std::uint64_t gap, state->map.first_gap(state->size));
  BH_TRY(const SegmentRef last, state->map.get(gap));
  const std::uint64_t contiguous = std::min(state->size, gap * kSegmentSize + last.length);
  BlobWriter writer(std::move(state));
  if (contiguous < writer.size()) BH_CHECK(writer.truncate(contiguous));
  return writer;
}

// --- Segments
// --------------------------------------------------------------------------------------------------------

Status BlobWriter::State::usable() const {
  if (failed) return fail(*failed);
  if (finished) return fail(ErrorCode::kInvalidArgument, "the version was finished already");
  return {};
}

Status BlobWriter::State::sticky(Status status) {
  if (!status && !failed) failed = status.error();
  return status;
}

Status BlobWriter::State::seal(std::uint64_t segment, ByteView plaintext) {
  BH_TRY(crypto::Aes256Gcm* const cipher, ciphers.get(segment / kSegmentsPerExtent));
  if (segment % kSegmentsPerExtent == kSegmentsPerExtent / 2)
    ciphers.keys().expect(segment / kSegmentsPerExtent + 1);
  const auto length = static_cast<std::uint32_t>(plaintext.size());
  BH_TRY(const RecordWriter::Slot slot, records.reserve(kRecordOverhead + length));
  RecordHeader header{RecordKind::kSegment, segment, length,
                      random.array<crypto::kAeadNonceSize>()};
  encode_to(slot.bytes.data(), header);
  SegmentRef ref{slot.offset, length, static_cast<std::uint8_t>(staging.number), {}};
  const auto associated = segment_associated_data(lineage, segment, length);
  cipher->seal(header.nonce, associated, plaintext, slot.bytes.subspan(kRecordHeaderSize, length),
               ref.tag);
  std::ranges::copy(ref.tag, slot.bytes.end() - kRecordTrailerSize);
  return map.set(segment, ref);
}

Status BlobWriter::State::seal_buffer(SegmentBuffer& buffer) {
  if (!buffer.dirty) return {};
  buffer.dirty = false;
  return seal(buffer.segment, ByteView(buffer.bytes).first(buffer.length));
}

Status BlobWriter::State::seal_all() {
  for (SegmentBuffer& buffer : cache.all()) {
    if (buffer.length > 0) {
      BH_CHECK(seal_buffer(buffer));
    }
  }
  return {};
}

Status BlobWriter::State::read_stored(std::uint64_t segment, const SegmentRef& ref,
                                      MutableByteView out) {
  BH_TRY(crypto::Aes256Gcm* const cipher, ciphers.get(segment / kSegmentsPerExtent));
  const bool buffered =
      ref.part == staging.number && ref.offset + kRecordOverhead + ref.length > records.written();
  if (buffered) BH_CHECK(records.flush());
  return read_segment(part(ref.part), ref, segment, lineage, *cipher, out);
}

Result<SegmentBuffer*> BlobWriter::State::buffer_for(std::uint64_t segment,
                                                     std::size_t overwritten) {
  if (SegmentBuffer* const buffer = cache.find(segment)) return buffer;
  if (SegmentBuffer* const victim = cache.victim()) BH_CHECK(seal_buffer(*victim));
  BH_TRY(const SegmentRef ref, map.get(segment));
  SegmentBuffer& buffer = cache.add(segment);
  if (ref.length > overwritten) {
    BH_CHECK(read_stored(segment, ref, MutableByteView(buffer.bytes).first(ref.length)));
    buffer.length = ref.length;
  }
  return &buffer;
}

Status BlobWriter::State::write_in_segment(std::uint64_t segment, std::size_t begin,
                                           ByteView bytes) {
  // Segment 0 always goes through a buffer: the contents may still turn out small enough to travel
  // inline.
  if (bytes.size() == kSegmentSize && segment != 0) {
    cache.drop(segment);
    return seal(segment, bytes);
  }
  BH_TRY(SegmentBuffer* const buffer, buffer_for(segment, begin == 0 ? bytes.size() : 0));
  buffer->put(begin, bytes);
  if (begin + bytes.size() < kSegmentSize) return {};
  // Whoever writes forward is done with this one now: its buffer, warm in the processor's cache,
  // serves the next one.
  BH_CHECK(seal_buffer(*buffer));
  if (segment != 0) cache.drop(segment);
  return {};
}

Status BlobWriter::State::read_in_segment(std::uint64_t segment, std::size_t begin,
                                          MutableByteView out) {
  const SegmentBuffer* buffer = cache.find(segment);
  if (buffer == nullptr) {
    BH_TRY(const SegmentRef ref, map.get(segment));
    if (!ref.present()) {
      std::ranges::fill(out, Byte{0});
      return {};
    }
    if (begin == 0 && out.size() >= ref.length) {
      std::ranges::fill(out.subspan(ref.length), Byte{0});
      return read_stored(segment, ref, out.first(ref.length));
    }
    BH_TRY(buffer, buffer_for(segment, 0));
  }
  buffer->get(begin, out);
  return {};
}

// Forgets what lies behind `new_size`.
Status BlobWriter::State::cut(std::uint64_t new_size) {
  if (new_size < size) {
    const std::uint64_t first_gone = ceil_div(new_size, kSegmentSize);
    const auto rest = static_cast<std::uint32_t>(new_size % kSegmentSize);
    cache.drop_from(first_gone);
    BH_CHECK(map.clear_from(first_gone));
    const SegmentBuffer* const cached = rest == 0 ? nullptr : cache.find(first_gone - 1);
    std::uint32_t length = cached == nullptr ? 0 : cached->length;
    if (rest != 0 && cached == nullptr) {
      BH_TRY(const SegmentRef ref, map.get(first_gone - 1));
      length = ref.length;
    }
    if (rest != 0 && length > rest) {
      BH_TRY(SegmentBuffer* const buffer, buffer_for(first_gone - 1, 0));
      buffer->length = rest;
      buffer->dirty = true;
    }
  }
  size = new_size;
  return {};
}

void BlobWriter::State::hash(std::uint64_t offset, ByteView bytes) {
  if (!hashed) return;
  if (offset != *hashed) return hashed.reset();
  hasher.update(bytes);
  *hashed += bytes.size();
}

// --- What the owner calls
// --------------------------------------------------------------------------------------------

std::uint64_t BlobWriter::size() const {
  return state_->size;
}

Status BlobWriter::write(std::uint64_t offset, ByteView bytes) {
  State& s = *state_;
  BH_CHECK(s.usable());
  if (offset > kMaxFileSize || bytes.size() > kMaxFileSize - offset) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("a file has at most {} bytes", kMaxFileSize));
  }
  if (bytes.empty()) return {};
  s.changed = true;
  s.hash(offset, bytes);
  while (!bytes.empty()) {
    const std::size_t begin = offset % kSegmentSize;
    const std::size_t count = std::min<std::size_t>(kSegmentSize - begin, bytes.size());
    BH_CHECK(s.sticky(s.write_in_segment(offset / kSegmentSize, begin, bytes.first(count))));
    offset += count;
    bytes = bytes.subspan(count);
  }
  s.size = std::max(s.size, offset);
  return {};
}

Status BlobWriter::truncate(std::uint64_t size) {
  State& s = *state_;
  BH_CHECK(s.usable());
  if (size > kMaxFileSize) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("a file has at most {} bytes", kMaxFileSize));
  }
  if (size == s.size) return {};
  s.changed = true;
  BH_CHECK(s.sticky(s.cut(size)));
  BH_CHECK(s.sticky(s.records.append_truncation(size)));
  if (s.hashed && *s.hashed != size) s.hashed.reset();
  if (size == 0 && s.options.hash_plaintext) {
    s.hasher = crypto::Hasher();
    s.hashed = 0;
  }
  return {};
}

Result<std::size_t> BlobWriter::read(std::uint64_t offset, MutableByteView out) {
  State& s = *state_;
  BH_CHECK(s.usable());
  if (offset >= s.size) return 0;
  out = out.first(std::min<std::uint64_t>(out.size(), s.size - offset));
  for (std::size_t done = 0; done < out.size();) {
    const std::uint64_t at = offset + done;
    const std::size_t begin = at % kSegmentSize;
    const std::size_t count = std::min<std::size_t>(kSegmentSize - begin, out.size() - done);
    BH_CHECK(s.sticky(s.read_in_segment(at / kSegmentSize, begin, out.subspan(done, count))));
    done += count;
  }
  return out.size();
}

Status BlobWriter::flush() {
  State& s = *state_;
  BH_CHECK(s.usable());
  BH_CHECK(s.sticky(s.seal_all()));
  return s.sticky(s.records.flush());
}

// --- Ending
// ----------------------------------------------------------------------------------------------------------

Result<FinishedVersion> BlobWriter::State::finish_inline() {
  FinishedVersion result;
  result.description.kind = size == 0 ? ContentKind::kEmpty : ContentKind::kInline;
  result.description.size = size;
  if (size == 0) return result;
  Bytes plaintext(size);
  BH_CHECK(read_in_segment(0, 0, plaintext));
  BH_TRY(const crypto::AeadKey* const key, ciphers.keys().get(0));
  result.inline_box = crypto::seal_box(
      *key, inline_associated_data(lineage, static_cast<std::uint32_t>(size)), plaintext, random);
  crypto::wipe(plaintext);
  return result;
}

Result<FinishedVersion> BlobWriter::State::finish_mapped() {
  BH_CHECK(seal_all());
  BH_TRY(const NodeRef root, map.finish(size));
  BH_CHECK(records.flush());
  std::vector<BlobId> blobs;
  if (map.base() != nullptr) blobs = map.base()->blobs();
  blobs.resize(staging.number);  // a parked base counts the staged part already
  blobs.push_back(staging.blob);

  FinishedVersion result;
  result.staging_used = true;
  VersionDescription& d = result.description;
  d.kind = ContentKind::kMapped;
  d.size = size;
  d.parts = static_cast<std::uint8_t>(blobs.size());
  d.level = static_cast<std::uint8_t>(map_level_for(size));
  d.live_bytes = map.live_bytes();
  d.root_node = root;
  d.root = version_root(lineage, size, d.level, blobs, root.digest);
  d.root_node.digest = {};  // in `root`
  return result;
}

Result<FinishedVersion> BlobWriter::finish() {
  State& s = *state_;
  BH_CHECK(s.usable());
  if (!s.changed) {
    s.finished = true;
    FinishedVersion unchanged;
    unchanged.description = s.base->description;
    unchanged.inline_box = s.base->inline_box;
    unchanged.changed = false;
    return unchanged;
  }
  auto result = s.size <= kMaxInlineSize ? s.finish_inline() : s.finish_mapped();
  if (!result) return fail(s.sticky(fail(result.error())).error());
  s.finished = true;
  if (s.hashed && *s.hashed == s.size) result->plaintext_sha256 = s.hasher.finish_sha256();
  return result;
}

Result<FinishedVersion> BlobWriter::park() {
  State& s = *state_;
  BH_CHECK(s.usable());
  auto result = s.finish_mapped();
  if (!result) return fail(s.sticky(fail(result.error())).error());
  s.finished = true;
  return result;
}

}  // namespace bulkhead::store
