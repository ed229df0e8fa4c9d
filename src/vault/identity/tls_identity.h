// The HTTPS listener's key: what is shown with it, and the one thing that it signs.
//
// A server's CertificateVerify (RFC 8446 section 4.4.3) covers 64 spaces, a text and a zero byte
// before the transcript's hash, so that it can be read as nothing else; whatever has not that frame
// is not signed. The private half never leaves this class, and there is one algorithm,
// ecdsa_secp256r1_sha256, which every client of TLS 1.3 has (section 9.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"
#include "crypto/signing_key.h"
#include "vault/catalogue/rows.h"

namespace bulkhead::journal {
class Entry;
}

namespace bulkhead::vault {

// A fresh key, and the journal's entry of it.
crypto::SigningKey make_tls_key(const crypto::AeadKey& system_key, std::uint64_t number,
                                crypto::Random& random, journal::Entry& entry);
// The entry that shows it with a certificate that it signed itself: for trying out.
void make_self_signed(const crypto::SigningKey& key, std::uint64_t number,
                      const std::vector<std::string>& names, UnixMicros now, journal::Entry& entry);

class TlsIdentity {
 public:
  struct Key {
    std::uint64_t number = 0;
    crypto::SigningKey key;
  };
  // Rows oldest first: the oldest has the certificate, where there is one; younger ones wait.
  static Result<TlsIdentity> open(const crypto::AeadKey& system_key,
                                  const std::vector<TlsKeyRow>& rows);

  const std::vector<Key>& keys() const { return keys_; }                          // oldest first
  const std::vector<std::string>& certificates() const { return certificates_; }  // none: no HTTPS
  std::int64_t not_after_s() const { return not_after_s_; }

  // DER, over `content`. kRefused where that is no server's CertificateVerify.
  Result<Bytes> sign(std::string_view content) const;

 private:
  std::vector<Key> keys_;
  std::vector<std::string> certificates_;
  std::int64_t not_after_s_ = 0;
};

}  // namespace bulkhead::vault
