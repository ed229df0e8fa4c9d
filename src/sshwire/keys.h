// Public key blobs, signature blobs, and the lines of authorized_keys and .pub files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/signature.h"
#include "sshwire/names.h"

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
// On a FIDO authenticator (OpenSSH's PROTOCOL.u2f): "sk-ssh-ed25519@openssh.com" and
// "sk-ecdsa-sha2-nistp256@openssh.com".
struct SecurityKey {
  std::variant<Ed25519Key, EcdsaKey> key;
  std::string application;  // "ssh:"; what the authenticator keeps its keys apart by
};
using PublicKey = std::variant<Ed25519Key, RsaKey, EcdsaKey, SecurityKey>;

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
Bytes rsa_key_blob(ByteView exponent, ByteView modulus);
Bytes ecdsa_p256_key_blob(ByteView point);
// string(algorithm) || string(signature) (RFC 4253 section 6.6).
Bytes signature_blob(std::string_view algorithm, ByteView signature);
// What stands in it for ECDSA (RFC 5656 section 3.1.2). `r_and_s`: both of the curve's size.
Bytes ecdsa_signature(ByteView r_and_s);

// What an authenticator signed along with the message.
struct SecurityKeyState {
  bool user_present = false;   // somebody touched it
  bool user_verified = false;  // and proved to it who they are: PIN, fingerprint
  std::uint32_t counter = 0;   // of its signatures; always 0: it does not count
};
struct SignatureFacts {
  std::optional<SecurityKeyState> security_key;  // of security keys only
};
// As verify_signature(); nothing when it is not valid. A security key's signature is valid in this
// sense whatever its flags say: the caller judges them. `most`: what the algorithm may need at
// most.
std::optional<SignatureFacts> check_signature(std::string_view algorithm, const PublicKey& key,
                                              ByteView message, ByteView signature_blob,
                                              Profile most = Profile::kCompatible);
// The algorithm that a signature blob names; empty where it names none.
std::string_view signature_algorithm(ByteView signature_blob);

// Whether `signature_blob` is a signature by `key` over `message`, made the way that `algorithm`
// says ("rsa-sha2-512"). Everything is hostile; whatever is malformed or does not belong together
// is simply not valid. A security key's is valid only if somebody touched it.
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
