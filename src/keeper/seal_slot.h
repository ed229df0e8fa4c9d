// One seal of the root key: what makes the key of its box, and the box. A root key's file has one
// slot for each way to open it (docs/formats/root-key.md).
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
  kTpm = 4,         // a chip of this machine, in the state that it was in
  kPkcs11 = 5,      // a private key in a token or hardware security module
};
constexpr auto kLastSeal = Seal::kPkcs11;
std::string_view seal_name(Seal seal);
std::optional<Seal> seal_named(std::string_view name);

// NAME VALUE, as in the file. Names and values are words without blanks and line ends in them.
using SealFields = std::map<std::string, std::string, std::less<>>;
// "NAME VALUE\n" for each, and back: kMalformed where a name occurs twice or a line has no value.
std::string to_lines(const SealFields& fields);
Result<SealFields> from_lines(std::string_view lines);

// The hardware that keeps the keys of slots; see device_process.h for the one that there is. Errors
// are sentences that say what the hardware refused and what to do.
class SealDevice {
 public:
  struct Made {
    SealFields fields;       // what open() needs again
    crypto::Secret<32> key;  // of the slot's box
  };
  SealDevice() = default;
  SealDevice(const SealDevice&) = delete;
  SealDevice& operator=(const SealDevice&) = delete;
  virtual ~SealDevice() = default;
  // `wishes` as the kind's header says; `secret` a PIN, empty where none is wanted.
  virtual Result<Made> make(Seal seal, const SealFields& wishes, ByteView secret) = 0;
  // kNotAuthenticated where the PIN is wrong.
  virtual Result<crypto::Secret<32>> open(Seal seal, const SealFields& fields, ByteView secret) = 0;
  // The root key is there: nothing more will be asked.
  virtual void end() {}
};

// A seal that is to be made.
struct NewSeal {
  Seal seal = Seal::kPassphrase;
  SealFields wishes;
  crypto::SecretBytes secret;
};

class SealSlot {
 public:
  // Takes the lines of one slot, up to its box, off the front of `text`. `path` is for sentences.
  static Result<SealSlot> take(std::string_view& text, const std::string& path);
  static Result<SealSlot> make(const crypto::AeadKey& root_key, const NewSeal& wanted,
                               SealDevice& device, crypto::Random& random);

  Seal seal() const { return seal_; }
  // Of the key in it, without opening it. Empty: written by a release that did not write it down.
  const Bytes& key_id() const { return key_id_; }
  // As wishes, they make a slot like this one, whose secret is to be given again.
  const SealFields& fields() const { return fields_; }
  // A passphrase or a PIN opens it, which a person or systemd has to give.
  bool needs_secret() const;
  // kNotAuthenticated: the secret is wrong.
  Result<crypto::AeadKey> open(ByteView secret, SealDevice& device, const std::string& path) const;
  std::string text() const;

 private:
  SealSlot() = default;
  Result<crypto::Secret<32>> key(ByteView secret, SealDevice& device,
                                 const std::string& path) const;
  Bytes associated() const;

  Seal seal_ = Seal::kPassphrase;
  SealFields fields_;
  std::string lines_;  // all before the box
  Bytes box_;
  Bytes key_id_;
};

// Says which root key it is, and nothing else about it: 8 bytes of an HMAC.
Bytes root_key_id(const crypto::AeadKey& key);

// Sentences about a file that several places say.
std::unexpected<Error> damaged_root_key(const std::string& path);
Result<crypto::AeadKey> root_key_of(ByteView bytes, const std::string& path);

}  // namespace bulkhead::keeper
