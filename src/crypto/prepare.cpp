#include "crypto/prepare.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sodium.h>

#include <array>

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/library.h"
#include "crypto/ml_kem_768.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/signature.h"
#include "crypto/x25519.h"

namespace bulkhead::crypto {
namespace {

constexpr std::array kHashes = {HashAlgorithm::kSha1, HashAlgorithm::kSha256,
                                HashAlgorithm::kSha384, HashAlgorithm::kSha512};
// The SSH transport uses these on libcrypto directly.
constexpr std::array kTransportCiphers = {"AES-128-CTR", "AES-192-CTR", "AES-256-CTR",
                                          "AES-128-GCM", "ChaCha20"};

void touch_hashes() {
  static constexpr Byte kKey[1] = {1};
  for (HashAlgorithm hash : kHashes)
    Hasher(hash).finish();
  hmac_sha256(kKey, {});
  ByteArray<32> derived;
  hkdf_sha256(kKey, {}, {}, derived);
}

void touch_ciphers() {
  const AeadKey key;
  const Bytes box = seal_box(key, {}, {}, system_random());
  BH_ASSERT(open_box(key, {}, box).has_value());
  new_aead_context(algorithms().chacha20_poly1305, key.view(), true);
  for (const char* name : kTransportCiphers) {
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    BH_ASSERT(cipher != nullptr);
    EVP_CIPHER_free(cipher);  // libcrypto goes on holding it
  }
}

// A public key on the curve that nobody has the private key of: SEC 1, uncompressed.
Bytes point_on(const char* group_name) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1);
  BH_ASSERT(EVP_PKEY_CTX_set_group_name(context.get(), group_name) == 1);
  EVP_PKEY* made = nullptr;
  BH_ASSERT(EVP_PKEY_generate(context.get(), &made) == 1);
  const PkeyPtr key(made);
  Bytes point(1 + 2 * 66);
  std::size_t size = 0;
  BH_ASSERT(EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size(), &size) == 1);
  point.resize(size);
  return point;
}

void touch_agreement() {
  const X25519KeyPair pair = X25519KeyPair::generate(system_random());
  BH_ASSERT(pair.agree(pair.public_key).has_value());
  const MlKemKeyPair kem = MlKemKeyPair::generate(system_random());
  const auto encapsulated = ml_kem_encapsulate(kem.encapsulation_key, system_random());
  BH_ASSERT(encapsulated.has_value());
  BH_ASSERT(equal_constant_time(kem.decapsulate(encapsulated->ciphertext).view(),
                                encapsulated->shared.view()));
}

// The outcome is mostly "not valid"; what matters is that the whole path was walked.
void touch_signatures() {
  const Ed25519KeyPair signer = Ed25519KeyPair::generate(system_random());
  BH_ASSERT(verify_ed25519(signer.public_key, {}, signer.sign({})));
  const Bytes modulus(256, 0xff);
  const Bytes exponent = {1, 0, 1};
  const Bytes one = {1};
  const Bytes p256 = point_on("P-256");
  const Bytes p384 = point_on("P-384");
  const Bytes p521 = point_on("P-521");
  for (HashAlgorithm hash : kHashes) {
    BH_ASSERT(!verify_rsa_pkcs1(modulus, exponent, hash, {}, one));
    BH_ASSERT(!verify_ecdsa(EcCurve::kP256, p256, hash, {}, one, one));
    BH_ASSERT(!verify_ecdsa(EcCurve::kP384, p384, hash, {}, one, one));
    BH_ASSERT(!verify_ecdsa(EcCurve::kP521, p521, hash, {}, one, one));
  }
}

void touch_everything() {
  algorithms();
  BH_ASSERT(sodium_init() >= 0);
  touch_hashes();
  touch_ciphers();
  touch_agreement();
  touch_signatures();
  ERR_reason_error_string(0);
  forget_errors();
}

}  // namespace

void prepare_for_sandbox() {
  static const bool done = (touch_everything(), true);
  static_cast<void>(done);
}

}  // namespace bulkhead::crypto
