// The text forms of age's keys: section "The X25519 recipient type".
#include <algorithm>

#include "crypto/age.h"
#include "crypto/bech32.h"

namespace bulkhead::crypto {
namespace {

constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "age-secret-key-";
constexpr std::size_t kMostIdentities = 1000;

bool has(std::string_view text, char first, char last) {
  return std::ranges::any_of(text, [=](char c) { return c >= first && c <= last; });
}

// An identity file is a person's: what is wrong is said with the line, and without what it says.
std::string on_line(std::size_t number) {
  return "line " + std::to_string(number) + " of the identity file";
}

}  // namespace

Result<AgeRecipient> AgeRecipient::parse(std::string_view text) {
  // Bech32 could be upper case; age's recipients are lower case and its identities upper case.
  if (has(text, 'A', 'Z'))
    return fail(ErrorCode::kMalformed, "an age recipient is written in lower case: age1...");
  BH_TRY(const SecretBytes key, bech32_decode(kRecipientPrefix, text));
  X25519PublicKey bytes;
  if (key.size() != bytes.size()) {
    return fail(ErrorCode::kMalformed,
                "this age recipient is of a kind that is not known here; X25519 ones are");
  }
  std::ranges::copy(key.view(), bytes.begin());
  return AgeRecipient(bytes);
}

std::string AgeRecipient::to_string() const {
  return bech32_encode(kRecipientPrefix, key_);
}

AgeIdentity AgeIdentity::generate(Random& random) {
  return AgeIdentity(X25519KeyPair::generate(random));
}

Result<AgeIdentity> AgeIdentity::parse(std::string_view text) {
  if (has(text, 'a', 'z')) {
    return fail(ErrorCode::kMalformed,
                "an age identity is written in upper case: AGE-SECRET-KEY-1...");
  }
  BH_TRY(const SecretBytes key, bech32_decode(kIdentityPrefix, text));
  Secret<32> bytes;
  if (key.size() != bytes.size())
    return fail(ErrorCode::kMalformed, "this age identity is not of 32 bytes");
  std::ranges::copy(key.view(), bytes.mutable_view().begin());
  return AgeIdentity(X25519KeyPair::from_private(std::move(bytes)));
}

Result<std::vector<AgeIdentity>> AgeIdentity::parse_file(std::string_view contents) {
  std::vector<AgeIdentity> identities;
  std::size_t number = 0;
  while (!contents.empty()) {
    std::string_view line = contents.substr(0, contents.find('\n'));
    contents.remove_prefix(std::min(contents.size(), line.size() + 1));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    Result<AgeIdentity> identity = parse(line);
    if (!identity) return fail(identity.error().within(on_line(number)));
    if (identities.size() == kMostIdentities) {
      return fail(ErrorCode::kLimitExceeded, "the identity file holds more than 1000 identities");
    }
    identities.push_back(std::move(*identity));
  }
  if (identities.empty()) {
    return fail(ErrorCode::kMalformed,
                "the identity file holds no identity: age-keygen writes one");
  }
  return identities;
}

std::string AgeIdentity::to_string() const {
  std::string text = bech32_encode(kIdentityPrefix, pair_.private_key.view());
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

}  // namespace bulkhead::crypto
