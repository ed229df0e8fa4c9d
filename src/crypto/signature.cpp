#include "crypto/signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "crypto/ec_library.h"
#include "crypto/library.h"
#include "crypto/rsa_library.h"

namespace bulkhead::crypto {
namespace {

using BignumPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;

constexpr std::size_t kMostRsaExponentBytes = 32;  // FIPS 186-4 section B.3.1: less than 2^256

ByteView without_leading_zeros(ByteView number) {
  const auto first =
      std::find_if(number.begin(), number.end(), [](Byte byte) { return byte != 0; });
  return number.subspan(static_cast<std::size_t>(first - number.begin()));
}

// Sizes are bounded by the callers.
BignumPtr to_bignum(ByteView number) {
  BignumPtr bignum(BN_bin2bn(number.data(), static_cast<int>(number.size()), nullptr));
  BH_ASSERT(bignum != nullptr);
  return bignum;
}

// r and s as DER, which is what libcrypto takes. Empty when one of them is no number of this
// curve's size.
Bytes ecdsa_to_der(EcCurve curve, ByteView r, ByteView s) {
  r = without_leading_zeros(r);
  s = without_leading_zeros(s);
  const std::size_t most = ec_element_bytes(curve);
  if (r.empty() || s.empty() || r.size() > most || s.size() > most) return {};
  const EcdsaSigPtr pair(ECDSA_SIG_new());
  BH_ASSERT(pair != nullptr);
  BH_ASSERT(ECDSA_SIG_set0(pair.get(), to_bignum(r).release(), to_bignum(s).release()) == 1);
  const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
  BH_ASSERT(size > 0);
  Bytes der(static_cast<std::size_t>(size));
  Byte* at = der.data();
  BH_ASSERT(i2d_ECDSA_SIG(pair.get(), &at) == size);
  return der;
}

// `hash` null where the scheme has its own (Ed25519).
bool verify(EVP_PKEY* key, const char* hash, ByteView message, ByteView signature) {
  const MdContextPtr context(EVP_MD_CTX_new());
  BH_ASSERT(context != nullptr);
  // For RSA the padding is PKCS#1 v1.5 unless another one is asked for.
  const bool valid =
      EVP_DigestVerifyInit_ex(context.get(), nullptr, hash, nullptr, nullptr, key, nullptr) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) == 1;
  forget_errors();
  return valid;
}

PkeyPtr load_seed(const Secret<32>& seed) {
  algorithms();
  PkeyPtr key(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.view().data(),
                                              seed.size()));
  BH_ASSERT(key != nullptr);  // any 32 bytes are a seed
  return key;
}

}  // namespace

Ed25519KeyPair Ed25519KeyPair::generate(Random& random) {
  Secret<32> seed;
  random.fill(seed.mutable_view());
  return from_seed(std::move(seed));
}

Ed25519KeyPair Ed25519KeyPair::from_seed(Secret<32> seed) {
  const PkeyPtr key = load_seed(seed);
  Ed25519KeyPair pair{std::move(seed), {}};
  std::size_t size = pair.public_key.size();
  BH_ASSERT(EVP_PKEY_get_raw_public_key(key.get(), pair.public_key.data(), &size) == 1);
  BH_ASSERT(size == pair.public_key.size());
  return pair;
}

Ed25519Signature Ed25519KeyPair::sign(ByteView message) const {
  const PkeyPtr key = load_seed(seed);
  const MdContextPtr context(EVP_MD_CTX_new());
  BH_ASSERT(context != nullptr);
  BH_ASSERT(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(),
                                  nullptr) == 1);
  Ed25519Signature signature;
  std::size_t size = signature.size();
  BH_ASSERT(
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  BH_ASSERT(size == signature.size());
  return signature;
}

bool verify_ed25519(const Ed25519PublicKey& key, ByteView message, ByteView signature) {
  algorithms();
  if (signature.size() != sizeof(Ed25519Signature)) return false;
  const PkeyPtr loaded(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, key.data(), key.size()));
  BH_ASSERT(loaded != nullptr);  // whether it is a point is found out at verification
  return verify(loaded.get(), nullptr, message, signature);
}

bool verify_rsa_pkcs1(ByteView modulus, ByteView exponent, HashAlgorithm hash, ByteView message,
                      ByteView signature) {
  algorithms();
  modulus = without_leading_zeros(modulus);
  exponent = without_leading_zeros(exponent);
  if (modulus.size() > kMostRsaBits / 8 || exponent.empty() ||
      exponent.size() > kMostRsaExponentBytes)
    return false;
  if (signature.size() > modulus.size()) return false;
  const PkeyPtr key = rsa_public_key(modulus, exponent);
  if (key == nullptr) {
    forget_errors();
    return false;
  }
  Bytes padded(modulus.size() - signature.size());
  padded.insert(padded.end(), signature.begin(), signature.end());
  return verify(key.get(), digest_name(hash), message, padded);
}

bool verify_ecdsa(EcCurve curve, ByteView point, HashAlgorithm hash, ByteView message, ByteView r,
                  ByteView s) {
  algorithms();
  const Bytes signature = ecdsa_to_der(curve, r, s);
  if (signature.empty()) return false;
  const PkeyPtr key = ec_public_key(curve, point);
  if (key == nullptr) return false;
  return verify(key.get(), digest_name(hash), message, signature);
}

}  // namespace bulkhead::crypto
