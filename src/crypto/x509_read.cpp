// What stands in certificates, for a person; PEM.
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "crypto/digest.h"
#include "crypto/library.h"
#include "crypto/x509.h"

namespace bulkhead::crypto {
namespace {

using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeBy<GENERAL_NAMES_free>>;

constexpr std::size_t kMaxCertificates = 16;

std::unexpected<Error> not_a_certificate() {
  forget_errors();
  return fail(ErrorCode::kMalformed, "it is not an X.509 certificate");
}

std::string contents_of(BIO* bio) {
  const char* at = nullptr;
  const long size = BIO_get_mem_data(bio, &at);
  return std::string(at, static_cast<std::size_t>(size));
}

std::string text_of(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  BH_ASSERT(bio != nullptr);
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  return contents_of(bio.get());
}

std::string text_of(const GENERAL_NAME& name) {
  if (name.type == GEN_DNS) {
    const ASN1_STRING* text = name.d.dNSName;
    return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  const BioPtr bio(BIO_new(BIO_s_mem()));
  BH_ASSERT(bio != nullptr);
  GENERAL_NAME_print(bio.get(), const_cast<GENERAL_NAME*>(&name));
  return contents_of(bio.get());
}

bool seconds_of(const ASN1_TIME* time, std::int64_t& seconds) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return false;
  seconds = ::timegm(&parts);
  return true;
}

}  // namespace

Result<CertificateFacts> describe_certificate(ByteView der) {
  algorithms();
  const Byte* at = der.data();
  const CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != der.data() + der.size()) return not_a_certificate();
  CertificateFacts facts;
  facts.subject = text_of(X509_get_subject_name(certificate.get()));
  facts.issuer = text_of(X509_get_issuer_name(certificate.get()));
  if (!seconds_of(X509_get0_notBefore(certificate.get()), facts.not_before_s) ||
      !seconds_of(X509_get0_notAfter(certificate.get()), facts.not_after_s))
    return not_a_certificate();
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i)
    facts.names.push_back(text_of(*sk_GENERAL_NAME_value(names.get(), i)));
  facts.sha256 = to_bytes(sha256(der));
  forget_errors();
  return facts;
}

std::string to_pem(std::string_view label, ByteView der) {
  algorithms();
  const BioPtr bio(BIO_new(BIO_s_mem()));
  BH_ASSERT(bio != nullptr && PEM_write_bio(bio.get(), std::string(label).c_str(), "", der.data(),
                                            static_cast<long>(der.size())) > 0);
  return contents_of(bio.get());
}

Result<std::vector<Bytes>> certificates_of_pem(std::string_view text) {
  algorithms();
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  BH_ASSERT(bio != nullptr);
  std::vector<Bytes> found;
  while (found.size() < kMaxCertificates) {
    const CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    Byte* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    if (size > 0) found.emplace_back(der, der + size);
    OPENSSL_free(der);
  }
  forget_errors();
  if (found.empty())
    return fail(ErrorCode::kMalformed,
                "there is no certificate in it: it must be PEM, the server's certificate first");
  return found;
}

}  // namespace bulkhead::crypto
