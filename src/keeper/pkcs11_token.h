// A token or hardware security module through its maker's module (PKCS #11 2.40): one session, for
// one private key.
#pragma once

#include <p11-kit/pkcs11.h>

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "keeper/pkcs11_uri.h"

namespace bulkhead::keeper {

// The module runs in this process with all of its rights, so nobody but root may be able to change
// its file or a folder above it: kRefused.
Status check_module(const std::string& path);

class Pkcs11Token {
 public:
  // Loads the module and finds the token. kNotFound, kConflict where several fit.
  static Result<Pkcs11Token> open(const std::string& module, const Pkcs11Uri& uri);
  Pkcs11Token(Pkcs11Token&& other) noexcept;
  Pkcs11Token& operator=(Pkcs11Token&&) = delete;
  ~Pkcs11Token();  // logs out

  // kNotAuthenticated; kRefused where the token has locked the PIN, or has one try left, which is
  // not spent here.
  Status log_in(ByteView pin);

  struct Key {
    CK_OBJECT_HANDLE handle = 0;
    Bytes modulus;
    Bytes exponent;
    bool can_leave = false;   // it may be read out of the token
    bool asks_again = false;  // CKA_ALWAYS_AUTHENTICATE: the PIN for every use
  };
  // The one RSA private key that fits.
  Result<Key> find_key(const Pkcs11Uri& uri);

  // RSA-OAEP with `hash`, also for MGF1. kUnsupported: the token does not do that with this hash.
  Result<crypto::SecretBytes> decrypt(const Key& key, crypto::HashAlgorithm hash, ByteView box,
                                      ByteView pin);

 private:
  Pkcs11Token() = default;
  Status find_token(const Pkcs11Uri& uri);

  CK_FUNCTION_LIST* module_ = nullptr;
  CK_SLOT_ID slot_ = 0;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
};

}  // namespace bulkhead::keeper
