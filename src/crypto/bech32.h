// Bech32 (BIP 173): the text form of age's keys.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

// Lower case. `prefix` lower case, too ("human-readable part").
std::string bech32_encode(std::string_view prefix, ByteView data);

// The data of `text`, which is wholly lower or wholly upper case, at most 90 characters, and has
// this prefix (given in lower case). Input is hostile. Errors: kMalformed, in words that repeat
// nothing of the text.
Result<SecretBytes> bech32_decode(std::string_view prefix, std::string_view text);

}  // namespace bulkhead::crypto
