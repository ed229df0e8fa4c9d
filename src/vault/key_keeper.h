// What the vault asks of the keeper: the process that holds root and organisation keys. It unwraps
// and counts, and can forget everything at once; it knows no users and no files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

class AwaitedFileKey;

// Called from the vault's thread only. After forget(), and once the keeper is gone, everything but
// is_sealed() fails with kRefused.
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
    LineageId lineage;
    FileKey key;
    Bytes wrapped;
  };
  // A new key with a new lineage, which is bound into the wrapping: a wrapped key moved to another
  // lineage does not open.
  virtual Result<NewFileKey> create_file_key(KeyEpoch which) = 0;
  // Asks for a key that is needed a little later. What is wrong with it is told when it is used.
  virtual AwaitedFileKey await_file_key(KeyEpoch which, const LineageId& lineage,
                                        ByteView wrapped) = 0;

  // The root key, by what may be known of it.
  struct RootKeyFacts {
    Bytes id;       // 8 bytes
    Bytes box_key;  // what the next one is boxed to on its way here (crypto/sealed_box.h)
  };
  virtual Result<RootKeyFacts> root_key() = 0;
  // Changing it: take the next one in (its id comes back), wrap with it what the present one has
  // wrapped, settle. Keys of organisations that were not rewrapped are forgotten then.
  virtual Result<Bytes> adopt_root_key(ByteView box) = 0;
  virtual Result<Bytes> rewrap_system_key(ByteView wrapped) = 0;
  virtual Result<Bytes> rewrap_organisation_key(KeyEpoch which, ByteView wrapped) = 0;
  virtual Status settle_root_key() = 0;
  // From one loaded key of an organisation to another. No file key leaves the keeper.
  virtual Result<Bytes> rewrap_file_key(KeyEpoch from, KeyEpoch to, const LineageId& lineage,
                                        ByteView wrapped) = 0;
  virtual void forget_organisation_key(KeyEpoch which) = 0;

  // How many file keys were unwrapped since the keeper started, by the keeper's own count.
  virtual std::uint64_t file_keys_unwrapped() const = 0;
  virtual bool is_sealed() const = 0;
  // Returns once everything is forgotten.
  virtual void forget() = 0;
  // What protects the keys less well than it could: sentences, for `status`.
  virtual std::vector<std::string> warnings() const { return {}; }
  // How the root key is sealed: "file", "passphrase"…
  virtual std::string_view seal() const { return "file"; }

 private:
  friend class AwaitedFileKey;
  virtual Result<FileKey> finish(std::uint64_t ticket) = 0;
  virtual void abandon(std::uint64_t ticket) = 0;
};

// A file key that may still be on its way from the keeper. The keeper must outlive it.
class AwaitedFileKey {
 public:
  AwaitedFileKey() = default;  // none
  AwaitedFileKey(Result<FileKey> key) : key_(std::move(key)), has_(true) {}
  AwaitedFileKey(KeyKeeper& keeper, std::uint64_t ticket)
      : keeper_(&keeper), ticket_(ticket), has_(true) {}
  AwaitedFileKey(AwaitedFileKey&& other) noexcept
      : keeper_(std::exchange(other.keeper_, nullptr)),
        ticket_(other.ticket_),
        key_(std::move(other.key_)),
        has_(std::exchange(other.has_, false)) {}
  AwaitedFileKey& operator=(AwaitedFileKey&& other) noexcept {
    if (this == &other) return *this;
    drop();
    keeper_ = std::exchange(other.keeper_, nullptr);
    ticket_ = other.ticket_;
    key_ = std::move(other.key_);
    has_ = std::exchange(other.has_, false);
    return *this;
  }
  ~AwaitedFileKey() { drop(); }

  explicit operator bool() const { return has_; }
  // Waits for it where it is not there yet. kCorrupt, kRefused. Only where there is one.
  Result<const FileKey*> get() {
    if (keeper_ != nullptr) key_ = std::exchange(keeper_, nullptr)->finish(ticket_);
    if (!key_) return std::unexpected(key_.error());
    return &*key_;
  }

 private:
  void drop() {
    if (keeper_ != nullptr) std::exchange(keeper_, nullptr)->abandon(ticket_);
  }

  KeyKeeper* keeper_ = nullptr;  // none: the key is there
  std::uint64_t ticket_ = 0;
  Result<FileKey> key_;
  bool has_ = false;
};

}  // namespace bulkhead::vault
