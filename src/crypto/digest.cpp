#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/library.h"

namespace bulkhead::crypto {
namespace {

using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, FreeBy<EVP_MAC_CTX_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, FreeBy<EVP_KDF_CTX_free>>;

char kSha256Name[] = "SHA256";  // OSSL_PARAM wants it mutable, and does not change it

const EVP_MD* implementation(HashAlgorithm algorithm) {
  const Algorithms& all = algorithms();
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return all.sha1;
    case HashAlgorithm::kSha256:
      return all.sha256;
    case HashAlgorithm::kSha384:
      return all.sha384;
    case HashAlgorithm::kSha512:
      return all.sha512;
  }
  BH_ASSERT(false);
}

// OSSL_PARAM has no const, but what it describes is only read.
OSSL_PARAM octets(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<Byte*>(bytes.data()), bytes.size());
}

// One context a thread: making one costs more than hashing a journal entry.
void digest_into(HashAlgorithm algorithm, ByteView bytes, MutableByteView out) {
  thread_local const MdContextPtr context(EVP_MD_CTX_new());
  BH_ASSERT(context != nullptr);
  BH_ASSERT(out.size() == digest_size(algorithm));
  BH_ASSERT(EVP_DigestInit_ex2(context.get(), implementation(algorithm), nullptr) == 1);
  BH_ASSERT(bytes.empty() || EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  BH_ASSERT(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
}

}  // namespace

std::size_t digest_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return 20;
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
      return 64;
  }
  BH_ASSERT(false);
}

Sha256 sha256(ByteView bytes) {
  Sha256 out;
  digest_into(HashAlgorithm::kSha256, bytes, out);
  return out;
}

Bytes digest(HashAlgorithm algorithm, ByteView bytes) {
  Bytes out(digest_size(algorithm));
  digest_into(algorithm, bytes, out);
  return out;
}

void Hasher::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Hasher::Hasher(HashAlgorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
  BH_ASSERT(context_ != nullptr);
  BH_ASSERT(EVP_DigestInit_ex2(context_.get(), implementation(algorithm), nullptr) == 1);
}

Hasher::~Hasher() = default;

void Hasher::update(ByteView bytes) {
  BH_ASSERT(context_ != nullptr);
  BH_ASSERT(bytes.empty() || EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Bytes Hasher::finish() {
  BH_ASSERT(context_ != nullptr);
  Bytes out(digest_size(algorithm_));
  BH_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  BH_ASSERT(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
  return out;
}

Sha256 Hasher::finish_sha256() {
  BH_ASSERT(context_ != nullptr && algorithm_ == HashAlgorithm::kSha256);
  Sha256 out;
  BH_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  BH_ASSERT(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
  return out;
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
  static constexpr Byte kNoKey[1] = {};
  const MacContextPtr context(EVP_MAC_CTX_new(algorithms().hmac));
  BH_ASSERT(context != nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, kSha256Name, 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key would mean "the key of before" and not "the empty key".
  BH_ASSERT(
      EVP_MAC_init(context.get(), key.empty() ? kNoKey : key.data(), key.size(), parameters) == 1);
  BH_ASSERT(message.empty() || EVP_MAC_update(context.get(), message.data(), message.size()) == 1);
  Sha256 out;
  std::size_t size = 0;
  BH_ASSERT(EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size());
  return out;
}

void hkdf_sha256(ByteView key, ByteView salt, ByteView info, MutableByteView out) {
  BH_ASSERT(!key.empty() && out.size() <= 255 * sizeof(Sha256));  // RFC 5869 section 2.3
  if (out.empty()) return;
  const KdfContextPtr context(EVP_KDF_CTX_new(algorithms().hkdf));
  BH_ASSERT(context != nullptr);
  OSSL_PARAM parameters[5];
  OSSL_PARAM* next = parameters;
  *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, kSha256Name, 0);
  *next++ = octets(OSSL_KDF_PARAM_KEY, key);
  if (!salt.empty()) *next++ = octets(OSSL_KDF_PARAM_SALT, salt);
  if (!info.empty()) *next++ = octets(OSSL_KDF_PARAM_INFO, info);
  *next = OSSL_PARAM_construct_end();
  BH_ASSERT(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1);
}

}  // namespace bulkhead::crypto
