#include "store/version.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::store {
namespace {

constexpr Byte kDescriptionFormat = 1;
constexpr std::string_view kRootDomain = "bulkhead version v1";

}  // namespace

Bytes VersionDescription::serialise() const {
  Bytes bytes(kDescriptionSize);
  bytes[0] = kDescriptionFormat;
  bytes[1] = static_cast<Byte>(kind);
  bytes[2] = parts;
  bytes[3] = level;
  bytes[4] = root_node.part;
  store_le<std::uint64_t>(&bytes[8], size);
  store_le<std::uint64_t>(&bytes[16], live_bytes);
  store_le<std::uint64_t>(&bytes[24], root_node.offset);
  store_le<std::uint32_t>(&bytes[32], root_node.length);
  std::ranges::copy(root, &bytes[40]);
  return bytes;
}

Result<VersionDescription> VersionDescription::parse(ByteView bytes) {
  const auto malformed = [](std::string_view what) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the description of stored contents does not parse: {}", what));
  };
  if (bytes.empty()) return malformed("it is empty");
  if (bytes[0] > kDescriptionFormat) {
    return fail(ErrorCode::kNewerFormat,
                fmt::format("the description of stored contents has format {}, this release reads "
                            "up to {}: use a newer release",
                            bytes[0], kDescriptionFormat));
  }
  if (bytes[0] != kDescriptionFormat || bytes.size() != kDescriptionSize)
    return malformed("its size does not fit");
  if (bytes[1] > static_cast<Byte>(ContentKind::kMapped)) return malformed("its kind is not known");
  VersionDescription d;
  d.kind = static_cast<ContentKind>(bytes[1]);
  d.parts = bytes[2];
  d.level = bytes[3];
  d.root_node.part = bytes[4];
  d.size = load_le<std::uint64_t>(&bytes[8]);
  d.live_bytes = load_le<std::uint64_t>(&bytes[16]);
  d.root_node.offset = load_le<std::uint64_t>(&bytes[24]);
  d.root_node.length = load_le<std::uint32_t>(&bytes[32]);
  std::ranges::copy(bytes.subspan(40), d.root.begin());
  // Whatever is not said must be zero: one version has one description.
  if (!equal(d.serialise(), bytes)) return malformed("bytes that must be zero are not");
  if (d.kind == ContentKind::kMapped) {
    const bool fits = d.parts >= 1 && d.parts <= kMaxParts && d.size <= kMaxFileSize &&
                      d.root_node.part < d.parts && d.level == map_level_for(d.size) &&
                      d.root_node.length >= kNodeHeaderSize && d.root_node.length <= kMaxNodeSize &&
                      d.root_node.offset >= kBlobHeaderSize &&
                      d.root_node.offset < (std::uint64_t{1} << 62);
    if (!fits) return malformed("a number in it is out of bounds");
    return d;
  }
  VersionDescription plain;
  plain.kind = d.kind;
  plain.size = d.size;
  const bool size_fits =
      d.kind == ContentKind::kEmpty ? d.size == 0 : d.size >= 1 && d.size <= kMaxInlineSize;
  if (d != plain || !size_fits) return malformed("a number in it is out of bounds");
  return d;
}

crypto::Sha256 version_root(const Lineage& lineage, std::uint64_t size, unsigned level,
                            const std::vector<BlobId>& parts,
                            const crypto::Sha256& root_node_digest) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(kRootDomain));
  hasher.update(lineage);
  Byte numbers[16] = {};
  store_le<std::uint64_t>(numbers, size);
  store_le<std::uint32_t>(numbers + 8, level);
  store_le<std::uint32_t>(numbers + 12, static_cast<std::uint32_t>(parts.size()));
  hasher.update(numbers);
  for (const BlobId& part : parts)
    hasher.update(part);
  hasher.update(root_node_digest);
  return hasher.finish_sha256();
}

bool wants_compaction(const VersionDescription& version, std::uint64_t stored_bytes) {
  if (version.kind != ContentKind::kMapped) return false;
  return version.parts > kPartsBeforeCompaction ||
         (version.live_bytes < stored_bytes / 2 && stored_bytes > kExtentSize / 16);
}

}  // namespace bulkhead::store
