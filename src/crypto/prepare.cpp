#include "crypto/prepare.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sodium.h>

#include <array>

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/ecdh.h"
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
                                          "AES-128-CBC", "AES-192-CBC", "AES-256-CBC",
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
  EVP_MAC* poly1305 = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
  BH_ASSERT(poly1305 != nullptr);
  EVP_MAC_free(poly1305);
}

void touch_x25519() {
  const X25519KeyPair pair = X25519KeyPair::generate(system_random());
  BH_ASSERT(pair.agree(pair.public_key).has_value());
}

void touch_other_agreement() {
  // The curves and groups differ in numbers only, and the others are slow.
  const EcdhKeyPair ecdh = EcdhKeyPair::generate(EcCurve::kP256);
  BH_ASSERT(ecdh.agree(ecdh.public_key()).has_value());
  EVP_KEYMGMT* dh_keys = EVP_KEYMGMT_fetch(nullptr, "DH", nullptr);
  EVP_KEYEXCH* dh = EVP_KEYEXCH_fetch(nullptr, "DH", nullptr);
  BH_ASSERT(dh_keys != nullptr && dh != nullptr);
  EVP_KEYMGMT_free(dh_keys);
  EVP_KEYEXCH_free(dh);
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
  const Bytes p256 = EcdhKeyPair::generate(EcCurve::kP256).public_key();
  const Bytes p384 = EcdhKeyPair::generate(EcCurve::kP384).public_key();
  const Bytes p521 = EcdhKeyPair::generate(EcCurve::kP521).public_key();
  for (HashAlgorithm hash : kHashes) {
    BH_ASSERT(!verify_rsa_pkcs1(modulus, exponent, hash, {}, one));
    BH_ASSERT(!verify_ecdsa(EcCurve::kP256, p256, hash, {}, one, one));
    BH_ASSERT(!verify_ecdsa(EcCurve::kP384, p384, hash, {}, one, one));
    BH_ASSERT(!verify_ecdsa(EcCurve::kP521, p521, hash, {}, one, one));
  }
}

void touch_common() {
  algorithms();
  BH_ASSERT(sodium_init() >= 0);
  touch_hashes();
  touch_ciphers();
  touch_x25519();
  forget_errors();
}

void touch_the_rest() {
  touch_other_agreement();
  touch_signatures();
  forget_errors();
}

}  // namespace

void prepare_for_sandbox(Preparation preparation) {
  static const bool common = (touch_common(), true);
  static_cast<void>(common);
  if (preparation == Preparation::kQuick) return;
  static const bool rest = (touch_the_rest(), true);
  static_cast<void>(rest);
}

}  // namespace bulkhead::crypto
