// The deployment's SSH host keys: which there are, as what they show themselves, what they sign.
//
// The oldest key of a kind is the one that signs key exchanges; younger ones are there to be
// announced, until the older one is removed (that is how a key is replaced while clients know only
// the older one). Private halves come from the catalogue, wrapped under the system key, and never
// leave this class. It signs two things: an exchange hash that the vault computed, and the proof of
// OpenSSH's hostkeys-prove-00, composed here. Neither can be read as the other: the hash has 64
// bytes at most, the proof more.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ssh_profile.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"
#include "crypto/signing_key.h"
#include "sshwire/names.h"
#include "vault/catalogue/rows.h"

namespace bulkhead::journal {
class HostKeyAdded;
}

namespace bulkhead::vault {

// "ed25519", "ecdsa" and "rsa", as ssh-keygen -t has it. kInvalidArgument.
Result<crypto::SigningKeyKind> host_key_kind_named(std::string_view name);

Bytes host_key_blob(const crypto::SigningKey& key);
std::string wrap_host_key(const crypto::AeadKey& system_key, const crypto::SigningKey& key,
                          crypto::Random& random);

// The journal's entry of a key.
void make_host_key(const crypto::AeadKey& system_key, const crypto::SigningKey& key,
                   std::uint64_t number, crypto::Random& random, journal::HostKeyAdded& out);

class HostKeys {
 public:
  struct Key {
    std::uint64_t number = 0;
    crypto::SigningKey key;
    Bytes blob;
    HostKeyRow::Certificate certificate;  // empty blob: none
    bool signs = false;                   // the oldest of its kind
  };
  static Result<HostKeys> open(const crypto::AeadKey& system_key, std::vector<HostKeyRow> rows);

  const std::vector<Key>& all() const { return keys_; }

  // What may be offered, preferred first: of keys that there are, certificates while they are
  // valid.
  std::vector<std::string_view> algorithms(SshProfile profile, UnixMicros now) const;
  // K_S: the blob or certificate of the key that signs with this algorithm; none: no such key, or
  // no certificate that is valid.
  std::optional<ByteView> shown_as(const sshwire::HostKeyName& algorithm, UnixMicros now) const;
  // Signature blob over an exchange hash. shown_as() must have been there.
  Bytes sign(const sshwire::HostKeyName& algorithm, ByteView exchange_hash) const;
  // Signature blob that proves to the client of this session that the key of that blob is here.
  // `rsa_algorithm`: how RSA keys sign. kRefused: it is none of ours.
  Result<Bytes> prove(ByteView blob, ByteView session_id, std::string_view rsa_algorithm) const;

 private:
  const Key* signer(const sshwire::HostKeyName& algorithm) const;
  std::vector<Key> keys_;  // oldest first
};

}  // namespace bulkhead::vault
