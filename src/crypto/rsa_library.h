// Inside crypto only: RSA keys as libcrypto's objects.
#pragma once

#include "crypto/library.h"

namespace bulkhead::crypto {

constexpr std::size_t kMostRsaBits = 16384;

// Big-endian numbers without signs, whose sizes the caller has bounded. Null for a modulus of less
// than 2048 or more than kMostRsaBits bits, and for parts that are no key.
PkeyPtr rsa_public_key(ByteView modulus, ByteView exponent);

}  // namespace bulkhead::crypto
