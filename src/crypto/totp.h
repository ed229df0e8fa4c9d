// Time-based one-time passwords (RFC 6238, over RFC 4226), as authenticator applications make them:
// HMAC-SHA-1, 6 digits, steps of 30 seconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::crypto {

constexpr std::size_t kTotpSecretBytes = 20;  // RFC 4226 section 4: 160 bits are recommended
constexpr std::int64_t kTotpStepSeconds = 30;
constexpr unsigned kTotpDigits = 6;
constexpr std::uint64_t kTotpStepsEitherSide = 1;  // RFC 6238 section 5.2: clocks differ

// Which step a moment is in.
std::uint64_t totp_step(std::int64_t unix_seconds);

// RFC 4226 section 5.3. At most 8 digits.
std::string hotp(ByteView secret, std::uint64_t counter, unsigned digits = kTotpDigits);

// The step whose code `code` is, of those around `now_step` that come after `last_used_step`
// (RFC 6238 section 5.2: a code is accepted once); 0 when it is none of them. `code` is hostile;
// the time taken does not depend on which of the codes it resembles.
std::uint64_t check_totp(ByteView secret, std::string_view code, std::uint64_t now_step,
                         std::uint64_t last_used_step);

}  // namespace bulkhead::crypto
