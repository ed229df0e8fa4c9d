// OpenSSH's user certificates (PROTOCOL.certkeys): taken apart where they arrive, in the edge, and
// put together again, byte for byte, where they are judged, in the vault. The vault takes nothing
// apart.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::sshwire {

constexpr std::size_t kMaxCertificateBytes = 16 * 1024;
constexpr std::size_t kMaxPrincipals = 256;  // OpenSSH makes no more
constexpr std::size_t kMaxCertificateOptions = 32;

// How certificates are used to log in, and what is in them.
struct CertificateName {
  std::string_view algorithm;            // in the request: "rsa-sha2-512-cert-v01@openssh.com"
  std::string_view type;                 // first field: "ssh-rsa-cert-v01@openssh.com"
  std::string_view key_type;             // of the certified key: "ssh-rsa"
  std::string_view signature_algorithm;  // with which the user signs: "rsa-sha2-512"
  std::size_t key_fields;                // strings and mpints that make the key
};
std::span<const CertificateName> certificate_names();
const CertificateName* find_certificate(std::string_view algorithm);

// The critical options that there are (PROTOCOL.certkeys, "Critical options").
constexpr std::string_view kForceCommandOption = "force-command";
constexpr std::string_view kSourceAddressOption = "source-address";
constexpr std::string_view kVerifyRequiredOption = "verify-required";

struct CertificateOption {
  std::string name;
  Bytes data;
};

constexpr std::uint32_t kUserCertificate = 1;
constexpr std::uint32_t kHostCertificate = 2;

// Every field as the certificate has it; none has been judged.
struct Certificate {
  std::string type;
  Bytes nonce;
  Bytes key_fields;  // the certified key without its type: what stands between nonce and serial
  std::uint64_t serial = 0;
  std::uint32_t kind = 0;
  std::string key_id;
  std::vector<std::string> principals;
  std::uint64_t valid_after_s = 0;   // Unix time; valid from here on
  std::uint64_t valid_before_s = 0;  // valid until just before
  std::vector<CertificateOption> critical_options;
  std::vector<CertificateOption> extensions;
  Bytes reserved;
  Bytes authority_key;  // the blob of the key that signed
  Bytes signature;      // its signature blob
};

// Hostile. What does not come out of certificate_blob() again, byte for byte, is kMalformed; so is
// a key that is not one of its type. kUnsupported, kLimitExceeded.
Result<Certificate> parse_certificate(ByteView blob);

// What the authority signed, and the whole. A certificate has one way to be taken apart only if
// `key_fields` are exactly the fields of its type of key: who gets the fields from elsewhere checks
// that with parse_public_key(certified_key()) before believing any other field.
Bytes certificate_signed_part(const Certificate& certificate);
Bytes certificate_blob(const Certificate& certificate);
// The certified key as a blob of its own; empty for a type that is not known.
Bytes certified_key(const Certificate& certificate);

}  // namespace bulkhead::sshwire
