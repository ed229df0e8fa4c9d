// What a server of TLS 1.3 signs (RFC 8446 section 4.4.3), over some transcript.
#pragma once

#include <string>

namespace bulkhead::vault {

inline std::string certificate_verify(char transcript = 'h', std::size_t hash_bytes = 32) {
  return std::string(64, ' ') + "TLS 1.3, server CertificateVerify" + '\0' +
         std::string(hash_bytes, transcript);
}

}  // namespace bulkhead::vault
