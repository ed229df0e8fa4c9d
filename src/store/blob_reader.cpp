#include "store/blob_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <list>

#include "store/map_nodes.h"

namespace bulkhead::store {
namespace {

constexpr std::size_t kExtentTablesKept = 4;
constexpr unsigned kSequentialAfter = 4;  // segments

struct CachedTable {
  std::uint64_t extent;
  ExtentTable table;
};

}  // namespace

struct BlobReader::State {
  State(StoredVersion its_version, ExtentKeySource& keys)
      : version(std::move(its_version)), ciphers(keys) {}

  StoredVersion version;
  CipherCache ciphers;
  std::optional<MapReader> map;                        // kMapped
  std::optional<crypto::SecretBytes> inline_contents;  // kInline, once opened
  std::list<CachedTable> tables;                       // most recently used first
  Bytes segment_bytes;                                 // plaintext of the segment read last in part
  std::uint64_t segment_cached = ~std::uint64_t{0};
  std::uint64_t next_segment = 0;
  unsigned sequential = 0;

  Result<SegmentRef> ref_of(std::uint64_t segment);
  Status read_whole(std::uint64_t segment, const SegmentRef& ref, MutableByteView out);
  Status read_part(std::uint64_t segment, std::size_t begin, MutableByteView out);
  Status read_inline(std::uint64_t offset, MutableByteView out);
  void notice_access(std::uint64_t segment, const SegmentRef& ref);
};

BlobReader::BlobReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobReader::BlobReader(BlobReader&&) noexcept = default;
BlobReader& BlobReader::operator=(BlobReader&&) noexcept = default;
BlobReader::~BlobReader() {
  if (state_) crypto::wipe(state_->segment_bytes);
}

Result<BlobReader> BlobReader::open(StoredVersion version, ExtentKeySource& keys) {
  auto state = std::make_unique<State>(std::move(version), keys);
  const VersionDescription& d = state->version.description;
  if (d.kind == ContentKind::kMapped) {
    BH_TRY(state->map, MapReader::open(state->version));
  } else if (d.kind == ContentKind::kInline &&
             state->version.inline_box.size() != d.size + crypto::kBoxOverhead) {
    return fail(ErrorCode::kCorrupt,
                "stored contents are damaged: the inline box has another size");
  }
  return BlobReader(std::move(state));
}

const StoredVersion& BlobReader::version() const {
  return state_->version;
}

std::uint64_t BlobReader::size() const {
  return state_->version.description.size;
}

Result<SegmentRef> BlobReader::State::ref_of(std::uint64_t segment) {
  const std::uint64_t extent = segment / kSegmentsPerExtent;
  const auto found = std::ranges::find(tables, extent, &CachedTable::extent);
  if (found != tables.end()) {
    tables.splice(tables.begin(), tables, found);
  } else {
    auto table = std::make_unique<ExtentTable>();
    BH_CHECK(map->load_extent(extent, *table));
    if (tables.size() == kExtentTablesKept) tables.pop_back();
    tables.push_front({extent, *table});
  }
  return tables.front().table[segment % kSegmentsPerExtent];
}

// Tells kernel and key source what comes next when the reading goes forward.
void BlobReader::State::notice_access(std::uint64_t segment, const SegmentRef& ref) {
  if (segment == next_segment) {
    if (++sequential == kSequentialAfter && ref.present())
      version.parts[ref.part]->expect_sequential_reads();
    const std::uint64_t following = segment / kSegmentsPerExtent + 1;
    if (segment % kSegmentsPerExtent == kSegmentsPerExtent / 2 &&
        following * kExtentSize < version.description.size) {
      ciphers.keys().expect(following);
    }
  } else if (segment + 1 != next_segment) {
    sequential = 0;
  }
  next_segment = segment + 1;
}

// `out` starts where the segment starts and has room for what is stored of it.
Status BlobReader::State::read_whole(std::uint64_t segment, const SegmentRef& ref,
                                     MutableByteView out) {
  if (ref.present()) {
    BH_TRY(crypto::Aes256Gcm* const cipher, ciphers.get(segment / kSegmentsPerExtent));
    BH_CHECK(read_segment(*version.parts[ref.part], ref, segment, version.lineage, *cipher,
                          out.first(ref.length)));
  }
  if (ref.length < out.size()) std::memset(out.data() + ref.length, 0, out.size() - ref.length);
  return {};
}

Status BlobReader::State::read_part(std::uint64_t segment, std::size_t begin, MutableByteView out) {
  if (segment_cached == segment) {
    std::memcpy(out.data(), segment_bytes.data() + begin, out.size());
    return {};
  }
  BH_TRY(const SegmentRef ref, ref_of(segment));
  notice_access(segment, ref);
  if (begin == 0 && out.size() >= ref.length) return read_whole(segment, ref, out);
  segment_cached = ~std::uint64_t{0};
  segment_bytes.resize(kSegmentSize);
  BH_CHECK(read_whole(segment, ref, segment_bytes));
  segment_cached = segment;
  std::memcpy(out.data(), segment_bytes.data() + begin, out.size());
  return {};
}

Status BlobReader::State::read_inline(std::uint64_t offset, MutableByteView out) {
  if (!inline_contents) {
    BH_TRY(const crypto::AeadKey* const key, ciphers.keys().get(0));
    const auto size = static_cast<std::uint32_t>(version.description.size);
    auto opened =
        crypto::open_box(*key, inline_associated_data(version.lineage, size), version.inline_box);
    if (!opened)
      return fail(ErrorCode::kCorrupt,
                  "stored contents are damaged: the inline box does not verify");
    inline_contents = std::move(*opened);
  }
  std::ranges::copy(inline_contents->view().subspan(offset, out.size()), out.begin());
  return {};
}

Result<std::size_t> BlobReader::read(std::uint64_t offset, MutableByteView out) {
  const std::uint64_t end = size();
  if (offset >= end) return 0;
  out = out.first(std::min<std::uint64_t>(out.size(), end - offset));
  if (!state_->map) {
    BH_CHECK(state_->read_inline(offset, out));
    return out.size();
  }
  for (std::size_t done = 0; done < out.size();) {
    const std::uint64_t at = offset + done;
    const std::size_t begin = at % kSegmentSize;
    const std::size_t count = std::min<std::size_t>(kSegmentSize - begin, out.size() - done);
    BH_CHECK(state_->read_part(at / kSegmentSize, begin, out.subspan(done, count)));
    done += count;
  }
  return out.size();
}

Status BlobReader::verify_all() {
  Bytes buffer(kSegmentSize);
  for (std::uint64_t at = 0; at < size(); at += kSegmentSize)
    BH_CHECK(read(at, buffer));
  crypto::wipe(buffer);
  return {};
}

}  // namespace bulkhead::store
