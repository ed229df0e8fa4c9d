// The root key on disk, by itself or sealed (docs/formats/root-key.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/aead.h"
#include "crypto/secret.h"

namespace bulkhead::keeper {

// What stands between the root key and whoever has its file.
enum class Seal : std::uint8_t {
  kFile = 1,        // nothing: for trying out
  kPassphrase = 2,  // Argon2id; a person unseals after each start
  kCredential = 3,  // systemd decrypts it for the service
};
constexpr auto kLastSeal = Seal::kCredential;
std::string_view seal_name(Seal seal);
std::optional<Seal> seal_named(std::string_view name);

class RootKeyFile {
 public:
  // `credential`: from systemd's folder, which others than its owner may seem to be able to read.
  // kRefused where others may read it, kNotFound, kMalformed, kNewerFormat.
  static Result<RootKeyFile> read(const std::string& path, bool credential = false);
  // For what came from a file; `path` is for the sentences.
  static Result<RootKeyFile> parse(std::string_view text, const std::string& path);

  Seal seal() const { return seal_; }
  // Of the key in it, without opening it. Empty: sealed by a release that did not write it down.
  const Bytes& key_id() const { return key_id_; }
  // `passphrase` is looked at by the seal that needs one: kNotAuthenticated where it is wrong.
  Result<crypto::AeadKey> open(ByteView passphrase) const;

  // The file's whole text.
  static Result<crypto::SecretBytes> write(const crypto::AeadKey& key, Seal seal,
                                           ByteView passphrase, crypto::Random& random);

 private:
  RootKeyFile() = default;
  Result<std::string> field(std::string_view name) const;
  Result<std::uint32_t> number(std::string_view name) const;

  std::string path_;
  Bytes key_id_;
  Seal seal_ = Seal::kFile;
  crypto::AeadKey plain_;  // by itself
  std::map<std::string, std::string, std::less<>> fields_;
  std::string bound_;  // all lines before the box
  Bytes box_;
};

// Says which root key it is, and nothing else about it: 8 bytes of an HMAC.
Bytes root_key_id(const crypto::AeadKey& key);

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
