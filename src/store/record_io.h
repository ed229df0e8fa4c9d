// Records on their way to and from a part. What is read is hostile input.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/disk.h"
#include "crypto/aead.h"
#include "store/extent_key.h"
#include "store/format.h"

namespace bulkhead::store {

// Collects records and appends them to a part in large writes.
class RecordWriter {
 public:
  // Goes on at byte `end` of the file. An empty file (end 0) gets the header first.
  RecordWriter(std::shared_ptr<DiskFile> file, std::uint64_t end, const BlobHeader& header,
               std::uint64_t writeback_bytes);

  struct Slot {
    std::uint64_t offset = 0;  // in the part
    MutableByteView bytes;     // to be filled before the next call
  };
  Result<Slot> reserve(std::size_t size);
  Result<NodeRef> append_node(unsigned part, unsigned level, std::uint64_t node, ByteView body);
  Status append_truncation(std::uint64_t size);

  Status flush();
  std::uint64_t end() const { return written_ + used_; }
  std::uint64_t written() const { return written_; }  // from here on it is in memory only
  const DiskFile& file() const { return *file_; }

 private:
  std::shared_ptr<DiskFile> file_;
  std::uint64_t written_ = 0;
  void make_buffer();

  BlobHeader header_;
  Bytes buffer_;  // made when it is needed: contents that travel inline need none
  std::size_t used_ = 0;
  std::uint64_t writeback_bytes_;
  std::uint64_t writeback_from_ = 0;
};

// The ciphers of the extents used last.
class CipherCache {
 public:
  explicit CipherCache(ExtentKeySource& keys) : keys_(keys) {}
  Result<crypto::Aes256Gcm*> get(std::uint64_t extent);
  ExtentKeySource& keys() { return keys_; }

 private:
  struct Entry {
    std::uint64_t extent;
    crypto::Aes256Gcm cipher;
  };
  ExtentKeySource& keys_;
  std::vector<Entry> entries_;  // most recently used first
};

// Decrypts the segment that `ref` points to into `out`, which has ref.length bytes. kCorrupt unless
// header, tag and ciphertext are exactly what the map says.
Status read_segment(const DiskFile& file, const SegmentRef& ref, std::uint64_t segment,
                    const Lineage& lineage, crypto::Aes256Gcm& cipher, MutableByteView out);

// The body of a map node. Checks the record around it; the digest is the caller's (`digest_of`,
// against ref.digest).
Result<Bytes> read_node(const DiskFile& file, const NodeRef& ref, unsigned level,
                        std::uint64_t node);
crypto::Sha256 digest_of(ByteView node_body);

// Reads and checks the header of a part.
Result<BlobHeader> read_blob_header(const DiskFile& file, const Lineage& lineage);

}  // namespace bulkhead::store
