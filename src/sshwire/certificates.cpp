#include "sshwire/certificates.h"

#include <algorithm>
#include <array>

#include "sshwire/keys.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {
namespace {

constexpr std::array kCertificates = {
    CertificateName{"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com",
                    "ssh-ed25519", "ssh-ed25519", 1},
    CertificateName{"ecdsa-sha2-nistp256-cert-v01@openssh.com",
                    "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256",
                    "ecdsa-sha2-nistp256", 2},
    CertificateName{"ecdsa-sha2-nistp384-cert-v01@openssh.com",
                    "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384",
                    "ecdsa-sha2-nistp384", 2},
    CertificateName{"ecdsa-sha2-nistp521-cert-v01@openssh.com",
                    "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521",
                    "ecdsa-sha2-nistp521", 2},
    CertificateName{"rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "ssh-rsa",
                    "rsa-sha2-512", 2},
    CertificateName{"rsa-sha2-256-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com", "ssh-rsa",
                    "rsa-sha2-256", 2},
    CertificateName{"sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com",
                    "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", 2},
    CertificateName{"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
                    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
                    "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", 3},
};

constexpr std::size_t kMaxTypeBytes = 64;

const CertificateName* find_type(std::string_view type) {
  const auto* const row =
      std::ranges::find_if(kCertificates, [&](const auto& each) { return each.type == type; });
  return row == kCertificates.end() ? nullptr : row;
}

Status read_principals(ByteView list, Certificate& out) {
  Reader reader(list);
  while (reader.ok() && !reader.at_end()) {
    out.principals.emplace_back(reader.text());
    if (out.principals.size() > kMaxPrincipals)
      return fail(ErrorCode::kLimitExceeded, "the certificate has too many principals");
  }
  return reader.finish("the certificate's principals");
}

Status read_options(ByteView list, std::vector<CertificateOption>& out) {
  Reader reader(list);
  while (reader.ok() && !reader.at_end()) {
    std::string name(reader.text());
    out.push_back({std::move(name), to_bytes(reader.string())});
    if (out.size() > kMaxCertificateOptions)
      return fail(ErrorCode::kLimitExceeded, "the certificate has too many options");
  }
  return reader.finish("the certificate's options");
}

Bytes written_options(const std::vector<CertificateOption>& options) {
  Writer writer;
  for (const CertificateOption& option : options)
    writer.string(std::string_view(option.name)).string(ByteView(option.data));
  return std::move(writer).take();
}

// The bytes of so many strings or mpints, which are framed alike.
Bytes take_fields(Reader& reader, std::size_t count) {
  const ByteView from = reader.rest();
  for (std::size_t i = 0; i < count; ++i)
    reader.string(kMaxKeyBlobBytes);
  return to_bytes(from.first(from.size() - reader.rest().size()));
}

}  // namespace

std::span<const CertificateName> certificate_names() {
  return kCertificates;
}

const CertificateName* find_certificate(std::string_view algorithm) {
  const auto* const row = std::ranges::find_if(
      kCertificates, [&](const auto& each) { return each.algorithm == algorithm; });
  return row == kCertificates.end() ? nullptr : row;
}

Result<Certificate> parse_certificate(ByteView blob) {
  if (blob.size() > kMaxCertificateBytes)
    return fail(ErrorCode::kLimitExceeded, "the certificate is too long");
  Reader reader(blob);
  Certificate certificate;
  certificate.type = reader.text(kMaxTypeBytes);
  const CertificateName* row = find_type(certificate.type);
  if (row == nullptr) return fail(ErrorCode::kUnsupported, "not a certificate of a kind we know");
  certificate.nonce = to_bytes(reader.string());
  certificate.key_fields = take_fields(reader, row->key_fields);
  certificate.serial = reader.uint64();
  certificate.kind = reader.uint32();
  certificate.key_id = reader.text();
  const ByteView principals = reader.string();
  certificate.valid_after_s = reader.uint64();
  certificate.valid_before_s = reader.uint64();
  const ByteView critical_options = reader.string();
  const ByteView extensions = reader.string();
  certificate.reserved = to_bytes(reader.string());
  certificate.authority_key = to_bytes(reader.string(kMaxKeyBlobBytes));
  certificate.signature = to_bytes(reader.string(kMaxSignatureBlobBytes));
  BH_CHECK(reader.finish("the certificate"));
  BH_CHECK(read_principals(principals, certificate));
  BH_CHECK(read_options(critical_options, certificate.critical_options));
  BH_CHECK(read_options(extensions, certificate.extensions));
  BH_CHECK(parse_public_key(certified_key(certificate)));
  if (!equal(certificate_blob(certificate), blob))
    return fail(ErrorCode::kMalformed, "the certificate is not encoded in the one way there is");
  return certificate;
}

Bytes certificate_signed_part(const Certificate& certificate) {
  Writer principals;
  for (const std::string& principal : certificate.principals)
    principals.string(std::string_view(principal));
  Writer writer;
  writer.string(std::string_view(certificate.type)).string(ByteView(certificate.nonce));
  writer.raw(certificate.key_fields).uint64(certificate.serial).uint32(certificate.kind);
  writer.string(std::string_view(certificate.key_id)).string(principals.view());
  writer.uint64(certificate.valid_after_s).uint64(certificate.valid_before_s);
  writer.string(ByteView(written_options(certificate.critical_options)));
  writer.string(ByteView(written_options(certificate.extensions)));
  writer.string(ByteView(certificate.reserved)).string(ByteView(certificate.authority_key));
  return std::move(writer).take();
}

Bytes certificate_blob(const Certificate& certificate) {
  Writer writer;
  writer.raw(certificate_signed_part(certificate)).string(ByteView(certificate.signature));
  return std::move(writer).take();
}

Bytes certified_key(const Certificate& certificate) {
  const CertificateName* row = find_type(certificate.type);
  if (row == nullptr) return {};
  Writer writer;
  writer.string(row->key_type).raw(certificate.key_fields);
  return std::move(writer).take();
}

}  // namespace bulkhead::sshwire
