// What a user's key signs to log in (RFC 4252 section 7).
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace bulkhead::sshwire {

// The signed data of method "publickey". The verifier takes session_id from its own first exchange
// hash, never from the request; user and service as the request names them.
Bytes userauth_signed_data(ByteView session_id, std::string_view user, std::string_view service,
                           std::string_view algorithm, ByteView key_blob);

constexpr std::size_t kMaxUserNameBytes = 255;
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMaxPromptResponses = 8;
constexpr std::string_view kConnectionService = "ssh-connection";
constexpr std::string_view kUserauthService = "ssh-userauth";

}  // namespace bulkhead::sshwire
