#include "drill/stage/large_file.h"

#include "drill/wire/bytes.h"
#include "drill/wire/secrets.h"

namespace bulkhead::drill {
namespace {

constexpr std::size_t kSegmentBytes = 65'536;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

std::string record(std::string_view kind, std::uint64_t index, std::size_t length,
                   std::string_view nonce, std::string_view body_and_tag) {
  std::string bytes(kind);
  put_le(bytes, index, 8);
  put_le(bytes, length, 4);
  bytes.append(nonce).append(body_and_tag);
  return bytes;
}

std::string header(std::string_view blob_id, std::string_view lineage) {
  std::string bytes = "BHBLOB\r\n";
  put_le(bytes, 1, 4);
  put_le(bytes, 0, 4);
  bytes.append(blob_id).append(lineage);
  bytes.resize(bytes.size() + 16, '\0');
  return bytes;
}

// The node of level 0 that describes the extent, with these entries.
std::string map_node(std::string_view lineage, std::size_t count, std::string_view entries) {
  std::string body = "BHMAPNOD" + std::string(lineage);
  put_le(body, 0, 2);
  put_le(body, count, 2);
  put_le(body, 0, 4);
  put_le(body, 0, 8);
  return body.append(entries);
}

std::string root_of(std::string_view lineage, std::size_t size, std::string_view blob_id,
                    std::string_view node) {
  std::string hashed = "bulkhead version v1" + std::string(lineage);
  put_le(hashed, size, 8);
  put_le(hashed, 0, 4);
  put_le(hashed, 1, 4);
  return sha256(hashed.append(blob_id).append(sha256(node)));
}

}  // namespace

LargeFile make_large_file(std::string_view contents, std::string_view key, std::string_view lineage,
                          std::string_view blob_id) {
  LargeFile file{.blob = header(blob_id, lineage), .description = {}};
  std::string entries;
  std::size_t segments = 0;
  for (std::size_t at = 0; at < contents.size(); at += kSegmentBytes, ++segments) {
    const std::string_view segment = contents.substr(at, kSegmentBytes);
    const std::string nonce = random_bytes(kNonceBytes);
    std::string associated(lineage);
    put_le(associated, segments, 8);
    put_le(associated, segment.size(), 4);
    const std::string box = gcm_seal(key, nonce, associated, segment);
    put_le(entries, segments, 2);
    put_le(entries, 0, 2);
    put_le(entries, segment.size(), 4);
    put_le(entries, file.blob.size(), 8);
    entries.append(box.substr(box.size() - kTagBytes));
    file.blob += record("BHSG", segments, segment.size(), nonce, box);
  }
  const std::string node = map_node(lineage, segments, entries);
  file.description = {1, 2, 1, 0, 0, 0, 0, 0};
  put_le(file.description, contents.size(), 8);
  put_le(file.description, file.blob.size(), 8);
  put_le(file.description, file.blob.size(), 8);
  put_le(file.description, node.size(), 4);
  put_le(file.description, 0, 4);
  file.description += root_of(lineage, contents.size(), blob_id, node);
  file.blob += record("BHMN", 0, node.size(), std::string(kNonceBytes, '\0'),
                      node + sha256(node).substr(0, kTagBytes));
  return file;
}

}  // namespace bulkhead::drill
