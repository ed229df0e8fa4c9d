#include "journal/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "journal/journal.h"

namespace bulkhead::journal {
namespace {

constexpr std::string_view kMagic = "BHJOURNL";
constexpr std::string_view kNamePrefix = "entries-";
constexpr std::size_t kNameDigits = 16;

}  // namespace

std::size_t segment_header_size(std::uint64_t first_index) {
  return kSegmentHeaderFixedSize + 32 * static_cast<std::size_t>(std::popcount(first_index));
}

Bytes encode(const SegmentHeader& header) {
  Bytes bytes(segment_header_size(header.first_index()));
  std::ranges::copy(as_bytes(kMagic), bytes.begin());
  store_le<std::uint32_t>(&bytes[8], kJournalFormat);
  store_le<std::uint32_t>(&bytes[12], static_cast<std::uint32_t>(header.before.hashes().size()));
  store_le<std::uint64_t>(&bytes[16], header.first_index());
  store_le<std::uint64_t>(&bytes[24], header.salt);
  std::size_t at = 32;
  for (const Hash& hash : header.before.hashes()) {
    std::ranges::copy(hash, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    at += hash.size();
  }
  const Hash check = crypto::sha256(ByteView(bytes).first(at));
  std::ranges::copy(check, bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

Result<SegmentHeader> decode_segment_header(ByteView bytes) {
  const auto malformed = [](std::string_view what) {
    return fail(ErrorCode::kMalformed,
                fmt::format("not the header of a journal segment: {}", what));
  };
  if (bytes.size() < kSegmentHeaderFixedSize) return malformed("it is too short");
  if (!equal(bytes.first(kMagic.size()), as_bytes(kMagic)))
    return malformed("it does not start with BHJOURNL");
  const auto format = load_le<std::uint32_t>(&bytes[8]);
  if (format > kJournalFormat && format < 0x10000) {
    return fail(ErrorCode::kNewerFormat,
                fmt::format("it has format {}, this release reads up to {}: use the release that "
                            "wrote it, or a newer one",
                            format, kJournalFormat));
  }
  if (format != kJournalFormat) return malformed("its format number is damaged");
  const auto count = load_le<std::uint32_t>(&bytes[12]);
  const auto first = load_le<std::uint64_t>(&bytes[16]);
  if (count != static_cast<std::uint32_t>(std::popcount(first)))
    return malformed("its hashes do not fit its index");
  const std::size_t hashes_end = 32 + std::size_t{count} * 32;
  if (bytes.size() < hashes_end + 32) return malformed("it is too short");
  if (!equal(crypto::sha256(bytes.first(hashes_end)), bytes.subspan(hashes_end, 32))) {
    return malformed("its bytes do not match its hash");
  }
  std::vector<Hash> hashes(count);
  for (std::size_t i = 0; i < count; ++i)
    std::ranges::copy(bytes.subspan(32 + 32 * i, 32), hashes[i].begin());
  return SegmentHeader{*Frontier::from(first, std::move(hashes)),
                       load_le<std::uint64_t>(&bytes[24])};
}

std::string segment_name(std::uint64_t first_index) {
  return fmt::format("{}{:016x}", kNamePrefix, first_index);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (!name.starts_with(kNamePrefix) || name.size() != kNamePrefix.size() + kNameDigits)
    return std::nullopt;
  name.remove_prefix(kNamePrefix.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, 16);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return value;
}

void encode_to(Byte* at, const FrameHeader& header) {
  store_le<std::uint32_t>(at, header.length);
  at[kFrameKindOffset] = static_cast<Byte>(header.kind);
  at[kFrameFlagsOffset] = static_cast<Byte>((header.last_of_batch ? kLastOfBatchFlag : 0) |
                                            (header.after_unsynced ? kAfterUnsyncedFlag : 0));
  store_le<std::uint16_t>(at + 6, 0);
  store_le<std::uint64_t>(at + 8, header.mark);
}

std::optional<FrameHeader> decode_frame_header(ByteView bytes) {
  if (bytes.size() < kFrameHeaderSize) return std::nullopt;
  FrameHeader header;
  header.length = load_le<std::uint32_t>(&bytes[0]);
  const Byte kind = bytes[kFrameKindOffset];
  const Byte flags = bytes[kFrameFlagsOffset];
  if (kind != 1 && kind != 2 && kind != 4) return std::nullopt;
  if ((flags & ~(kLastOfBatchFlag | kAfterUnsyncedFlag)) != 0 ||
      load_le<std::uint16_t>(&bytes[6]) != 0)
    return std::nullopt;
  header.kind = static_cast<FrameKind>(kind);
  header.last_of_batch = (flags & kLastOfBatchFlag) != 0;
  header.after_unsynced = (flags & kAfterUnsyncedFlag) != 0;
  header.mark = load_le<std::uint64_t>(&bytes[8]);
  const std::size_t limit = header.kind == FrameKind::kEntry ? kMaxEntrySize : kMaxPayloadSize;
  if (header.length == 0 || header.length > limit) return std::nullopt;
  return header;
}

void append_frame(Bytes& out, FrameKind kind, std::uint64_t mark, ByteView data, const Hash& hash) {
  const std::size_t at = out.size();
  out.resize(at + kFrameOverhead + data.size());
  encode_to(&out[at],
            {.length = static_cast<std::uint32_t>(data.size()), .kind = kind, .mark = mark});
  std::memcpy(&out[at + kFrameHeaderSize], data.data(), data.size());  // never empty
  std::memcpy(&out[at + kFrameHeaderSize + data.size()], hash.data(), hash.size());
}

bool hash_fits(FrameKind kind, ByteView data, const Hash& hash) {
  switch (kind) {
    case FrameKind::kEntry:
      return leaf_hash(data) == hash;
    case FrameKind::kPayload:
      return crypto::sha256(data) == hash;
    case FrameKind::kDroppedPayload:
      return true;
  }
  return false;
}

}  // namespace bulkhead::journal
