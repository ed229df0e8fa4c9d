// The primitives that an attacker brings along, from libcrypto.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

typedef struct evp_pkey_st EVP_PKEY;

namespace bulkhead::drill {

std::string random_bytes(std::size_t count);
std::string sha256(std::string_view bytes);
std::string sha384(std::string_view bytes);
std::string hmac_sha1(std::string_view key, std::string_view bytes);
std::string hmac_sha384(std::string_view key, std::string_view bytes);

// AES-256-GCM with a nonce of 12 bytes; the tag of 16 is the end of the box.
std::string gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated,
                     std::string_view plaintext);
std::optional<std::string> gcm_open(std::string_view key, std::string_view nonce,
                                    std::string_view associated, std::string_view box);

// Ed25519 or X25519.
class PrivateKey {
 public:
  static PrivateKey ed25519();
  static PrivateKey x25519();

  std::string public_key() const;
  std::string sign(std::string_view message) const;           // Ed25519
  std::string agree(std::string_view peer_public_key) const;  // X25519; empty: not a good point
  // As SSH writes it (RFC 8709 section 4).
  std::string ssh_blob() const;
  std::string ssh_signature(std::string_view message) const;
  // A file that OpenSSH's clients read.
  std::string openssh_file() const;

 private:
  explicit PrivateKey(EVP_PKEY* key);
  std::string private_seed() const;
  std::shared_ptr<EVP_PKEY> key_;
};

// The code of an authenticator application (RFC 6238) at that time.
std::string totp_code(std::string_view secret, std::int64_t unix_seconds);

// Whatever libcrypto loads at first use; afterwards no file need be opened.
void prepare_secrets();

}  // namespace bulkhead::drill
