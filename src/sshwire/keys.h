// Public key blobs, signature blobs, and the lines of authorized_keys and .pub files.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/signature.h"

namespace bulkhead::sshwire {

struct Ed25519Key {
  crypto::Ed25519PublicKey key;
};
struct RsaKey {
  Bytes exponent;  // big-endian, unsigned
  Bytes modulus;
};
struct EcdsaKey {
  crypto::EcCurve curve;
  Bytes point;  // SEC 1, uncompressed; that it lies on the curve is found out when verifying
};
using PublicKey = std::variant<Ed25519Key, RsaKey, EcdsaKey>;

constexpr std::size_t kMaxKeyBlobBytes = 2200;  // RSA of 16384 bits fits
constexpr std::size_t kMaxSignatureBlobBytes = 2200;

// Blob of RFC 4253 section 6.6, RFC 8709, RFC 5656 section 3.1. Hostile. kMalformed, kUnsupported
// (a kind of key that we do not know), kLimitExceeded (too long; RSA under 2048 or over 16384
// bits).
Result<PublicKey> parse_public_key(ByteView blob);
// "ssh-rsa"; the algorithm that the first field names, where it is one that we know.
Result<std::string_view> public_key_type(ByteView blob);

Bytes ed25519_key_blob(const crypto::Ed25519PublicKey& key);
Bytes ed25519_signature_blob(const crypto::Ed25519Signature& signature);

// Whether `signature_blob` is a signature by `key` over `message`, made the way that `algorithm`
// says ("rsa-sha2-512"). Everything is hostile; whatever is malformed or does not belong together
// is simply not valid.
bool verify_signature(std::string_view algorithm, const PublicKey& key, ByteView message,
                      ByteView signature_blob);

struct AuthorizedKey {
  Bytes blob;
  std::string type;     // "ssh-ed25519"
  std::string comment;  // printable text only; may be empty
};
// "ssh-ed25519 AAAA… comment". Options in front of the type are not supported and refused, not
// ignored. The blob has been parsed: it is a key that we can verify with.
Result<AuthorizedKey> parse_authorized_key_line(std::string_view line);

// "SHA256:…" as ssh-keygen -l prints it.
std::string key_fingerprint(ByteView blob);

}  // namespace bulkhead::sshwire
