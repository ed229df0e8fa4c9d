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
  Seal seal_ = Seal::kFile;
  crypto::AeadKey plain_;  // by itself
  std::map<std::string, std::string, std::less<>> fields_;
  std::string bound_;  // all lines before the box
  Bytes box_;
};

// Never overwrites: kAlreadyExists.
Status create_root_key_file(const std::string& path, const crypto::SecretBytes& text);
// A crash leaves the old or the new one.
Status replace_root_key_file(const std::string& path, const crypto::SecretBytes& text);

}  // namespace bulkhead::keeper
