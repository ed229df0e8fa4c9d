#include "software_authenticator.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#include "base/error.h"
#include "sshwire/writer.h"

namespace bulkhead::testing_support {
namespace {

using sshwire::Writer;

Bytes number(const BIGNUM* n) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(n)));
  BN_bn2bin(n, bytes.data());
  return bytes;
}

}  // namespace

SoftwareAuthenticator::SoftwareAuthenticator(Kind kind, std::string application)
    : kind_(kind),
      application_(std::move(application)),
      ed25519_(crypto::Ed25519KeyPair::generate(crypto::system_random())),
      p256_(EVP_EC_gen("P-256")) {}

std::string SoftwareAuthenticator::algorithm() const {
  return kind_ == Kind::kEd25519 ? "sk-ssh-ed25519@openssh.com"
                                 : "sk-ecdsa-sha2-nistp256@openssh.com";
}

Bytes SoftwareAuthenticator::key_fields() const {
  Writer writer;
  if (kind_ == Kind::kEd25519) {
    writer.string(ByteView(ed25519_.public_key));
  } else {
    Bytes point(65);
    std::size_t size = 0;
    BH_ASSERT(EVP_PKEY_get_octet_string_param(p256_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                              point.size(), &size) == 1 &&
              size == point.size());
    writer.string(std::string_view("nistp256")).string(ByteView(point));
  }
  writer.string(std::string_view(application_));
  return std::move(writer).take();
}

Bytes SoftwareAuthenticator::key_blob() const {
  Writer writer;
  writer.string(std::string_view(algorithm())).raw(key_fields());
  return std::move(writer).take();
}

Bytes SoftwareAuthenticator::sign(ByteView message) {
  if (counts) ++counter;
  const auto flags = static_cast<Byte>((user_present ? 0x01 : 0) | (user_verified ? 0x04 : 0));
  Writer data;
  data.raw(crypto::sha256(as_bytes(application_))).byte(flags).uint32(counter);
  data.raw(crypto::sha256(message));
  Writer blob;
  blob.string(std::string_view(algorithm()));
  if (kind_ == Kind::kEd25519) {
    blob.string(ByteView(ed25519_.sign(data.view())));
  } else {
    blob.string(ByteView(sign_ecdsa(data.view())));
  }
  blob.byte(flags).uint32(counter);
  return std::move(blob).take();
}

Bytes SoftwareAuthenticator::sign_ecdsa(ByteView data) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  BH_ASSERT(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, p256_.get()) == 1);
  Bytes der(128);
  std::size_t size = der.size();
  BH_ASSERT(EVP_DigestSign(context, der.data(), &size, data.data(), data.size()) == 1);
  EVP_MD_CTX_free(context);
  const Byte* at = der.data();
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
  BH_ASSERT(signature != nullptr);
  Writer writer;
  writer.mpint(number(ECDSA_SIG_get0_r(signature))).mpint(number(ECDSA_SIG_get0_s(signature)));
  ECDSA_SIG_free(signature);
  return std::move(writer).take();
}

}  // namespace bulkhead::testing_support
