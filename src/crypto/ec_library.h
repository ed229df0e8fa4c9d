// Inside crypto only: keys on the curves of NIST as libcrypto wants them.
#pragma once

#include "crypto/library.h"
#include "crypto/signature.h"

namespace bulkhead::crypto {

const char* ec_group_name(EcCurve curve);     // FIPS 186-4's, as libcrypto knows it
std::size_t ec_element_bytes(EcCurve curve);  // of a field element, and of r and s
// Null where `point` is not an uncompressed point on the curve (SEC 1: 04 || x || y). May be
// hostile.
PkeyPtr ec_public_key(EcCurve curve, ByteView point);
PkeyPtr generate_ec_key(EcCurve curve);
Bytes public_point(EVP_PKEY* key);  // uncompressed

}  // namespace bulkhead::crypto
