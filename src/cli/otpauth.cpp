#include "cli/otpauth.h"

#include <fmt/format.h>

#include "crypto/totp.h"

namespace bulkhead::cli {
namespace {

constexpr std::string_view kIssuer = "Bulkhead";

bool is_unreserved(char c) {  // RFC 3986 section 2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

std::string base32(ByteView bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const Byte byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5)
      text += kAlphabet[held >> (bits - 5) & 0x1F];
  }
  if (bits > 0) text += kAlphabet[held << (5 - bits) & 0x1F];
  return text;
}

std::string otpauth_uri(std::string_view account, ByteView secret) {
  return fmt::format(
      "otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits={3}&period={4}", kIssuer,
      percent_encoded(account), base32(secret), crypto::kTotpDigits, crypto::kTotpStepSeconds);
}

}  // namespace bulkhead::cli
