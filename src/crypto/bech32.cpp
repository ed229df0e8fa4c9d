#include "crypto/bech32.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bulkhead::crypto {
namespace {

constexpr std::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kMostCharacters = 90;
constexpr std::size_t kChecksumDigits = 6;

// BIP 173, "Checksum": a BCH code over GF(32).
class Checksum {
 public:
  explicit Checksum(std::string_view prefix) {
    for (char c : prefix)
      add(static_cast<Byte>(c) >> 5);
    add(0);
    for (char c : prefix)
      add(static_cast<Byte>(c) & 31);
  }
  void add(std::uint32_t digit) {
    static constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                                0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = value_ >> 25;
    value_ = (value_ & 0x1ffffff) << 5 ^ digit;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1) != 0) value_ ^= kGenerator[i];
    }
  }
  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 1;
};

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kMalformed, "this is not a whole age key: " + std::string(what));
}

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Five bits a digit to eight bits a byte; what is left over must be less than a digit, and zero.
Result<SecretBytes> regroup(ByteView digits) {
  SecretBytes data(digits.size() * 5 / 8);
  std::size_t written = 0;
  std::uint32_t group = 0;
  int bits = 0;
  for (Byte digit : digits) {
    group = (group << 5 | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data.mutable_view()[written++] = static_cast<Byte>(group >> bits);
    }
  }
  if (bits >= 5 || (group & ((1u << bits) - 1)) != 0)
    return malformed("its last character carries bits of nothing");
  return data;
}

}  // namespace

std::string bech32_encode(std::string_view prefix, ByteView data) {
  std::string text(prefix);
  text.reserve(prefix.size() + 1 + (data.size() * 8 + 4) / 5 +
               kChecksumDigits);  // no second copy of a secret
  text.push_back('1');
  Checksum checksum(prefix);
  const auto put = [&](std::uint32_t digit) {
    checksum.add(digit);
    text.push_back(kDigits[digit]);
  };
  std::uint32_t group = 0;
  int bits = 0;
  for (Byte byte : data) {
    group = (group << 8 | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      put(group >> bits & 31);
    }
  }
  if (bits > 0) put(group << (5 - bits) & 31);
  for (std::size_t i = 0; i < kChecksumDigits; ++i)
    checksum.add(0);
  const std::uint32_t sum = checksum.value() ^ 1;
  for (std::size_t i = 0; i < kChecksumDigits; ++i)
    text.push_back(kDigits[sum >> (5 * (5 - i)) & 31]);
  return text;
}

Result<SecretBytes> bech32_decode(std::string_view prefix, std::string_view text) {
  if (text.size() > kMostCharacters) return malformed("it is too long");
  if (text.size() < prefix.size() + 1 + kChecksumDigits) return malformed("it is too short");
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (std::ranges::any_of(text, is_upper) && std::ranges::any_of(text, is_lower)) {
    return malformed("it mixes upper and lower case");
  }
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (lowered(text[i]) != prefix[i]) return malformed("it begins like something else");
  }
  if (text[prefix.size()] != '1') return malformed("it begins like something else");

  const std::string_view encoded = text.substr(prefix.size() + 1);
  SecretBytes digits(encoded.size());
  Checksum checksum(prefix);
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const std::size_t digit = kDigits.find(lowered(encoded[i]));
    if (digit == std::string_view::npos)
      return malformed("it has a character that no such key has");
    digits.mutable_view()[i] = static_cast<Byte>(digit);
    checksum.add(static_cast<std::uint32_t>(digit));
  }
  if (checksum.value() != 1)
    return malformed("its checksum does not fit, so a character was changed or lost");
  return regroup(digits.view().first(digits.size() - kChecksumDigits));
}

}  // namespace bulkhead::crypto
