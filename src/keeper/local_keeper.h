// The keys themselves: what the keeper's process holds, and does with them at the vault's word.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "crypto/sealed_box.h"
#include "vault/key_keeper.h"

namespace bulkhead::keeper {

class LocalKeeper final : public vault::KeyKeeper {
 public:
  LocalKeeper(crypto::AeadKey root_key, crypto::Random& random);
  // Sealed until it gets its root key.
  explicit LocalKeeper(crypto::Random& random)
      : random_(random), box_key_(crypto::SealedBoxKeyPair::generate()) {}
  ~LocalKeeper() override;

  Result<Bytes> create_system_key() override;
  Result<crypto::AeadKey> unwrap_system_key(ByteView wrapped) override;
  Result<Bytes> create_organisation_key(vault::KeyEpoch which) override;
  Status load_organisation_key(vault::KeyEpoch which, ByteView wrapped) override;
  Result<NewFileKey> create_file_key(vault::KeyEpoch which) override;
  vault::AwaitedFileKey await_file_key(vault::KeyEpoch which, const vault::LineageId& lineage,
                                       ByteView wrapped) override;
  Result<RootKeyFacts> root_key() override;
  Result<Bytes> adopt_root_key(ByteView box) override;
  Result<Bytes> rewrap_system_key(ByteView wrapped) override;
  Result<Bytes> rewrap_organisation_key(vault::KeyEpoch which, ByteView wrapped) override;
  Status settle_root_key() override;
  Result<Bytes> rewrap_file_key(vault::KeyEpoch from, vault::KeyEpoch to,
                                const vault::LineageId& lineage, ByteView wrapped) override;
  void forget_organisation_key(vault::KeyEpoch which) override;
  std::uint64_t file_keys_unwrapped() const override { return file_keys_unwrapped_; }
  bool is_sealed() const override { return !root_key_.has_value(); }
  void forget() override;
  // Once. What has forgotten stays sealed until a new process: kRefused. `other`: the one that a
  // change of root keys left beside it; the deployment's system key tells which of them it is.
  Status unseal(crypto::AeadKey root_key, std::optional<crypto::AeadKey> other = std::nullopt);
  const crypto::SealedBoxKeyPair& box_key() const { return box_key_; }
  bool has_forgotten() const { return forgotten_; }

 private:
  Result<vault::FileKey> unwrap_file_key(vault::KeyEpoch which, const vault::LineageId& lineage,
                                         ByteView wrapped);
  Result<vault::FileKey> finish(std::uint64_t ticket) override;
  void abandon(std::uint64_t) override {}
  Result<const crypto::AeadKey*> organisation_key(vault::KeyEpoch which) const;

  std::optional<crypto::AeadKey> root_key_;
  std::optional<crypto::AeadKey> other_root_key_;  // until it is known which of the two is right
  std::optional<crypto::AeadKey> next_root_key_;   // while they are changed
  std::set<vault::KeyEpoch> rewrapped_;
  std::map<vault::KeyEpoch, crypto::AeadKey> organisation_keys_;
  crypto::Random& random_;
  crypto::SealedBoxKeyPair box_key_;
  std::uint64_t file_keys_unwrapped_ = 0;
  bool forgotten_ = false;
};

crypto::AeadKey fresh_key(crypto::Random& random);

}  // namespace bulkhead::keeper
