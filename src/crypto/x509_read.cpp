// What stands in certificates, for a person; PEM.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <optional>

#include "crypto/digest.h"
#include "crypto/library.h"
#include "crypto/secret.h"
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

std::unexpected<Error> malformed(std::string why) {
  return fail(ErrorCode::kMalformed, std::move(why));
}

struct PemBlock {
  std::string label;
  SecretBytes der;  // what kind of block it is is the file's choice: it may be a private key
};

// Nothing at the end.
Result<std::optional<PemBlock>> next_block(BIO* bio, std::size_t number) {
  char* label = nullptr;
  char* header = nullptr;
  Byte* bytes = nullptr;
  long size = 0;
  if (PEM_read_bio(bio, &label, &header, &bytes, &size) == 1) {
    PemBlock block{label, SecretBytes(ByteView(bytes, static_cast<std::size_t>(size)))};
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(bytes, static_cast<std::size_t>(size));
    return block;
  }
  const bool at_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  forget_errors();
  if (at_the_end) return std::nullopt;
  return malformed(fmt::format("block {} in it is damaged", number));
}

std::size_t occurrences(std::string_view text, std::string_view of) {
  std::size_t count = 0;
  for (auto at = text.find(of); at != std::string_view::npos; at = text.find(of, at + of.size()))
    ++count;
  return count;
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
  std::vector<Bytes> found;
  std::size_t blocks = 0;
  const BioPtr bio(BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
  BH_ASSERT(bio != nullptr);
  while (true) {
    BH_TRY(const std::optional<PemBlock> block, next_block(bio.get(), blocks + 1));
    if (!block) break;
    ++blocks;
    if (block->label == PEM_STRING_X509 || block->label == PEM_STRING_X509_OLD) {
      if (!describe_certificate(block->der.view()))
        return malformed(fmt::format("block {} in it is not an X.509 certificate", blocks));
      if (found.size() == kMaxCertificates)
        return malformed(
            fmt::format("there are more than {} certificates in it: the server's and "
                        "those of its issuers are enough",
                        kMaxCertificates));
      found.push_back(to_bytes(block->der.view()));
    } else if (block->label == PEM_STRING_X509_TRUSTED) {
      return malformed(fmt::format(
          "block {} in it is a TRUSTED CERTIFICATE: openssl x509 makes a plain one of it", blocks));
    }
  }
  // Whatever is no first or last line of a block was passed over, with all that lies between.
  if (blocks < std::max(occurrences(text, "-----BEGIN"), occurrences(text, "-----END")))
    return malformed("a line with BEGIN or END in it is damaged");
  if (found.empty())
    return malformed(
        "there is no certificate in it: it must be PEM, the server's certificate first");
  return found;
}

}  // namespace bulkhead::crypto
