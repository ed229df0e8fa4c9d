#include "store/extent_key.h"

#include <algorithm>

#include "crypto/digest.h"

namespace bulkhead::store {

crypto::AeadKey derive_extent_key(const crypto::AeadKey& file_key, const Lineage& lineage,
                                  std::uint64_t extent) {
  constexpr std::string_view kDomain = "bulkhead extent v1";
  Byte info[kDomain.size() + 16 + 8];
  std::ranges::copy(as_bytes(kDomain), info);
  std::ranges::copy(lineage, info + kDomain.size());
  store_le<std::uint64_t>(info + kDomain.size() + lineage.size(), extent);
  crypto::AeadKey key;
  crypto::hkdf_sha256(file_key.view(), {}, info, key.mutable_view());
  return key;
}

Result<const crypto::AeadKey*> FileKeySource::get(std::uint64_t extent) {
  current_ = derive_extent_key(file_key_, lineage_, extent);
  return &current_;
}

}  // namespace bulkhead::store
