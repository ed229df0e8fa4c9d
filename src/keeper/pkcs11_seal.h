// The seal `pkcs11`: a slot's key under an RSA key that does not leave its token (RSA-OAEP;
// docs/decisions/0141-rsa-oaep-in-tokens.md).
#pragma once

#include "crypto/random.h"
#include "keeper/seal_slot.h"

namespace bulkhead::keeper {

// Wishes: `module` (path of the maker's library), `key` (a URI), `environment` (NAME=VALUE, what
// the module is told that way). The secret is the token's PIN, always.
Result<SealDevice::Made> make_pkcs11_seal(const SealFields& wishes, ByteView pin,
                                          crypto::Random& random);
Result<crypto::Secret<32>> open_pkcs11_seal(const SealFields& fields, ByteView pin);

}  // namespace bulkhead::keeper
