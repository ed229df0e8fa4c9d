// Extent keys: what an edge gets instead of the file key.
#pragma once

#include "base/error.h"
#include "crypto/aead.h"
#include "store/format.h"

namespace bulkhead::store {

// HKDF-SHA256(file key, salt none, info "bulkhead extent v1" || lineage || extent as u64
// little-endian).
crypto::AeadKey derive_extent_key(const crypto::AeadKey& file_key, const Lineage& lineage,
                                  std::uint64_t extent);

constexpr std::uint64_t extent_of(std::uint64_t offset) {
  return offset / kExtentSize;
}

// Where reader and writer get keys from: the channel in an edge, the file key in tests. One thread.
class ExtentKeySource {
 public:
  virtual ~ExtentKeySource() = default;
  // The key stays valid until the next call. May block (it asks the vault); an error ends the
  // operation.
  virtual Result<const crypto::AeadKey*> get(std::uint64_t extent) = 0;
  // This one will be needed soon. Must not block.
  virtual void expect(std::uint64_t /*extent*/) {}
};

// For whoever has the file key: tests, benchmarks.
class FileKeySource final : public ExtentKeySource {
 public:
  FileKeySource(crypto::AeadKey file_key, const Lineage& lineage)
      : file_key_(std::move(file_key)), lineage_(lineage) {}
  Result<const crypto::AeadKey*> get(std::uint64_t extent) override;

 private:
  crypto::AeadKey file_key_;
  Lineage lineage_;
  crypto::AeadKey current_;
};

}  // namespace bulkhead::store
