// Password hashing: Argon2id (RFC 9106) by libsodium.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

// "$argon2id$v=19$m=…": 64 MiB, 2 passes. Takes about 50 ms and 64 MiB: callers bound how many run
// at once.
Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view encoded, std::string_view password);
// An encoding that no password matches, with the same cost: for users who do not exist.
std::string_view unmatchable_password();

// A key from a passphrase, by Argon2id with one lane.
struct Argon2idCost {
  std::uint32_t memory_kib = 256 * 1024;
  std::uint32_t passes = 3;
};
// kInvalidArgument for a cost below 8 MiB and 1 pass or above 1 GiB and 64; kLimitExceeded where
// the memory is not to be had.
Result<Secret<32>> key_from_passphrase(ByteView passphrase, const ByteArray<16>& salt,
                                       const Argon2idCost& cost);

}  // namespace bulkhead::crypto
