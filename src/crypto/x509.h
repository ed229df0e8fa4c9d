// X.509 certificates (RFC 5280) for a key of ours: made, asked for, read for a person. What clients
// send is never read with this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "crypto/signing_key.h"

namespace bulkhead::crypto {

// Host names ("files.example.org", "*.example.org") and addresses ("203.0.113.5", "2001:db8::1"),
// at least one. kInvalidArgument names the first that is neither.
Status check_certificate_names(const std::vector<std::string>& names);

// DER. `names` as checked above; the first is the common name as well, where it is short enough.
Bytes self_signed_certificate(const SigningKey& key, const std::vector<std::string>& names,
                              UnixMicros now, std::uint32_t days);
Bytes certificate_request(const SigningKey& key, const std::vector<std::string>& names);
// SubjectPublicKeyInfo: what both hold, byte for byte.
Bytes subject_public_key_info(const SigningKey& key);

// --- for the command line, which hands certificates to and fro -----------------------------------

struct CertificateFacts {
  std::string subject;  // "CN = files.example.org"
  std::string issuer;
  std::vector<std::string> names;
  std::int64_t not_before_s = 0;  // Unix time
  std::int64_t not_after_s = 0;
  Bytes sha256;
};
// kMalformed.
Result<CertificateFacts> describe_certificate(ByteView der);

// "CERTIFICATE", "CERTIFICATE REQUEST": RFC 7468.
std::string to_pem(std::string_view label, ByteView der);
// Of a file, in its order, 16 at most; blocks of other kinds are passed over. kMalformed: there is
// none, too many, or any block is damaged.
Result<std::vector<Bytes>> certificates_of_pem(std::string_view text);

}  // namespace bulkhead::crypto
