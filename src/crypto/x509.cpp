#include "crypto/x509.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/library.h"
#include "crypto/random.h"

namespace bulkhead::crypto {
namespace {

using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, FreeBy<X509_REQ_free>>;
using NamePtr = std::unique_ptr<X509_NAME, FreeBy<X509_NAME_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;

constexpr std::size_t kMaxNames = 64;
constexpr std::size_t kMaxHostNameBytes = 253;   // RFC 1035 section 2.3.4
constexpr std::size_t kMaxCommonNameBytes = 64;  // RFC 5280 appendix A.1, ub-common-name
constexpr std::size_t kSerialBytes = 16;
constexpr long kVersion3 = 2;
constexpr std::int64_t kSecondsOfDay = 86'400;
constexpr std::int64_t kClockSkewS = 3600;  // clients whose clock is behind

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * list) const {
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

bool is_address(const std::string& name) {
  Byte bytes[16];
  return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

// Letters, digits, hyphens and dots (RFC 1034 section 3.5), "*." in front: so that none of them
// means anything to what builds the extension.
bool is_host_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > kMaxHostNameBytes || name.front() == '.' || name.back() == '.')
    return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

void add_extension(STACK_OF(X509_EXTENSION) * list, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  BH_ASSERT(extension != nullptr && sk_X509_EXTENSION_push(list, extension) > 0);
}

ExtensionsPtr extensions_for(const std::vector<std::string>& names) {
  ExtensionsPtr list(sk_X509_EXTENSION_new_null());
  BH_ASSERT(list != nullptr);
  std::string alternatives;
  for (const std::string& name : names) {
    if (!alternatives.empty()) alternatives += ',';
    alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
  }
  add_extension(list.get(), NID_subject_alt_name, alternatives);
  add_extension(list.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(list.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(list.get(), NID_ext_key_usage, "serverAuth");
  return list;
}

NamePtr subject_for(const std::vector<std::string>& names) {
  NamePtr subject(X509_NAME_new());
  BH_ASSERT(subject != nullptr);
  const std::string& common =
      names.front().size() <= kMaxCommonNameBytes ? names.front() : std::string("Bulkhead");
  BH_ASSERT(X509_NAME_add_entry_by_txt(subject.get(), "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const Byte*>(common.data()),
                                       static_cast<int>(common.size()), -1, 0) == 1);
  return subject;
}

template <typename Object>
Bytes der_of(const Object* object, int (*encode)(const Object*, Byte**)) {
  const int size = encode(object, nullptr);
  BH_ASSERT(size > 0);
  Bytes der(static_cast<std::size_t>(size));
  Byte* at = der.data();
  BH_ASSERT(encode(object, &at) == size);
  return der;
}

const EVP_MD* signature_hash(const SigningKey& key) {
  return key.kind() == SigningKeyKind::kEd25519 ? nullptr : algorithms().sha256;
}

void set_random_serial(X509* certificate) {
  Bytes bytes(kSerialBytes);
  system_random().fill(bytes);
  bytes[0] = static_cast<Byte>((bytes[0] & 0x3f) | 0x40);  // positive, and never shorter
  const NumberPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  BH_ASSERT(number != nullptr &&
            BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

}  // namespace

Status check_certificate_names(const std::vector<std::string>& names) {
  if (names.empty() || names.size() > kMaxNames)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a certificate is for one name at least and {} at most", kMaxNames));
  for (const std::string& name : names) {
    if (is_address(name) || is_host_name(name)) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is neither a host name nor an address", name));
  }
  return {};
}

Bytes self_signed_certificate(const SigningKey& key, const std::vector<std::string>& names,
                              UnixMicros now, std::uint32_t days) {
  BH_ASSERT(check_certificate_names(names));
  const CertificatePtr certificate(X509_new());
  BH_ASSERT(certificate != nullptr && X509_set_version(certificate.get(), kVersion3) == 1);
  set_random_serial(certificate.get());
  const std::int64_t now_s = now / kMicrosPerSecond;
  BH_ASSERT(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now_s - kClockSkewS) != nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now_s + days * kSecondsOfDay) !=
                nullptr);
  const NamePtr subject = subject_for(names);
  BH_ASSERT(X509_set_subject_name(certificate.get(), subject.get()) == 1 &&
            X509_set_issuer_name(certificate.get(), subject.get()) == 1 &&
            X509_set_pubkey(certificate.get(), key.library_key()) == 1);
  const ExtensionsPtr extensions = extensions_for(names);
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i)
    BH_ASSERT(X509_add_ext(certificate.get(), sk_X509_EXTENSION_value(extensions.get(), i), -1) ==
              1);
  BH_ASSERT(X509_sign(certificate.get(), key.library_key(), signature_hash(key)) > 0);
  return der_of<X509>(certificate.get(), i2d_X509);
}

Bytes certificate_request(const SigningKey& key, const std::vector<std::string>& names) {
  BH_ASSERT(check_certificate_names(names));
  const RequestPtr request(X509_REQ_new());
  const NamePtr subject = subject_for(names);
  const ExtensionsPtr extensions = extensions_for(names);
  BH_ASSERT(request != nullptr && X509_REQ_set_version(request.get(), 0) == 1 &&
            X509_REQ_set_subject_name(request.get(), subject.get()) == 1 &&
            X509_REQ_set_pubkey(request.get(), key.library_key()) == 1 &&
            X509_REQ_add_extensions(request.get(), extensions.get()) == 1 &&
            X509_REQ_sign(request.get(), key.library_key(), signature_hash(key)) > 0);
  return der_of<X509_REQ>(request.get(), i2d_X509_REQ);
}

Bytes subject_public_key_info(const SigningKey& key) {
  return der_of<EVP_PKEY>(key.library_key(), i2d_PUBKEY);
}

}  // namespace bulkhead::crypto
