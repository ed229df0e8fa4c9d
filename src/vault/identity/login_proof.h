// What passes between the parts of a log-in, all inside the vault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace bulkhead::vault {

// What a client typed, for one method.
struct LoginSecrets {
  std::string user_name;
  std::string_view method;  // password, keyboard-interactive
  std::optional<crypto::SecretBytes> password;
  std::optional<crypto::SecretBytes> code;
};

// One method, passed.
struct LoginProof {
  std::string_view method;
  ByteView key_blob;            // of the key that signed
  std::uint64_t totp_step = 0;  // whose code was used
};

}  // namespace bulkhead::vault
