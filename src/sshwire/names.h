// The tables of algorithm names, in the server's order of preference. What stands here is offered,
// nothing else.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ssh_profile.h"
#include "crypto/digest.h"

namespace bulkhead::sshwire {

using Profile = SshProfile;

struct KexName {
  std::string_view name;
  crypto::HashAlgorithm hash;  // of the exchange hash and of the key derivation
  Profile least;
  bool group_exchange = false;  // RFC 4419: more goes into the hash
};
std::span<const KexName> kex_names();
const KexName* find_kex(std::string_view name);

struct AlgorithmName {
  std::string_view name;
  Profile least;
};
std::span<const AlgorithmName> cipher_names();
std::span<const AlgorithmName> mac_names();
const AlgorithmName* find_cipher(std::string_view name);
const AlgorithmName* find_mac(std::string_view name);

// How users' keys may sign (RFC 8308 section 3.1, server-sig-algs) and what kind of key that takes.
enum class KeyKind {
  kEd25519,
  kRsa,
  kEcdsaP256,
  kEcdsaP384,
  kEcdsaP521,
  kSecurityKeyEd25519,  // on a FIDO authenticator: OpenSSH's PROTOCOL.u2f
  kSecurityKeyEcdsaP256,
};
struct SignatureName {
  std::string_view name;      // "rsa-sha2-512"
  std::string_view key_type;  // "ssh-rsa": the first field of the key blob
  KeyKind kind;
  crypto::HashAlgorithm hash;  // of the message; Ed25519 has its own
  Profile least;
};
std::span<const SignatureName> signature_names();
// Who does not say what they want to be let through gets nothing with SHA-1.
const SignatureName* find_signature(std::string_view name, Profile most = Profile::kCompatible);

// How the host's keys may sign, and as what they show themselves.
struct HostKeyName {
  std::string_view name;                 // "rsa-sha2-512-cert-v01@openssh.com"
  std::string_view key_type;             // of the key, or of the certified one: "ssh-rsa"
  std::string_view signature_algorithm;  // "rsa-sha2-512"
  crypto::HashAlgorithm hash;
  Profile least;
  bool certificate = false;
};
std::span<const HostKeyName> host_key_names();
const HostKeyName* find_host_key(std::string_view name);

// Indicators that ride in the list of key exchange methods.
constexpr std::string_view kExtInfoClient = "ext-info-c";  // RFC 8308 section 2.1
constexpr std::string_view kStrictKexClient =
    "kex-strict-c-v00@openssh.com";  // OpenSSH PROTOCOL, 1.10
constexpr std::string_view kStrictKexServer = "kex-strict-s-v00@openssh.com";

// The names of a table that a profile offers, in order.
template <typename Row>
std::vector<std::string_view> offered(std::span<const Row> table, Profile profile) {
  std::vector<std::string_view> names;
  for (const Row& row : table) {
    if (row.least <= profile) names.push_back(row.name);
  }
  return names;
}

}  // namespace bulkhead::sshwire
