// Password hashing: Argon2id (RFC 9106) by libsodium.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace bulkhead::crypto {

// "$argon2id$v=19$m=…": 64 MiB, 2 passes. Takes about 50 ms and 64 MiB: callers bound how many run
// at once.
Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view encoded, std::string_view password);
// An encoding that no password matches, with the same cost: for users who do not exist.
std::string_view unmatchable_password();

}  // namespace bulkhead::crypto
