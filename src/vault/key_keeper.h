// What the vault asks of the keeper: the process that holds root and organisation keys. It unwraps
// and counts, and can forget everything at once; it knows no users and no files.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/aead.h"
#include "crypto/secret.h"
#include "vault/ids.h"

namespace bulkhead::vault {

using FileKey = crypto::Secret<32>;

// Which organisation key wrapped a file key.
struct KeyEpoch {
  OrganisationId organisation;
  std::uint32_t epoch = 1;
  auto operator<=>(const KeyEpoch&) const = default;
};

// Called from the vault's thread only. After forget() everything but is_sealed() fails with
// kRefused.
class KeyKeeper {
 public:
  virtual ~KeyKeeper() = default;

  // The key that wraps the deployment's own secrets (names, host key, checkpoints). Not an
  // organisation's.
  virtual Result<Bytes> create_system_key() = 0;
  virtual Result<crypto::AeadKey> unwrap_system_key(ByteView wrapped) = 0;

  // Makes a new organisation key and returns it wrapped; load it to use it.
  virtual Result<Bytes> create_organisation_key(KeyEpoch which) = 0;
  virtual Status load_organisation_key(KeyEpoch which, ByteView wrapped) = 0;

  struct NewFileKey {
    FileKey key;
    Bytes wrapped;
  };
  // The lineage is bound into the wrapping: a wrapped key moved to another lineage does not open.
  virtual Result<NewFileKey> create_file_key(KeyEpoch which, const LineageId& lineage) = 0;
  virtual Result<FileKey> unwrap_file_key(KeyEpoch which, const LineageId& lineage,
                                          ByteView wrapped) = 0;

  virtual std::uint64_t file_keys_unwrapped() const = 0;
  virtual bool is_sealed() const = 0;
  virtual void forget() = 0;
};

}  // namespace bulkhead::vault
