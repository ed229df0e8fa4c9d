#include "sshwire/names.h"

#include <algorithm>
#include <array>

namespace bulkhead::sshwire {
namespace {
using crypto::HashAlgorithm;

constexpr std::array kKex = {
    // draft-ietf-sshm-mlkem-hybrid-kex
    KexName{"mlkem768x25519-sha256", HashAlgorithm::kSha256, Profile::kPostQuantum},
    KexName{"curve25519-sha256", HashAlgorithm::kSha256, Profile::kModern},  // RFC 8731
    KexName{"curve25519-sha256@libssh.org", HashAlgorithm::kSha256, Profile::kModern},
    KexName{"ecdh-sha2-nistp256", HashAlgorithm::kSha256, Profile::kCompatible},  // RFC 5656
    KexName{"ecdh-sha2-nistp384", HashAlgorithm::kSha384, Profile::kCompatible},
    KexName{"ecdh-sha2-nistp521", HashAlgorithm::kSha512, Profile::kCompatible},
    KexName{"diffie-hellman-group16-sha512", HashAlgorithm::kSha512,
            Profile::kCompatible},  // RFC 8268
    KexName{"diffie-hellman-group18-sha512", HashAlgorithm::kSha512, Profile::kCompatible},
    KexName{"diffie-hellman-group-exchange-sha256", HashAlgorithm::kSha256, Profile::kCompatible,
            true},  // RFC 4419
    KexName{"diffie-hellman-group14-sha256", HashAlgorithm::kSha256, Profile::kCompatible},
};

constexpr std::array kCiphers = {
    AlgorithmName{"aes256-gcm@openssh.com",
                  Profile::kPostQuantum},  // RFC 5647 as OpenSSH negotiates it
    AlgorithmName{"aes128-gcm@openssh.com", Profile::kPostQuantum},
    AlgorithmName{"chacha20-poly1305@openssh.com", Profile::kPostQuantum},
    AlgorithmName{"aes256-ctr", Profile::kPostQuantum},  // RFC 4344
    AlgorithmName{"aes192-ctr", Profile::kPostQuantum},
    AlgorithmName{"aes128-ctr", Profile::kPostQuantum},
    AlgorithmName{"aes256-cbc", Profile::kLegacy},  // RFC 4253 section 6.3
    AlgorithmName{"aes192-cbc", Profile::kLegacy},
    AlgorithmName{"aes128-cbc", Profile::kLegacy},
};

constexpr std::array kMacs = {
    AlgorithmName{"hmac-sha2-256-etm@openssh.com", Profile::kPostQuantum},
    AlgorithmName{"hmac-sha2-512-etm@openssh.com", Profile::kPostQuantum},
    AlgorithmName{"hmac-sha2-256", Profile::kCompatible},  // RFC 6668; encrypt-and-MAC
    AlgorithmName{"hmac-sha2-512", Profile::kCompatible},
    AlgorithmName{"hmac-sha1", Profile::kLegacy},
};

constexpr std::array kSignatures = {
    SignatureName{"ssh-ed25519", "ssh-ed25519", KeyKind::kEd25519, HashAlgorithm::kSha512,
                  Profile::kPostQuantum},
    SignatureName{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", KeyKind::kEcdsaP256,
                  HashAlgorithm::kSha256, Profile::kPostQuantum},
    SignatureName{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", KeyKind::kEcdsaP384,
                  HashAlgorithm::kSha384, Profile::kPostQuantum},
    SignatureName{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", KeyKind::kEcdsaP521,
                  HashAlgorithm::kSha512, Profile::kPostQuantum},
    SignatureName{"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com",
                  KeyKind::kSecurityKeyEd25519, HashAlgorithm::kSha512, Profile::kPostQuantum},
    SignatureName{"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
                  KeyKind::kSecurityKeyEcdsaP256, HashAlgorithm::kSha256, Profile::kPostQuantum},
    SignatureName{"rsa-sha2-512", "ssh-rsa", KeyKind::kRsa, HashAlgorithm::kSha512,
                  Profile::kPostQuantum},
    SignatureName{"rsa-sha2-256", "ssh-rsa", KeyKind::kRsa, HashAlgorithm::kSha256,
                  Profile::kPostQuantum},
    SignatureName{"ssh-rsa", "ssh-rsa", KeyKind::kRsa, HashAlgorithm::kSha1, Profile::kLegacy},
};

// NIST's curve is behind RSA, and not in modern: scanners object to it.
constexpr std::array kHostKeys = {
    HostKeyName{"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", "ssh-ed25519",
                HashAlgorithm::kSha512, Profile::kPostQuantum, true},
    HostKeyName{"rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa", "rsa-sha2-512",
                HashAlgorithm::kSha512, Profile::kPostQuantum, true},
    HostKeyName{"rsa-sha2-256-cert-v01@openssh.com", "ssh-rsa", "rsa-sha2-256",
                HashAlgorithm::kSha256, Profile::kPostQuantum, true},
    HostKeyName{"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256",
                "ecdsa-sha2-nistp256", HashAlgorithm::kSha256, Profile::kCompatible, true},
    HostKeyName{"ssh-ed25519", "ssh-ed25519", "ssh-ed25519", HashAlgorithm::kSha512,
                Profile::kPostQuantum},
    HostKeyName{"rsa-sha2-512", "ssh-rsa", "rsa-sha2-512", HashAlgorithm::kSha512,
                Profile::kPostQuantum},  // RFC 8332
    HostKeyName{"rsa-sha2-256", "ssh-rsa", "rsa-sha2-256", HashAlgorithm::kSha256,
                Profile::kPostQuantum},
    HostKeyName{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256",
                HashAlgorithm::kSha256, Profile::kCompatible},
    HostKeyName{"ssh-rsa", "ssh-rsa", "ssh-rsa", HashAlgorithm::kSha1, Profile::kLegacy},
};

template <typename Table>
auto find(const Table& table, std::string_view name) -> decltype(table.data()) {
  const auto at = std::ranges::find_if(table, [&](const auto& row) { return row.name == name; });
  return at == table.end() ? nullptr : &*at;
}
}  // namespace

std::span<const KexName> kex_names() {
  return kKex;
}
std::span<const AlgorithmName> cipher_names() {
  return kCiphers;
}
std::span<const AlgorithmName> mac_names() {
  return kMacs;
}
std::span<const SignatureName> signature_names() {
  return kSignatures;
}
const AlgorithmName* find_cipher(std::string_view name) {
  return find(kCiphers, name);
}
const AlgorithmName* find_mac(std::string_view name) {
  return find(kMacs, name);
}
const KexName* find_kex(std::string_view name) {
  return find(kKex, name);
}
const SignatureName* find_signature(std::string_view name, Profile most) {
  const SignatureName* row = find(kSignatures, name);
  return row == nullptr || row->least > most ? nullptr : row;
}
std::span<const HostKeyName> host_key_names() {
  return kHostKeys;
}
const HostKeyName* find_host_key(std::string_view name) {
  return find(kHostKeys, name);
}

}  // namespace bulkhead::sshwire
