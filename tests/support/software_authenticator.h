// A FIDO authenticator in software: security keys as OpenSSH uses them (PROTOCOL.u2f). It says of
// its user whatever a test wants it to say.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "crypto/signature.h"

namespace bulkhead::testing_support {

class SoftwareAuthenticator {
 public:
  enum class Kind { kEd25519, kEcdsaP256 };
  explicit SoftwareAuthenticator(Kind kind, std::string application = "ssh:");

  std::string algorithm() const;
  Bytes key_blob() const;    // with its type in front
  Bytes key_fields() const;  // without
  // SHA256(application) || flags || counter || SHA256(message), signed; flags and counter as they
  // are set here, the counter after it was counted up.
  Bytes sign(ByteView message);

  bool user_present = true;
  bool user_verified = false;
  bool counts = true;  // false: the counter stays 0
  std::uint32_t counter = 0;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  Bytes sign_ecdsa(ByteView data) const;

  Kind kind_;
  std::string application_;
  crypto::Ed25519KeyPair ed25519_;
  std::unique_ptr<EVP_PKEY, FreeKey> p256_;
};

}  // namespace bulkhead::testing_support
