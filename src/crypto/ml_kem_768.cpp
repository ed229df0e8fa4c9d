#include "crypto/ml_kem_768.h"

#include <openssl/params.h>

#include "crypto/library.h"
#include "crypto/ml_kem_own.h"

namespace bulkhead::crypto {
namespace {

constexpr char kName[] = "ML-KEM-768";
constexpr char kEntropyParameter[] = "ikme";  // OSSL_KEM_PARAM_IKME of OpenSSL 3.2 and later

bool library_has_it() {
  return algorithms().ml_kem_768 != nullptr;
}

std::optional<MlKemEncapsulated> encapsulate_by_library(const MlKemEncapsulationKey& key,
                                                        const ml_kem::Seed& m) {
  // Checks the modulus.
  const PkeyPtr loaded(
      EVP_PKEY_new_raw_public_key_ex(nullptr, kName, nullptr, key.data(), key.size()));
  if (loaded == nullptr) {
    forget_errors();
    return std::nullopt;
  }
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, loaded.get(), nullptr));
  BH_ASSERT(context != nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(kEntropyParameter, const_cast<Byte*>(m.view().data()),
                                        m.size()),
      OSSL_PARAM_construct_end()};
  BH_ASSERT(EVP_PKEY_encapsulate_init(context.get(), parameters) == 1);
  MlKemEncapsulated result{};
  std::size_t ciphertext_bytes = result.ciphertext.size();
  std::size_t secret_bytes = result.shared.size();
  BH_ASSERT(EVP_PKEY_encapsulate(context.get(), result.ciphertext.data(), &ciphertext_bytes,
                                 result.shared.mutable_view().data(), &secret_bytes) == 1);
  BH_ASSERT(ciphertext_bytes == result.ciphertext.size() && secret_bytes == result.shared.size());
  return result;
}

MlKemSharedSecret decapsulate_by_library(const Secret<2400>& key,
                                         const MlKemCiphertext& ciphertext) {
  const PkeyPtr loaded(
      EVP_PKEY_new_raw_private_key_ex(nullptr, kName, nullptr, key.view().data(), key.size()));
  BH_ASSERT(loaded != nullptr);  // it was made here
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, loaded.get(), nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1);
  MlKemSharedSecret shared;
  std::size_t size = shared.size();
  BH_ASSERT(EVP_PKEY_decapsulate(context.get(), shared.mutable_view().data(), &size,
                                 ciphertext.data(), ciphertext.size()) == 1);
  BH_ASSERT(size == shared.size());
  return shared;
}

}  // namespace

std::optional<MlKemEncapsulated> ml_kem_encapsulate(const MlKemEncapsulationKey& key,
                                                    Random& random) {
  ml_kem::Seed m;
  random.fill(m.mutable_view());
  return library_has_it() ? encapsulate_by_library(key, m) : ml_kem::encapsulate(key, m);
}

MlKemKeyPair MlKemKeyPair::generate(Random& random) {
  ml_kem::Seed d;
  ml_kem::Seed z;
  random.fill(d.mutable_view());
  random.fill(z.mutable_view());
  return ml_kem::key_pair_from(d, z);
}

MlKemSharedSecret MlKemKeyPair::decapsulate(const MlKemCiphertext& ciphertext) const {
  return library_has_it() ? decapsulate_by_library(decapsulation_key, ciphertext)
                          : ml_kem::decapsulate(decapsulation_key, ciphertext);
}

}  // namespace bulkhead::crypto
