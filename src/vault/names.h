// Names of files and people at rest: encrypted per field, looked up by a keyed hash.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/aead.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "vault/ids.h"

namespace bulkhead::journal {
class Sealed;
}

namespace bulkhead::vault {

using NameHash = crypto::Sha256;

// What a sealed field is; bound into its encryption, so that a field moved elsewhere does not open.
enum class Field {
  kNodeName,
  kUserName,
  kOrganisationName,
  kPublicKey,
  kPasswordHash,
  kTotpSecret,
  kCertificateKeyId,
  kPeerAddress,
  kNote
};

class Names {
 public:
  Names(const crypto::AeadKey& system_key, crypto::Random& random);

  void seal(Field field, std::string_view text, journal::Sealed* out) const;
  Result<std::string> open(Field field, const journal::Sealed& sealed) const {
    return open_box(field, box_of(sealed));
  }
  Result<std::string> open_box(Field field, ByteView box) const;

  NameHash node_hash(NodeId parent, std::string_view name) const;
  NameHash user_hash(std::string_view name) const;
  NameHash organisation_hash(std::string_view name) const;
  // Of the /24 (IPv4) or /64 (IPv6) that the address, as the supervisor writes it, belongs to: who
  // stays in it is not new there.
  NameHash network_hash(std::string_view address) const;
  NameHash certificate_key_id_hash(std::uint64_t authority, std::string_view key_id) const;

 private:
  static ByteView box_of(const journal::Sealed& sealed);
  NameHash keyed_hash(char kind, std::uint64_t scope, std::string_view name) const;

  crypto::AeadKey names_key_;
  mutable crypto::HmacSha256 lookup_;
  mutable crypto::Aes256Gcm cipher_;
  crypto::Random& random_;
};

}  // namespace bulkhead::vault
