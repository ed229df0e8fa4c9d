// What passes between the parts of a log-in, all inside the vault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"
#include "sshwire/keys.h"

namespace bulkhead::vault {

// What a client typed, for one method.
struct LoginSecrets {
  std::string user_name;
  std::string_view method;  // password, keyboard-interactive
  std::optional<crypto::SecretBytes> password;
  std::optional<crypto::SecretBytes> code;
};

// With which certificate somebody logged in.
struct CertificateFacts {
  std::uint64_t authority = 0;
  std::uint64_t serial = 0;
  std::string key_id;
};

// A key that a user may sign with, as it was offered.
struct OfferedKey {
  Bytes blob;      // as it stands in what the user signs: the key, or its certificate
  Bytes key_blob;  // the key itself
  std::string_view signature_algorithm;
  bool verify_required = false;
  std::optional<CertificateFacts> certificate;
};

// One method, passed.
struct LoginProof {
  std::string_view method;
  ByteView key_blob;                                           // of the key that signed
  std::uint64_t totp_step = 0;                                 // whose code was used
  std::optional<sshwire::SecurityKeyState> security_key = {};  // what it signed along
  std::optional<CertificateFacts> certificate = {};
};

}  // namespace bulkhead::vault
