// The keys themselves: what the keeper's process holds, and does with them at the vault's word.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "vault/key_keeper.h"

namespace bulkhead::keeper {

class LocalKeeper final : public vault::KeyKeeper {
 public:
  LocalKeeper(crypto::AeadKey root_key, crypto::Random& random);
  ~LocalKeeper() override;

  Result<Bytes> create_system_key() override;
  Result<crypto::AeadKey> unwrap_system_key(ByteView wrapped) override;
  Result<Bytes> create_organisation_key(vault::KeyEpoch which) override;
  Status load_organisation_key(vault::KeyEpoch which, ByteView wrapped) override;
  Result<NewFileKey> create_file_key(vault::KeyEpoch which) override;
  vault::AwaitedFileKey await_file_key(vault::KeyEpoch which, const vault::LineageId& lineage,
                                       ByteView wrapped) override;
  std::uint64_t file_keys_unwrapped() const override { return file_keys_unwrapped_; }
  bool is_sealed() const override { return !root_key_.has_value(); }
  void forget() override;

 private:
  Result<vault::FileKey> unwrap_file_key(vault::KeyEpoch which, const vault::LineageId& lineage,
                                         ByteView wrapped);
  Result<vault::FileKey> finish(std::uint64_t ticket) override;
  void abandon(std::uint64_t) override {}
  Result<const crypto::AeadKey*> organisation_key(vault::KeyEpoch which) const;

  std::optional<crypto::AeadKey> root_key_;
  std::map<vault::KeyEpoch, crypto::AeadKey> organisation_keys_;
  crypto::Random& random_;
  std::uint64_t file_keys_unwrapped_ = 0;
};

// The root key as a file: one line of text, "bulkhead-root-key-1 " and 64 hexadecimal digits.
// create refuses to overwrite; read refuses a file that others than its owner may read.
Status create_root_key_file(const std::string& path, crypto::Random& random);
Result<crypto::AeadKey> read_root_key_file(const std::string& path);

}  // namespace bulkhead::keeper
