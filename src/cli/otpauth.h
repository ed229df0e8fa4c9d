// The address that authenticator applications take a second factor's secret from, typed or as a QR
// code: "otpauth://totp/…" (Google Authenticator's key URI format; RFC 6238 for the codes).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::cli {

std::string base32(ByteView bytes);  // RFC 4648 section 6, without padding
// `account` is whatever the user is called; what an address cannot hold is escaped.
std::string otpauth_uri(std::string_view account, ByteView secret);

}  // namespace bulkhead::cli
