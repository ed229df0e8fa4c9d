// The root key on disk, by itself or sealed (docs/formats/root-key.md).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "keeper/seal_slot.h"

namespace bulkhead::keeper {

class RootKeyFile {
 public:
  // `credential`: from systemd's folder, which others than its owner may seem to be able to read.
  // kRefused where others may read it, kNotFound, kMalformed, kNewerFormat.
  static Result<RootKeyFile> read(const std::string& path, bool credential = false);
  // For what came from a file; `path` is for the sentences.
  static Result<RootKeyFile> parse(std::string_view text, const std::string& path);

  // Of the key in it, without opening it. Empty: sealed by a release that did not write it down.
  const Bytes& key_id() const { return key_id_; }
  // By itself or not sealed by us: that one, and there are no slots. Otherwise the first slot's.
  Seal seal() const { return slots_.empty() ? plain_seal_ : slots_.front().seal(); }
  // One of a kind; any of them opens the root key. Empty: nothing of ours has to be opened.
  const std::vector<SealSlot>& slots() const { return slots_; }
  const SealSlot* slot(Seal seal) const;  // null: there is none

  // By which seal, with its passphrase or PIN. kNotFound: the file has no such seal;
  // kNotAuthenticated: the secret is wrong.
  Result<crypto::AeadKey> open(Seal seal, ByteView secret, SealDevice& device) const;
  // By itself, or by its passphrase.
  Result<crypto::AeadKey> open(ByteView passphrase) const;

  // Texts of whole files. Every slot is another seal's, or it is kAlreadyExists.
  static Result<crypto::SecretBytes> write(const crypto::AeadKey& key,
                                           std::span<const NewSeal> seals, SealDevice& device,
                                           crypto::Random& random);
  // By itself, or under a passphrase.
  static Result<crypto::SecretBytes> write(const crypto::AeadKey& key, Seal seal,
                                           ByteView passphrase, crypto::Random& random);
  // This file with one seal more, in the place of one of its kind where there was one; and with one
  // less: kNotFound, kRefused for the last one. `key` is what open() gave.
  Result<crypto::SecretBytes> with_seal(const crypto::AeadKey& key, const NewSeal& wanted,
                                        SealDevice& device, crypto::Random& random) const;
  Result<crypto::SecretBytes> without_seal(Seal seal) const;

 private:
  RootKeyFile() = default;

  std::string path_;
  Bytes key_id_;
  Seal plain_seal_ = Seal::kFile;
  crypto::AeadKey plain_;  // by itself
  std::vector<SealSlot> slots_;
};

// Where the next root key waits while they are changed: beside the present one. What is there may
// be the deployment's already; finish_root_key_change() is for whoever has asked the vault.
std::string next_root_key_path(const std::string& path);
// The next one takes the present one's place where it has that id, and is removed where it has not.
// What stood in the file of the key that goes is overwritten, as far as the disk lets one. True:
// the root key is another one now.
Result<bool> finish_root_key_change(const std::string& path, ByteView current_id);

// Never overwrites: kAlreadyExists.
Status create_root_key_file(const std::string& path, const crypto::SecretBytes& text);
// A crash leaves the old or the new one.
Status replace_root_key_file(const std::string& path, const crypto::SecretBytes& text);

}  // namespace bulkhead::keeper
