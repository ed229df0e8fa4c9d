// RSAES-OAEP (RFC 8017, 7.1), encryption only: for what a private key elsewhere is to open.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"

namespace bulkhead::crypto {

// Modulus and exponent are big-endian numbers, without signs; `hash` is also MGF1's. kUnsupported:
// a key of less than 2048 bits, or one that is none; a message that is too long for it.
Result<Bytes> rsa_oaep_encrypt(ByteView modulus, ByteView exponent, HashAlgorithm hash,
                               ByteView message);

}  // namespace bulkhead::crypto
