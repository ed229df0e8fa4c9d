#include "crypto/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>

#include "crypto/ec_library.h"
#include "crypto/library.h"

namespace bulkhead::crypto {
namespace {

using SecretNumber = std::unique_ptr<BIGNUM, FreeBy<BN_clear_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;
using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;

constexpr unsigned kRsaBits = 3072;
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kScalarBytes = 32;
constexpr std::size_t kPointBytes = 65;

// What an RSA key is kept as, in this order: each number behind two bytes of its length.
constexpr std::array kRsaNumbers = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,           OSSL_PKEY_PARAM_RSA_D,
    OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,     OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

Error damaged() {
  forget_errors();
  return Error(ErrorCode::kCorrupt, "a host key's private half is damaged");
}

// Marked as secret, so that libcrypto's copies are wiped as well.
SecretNumber secret_number(ByteView bytes) {
  SecretNumber number(BN_secure_new());
  BH_ASSERT(number != nullptr &&
            BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), number.get()) == number.get());
  return number;
}

SecretNumber number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = BN_secure_new();
  BH_ASSERT(number != nullptr && EVP_PKEY_get_bn_param(key, name, &number) == 1);
  return SecretNumber(number);
}

Bytes public_bytes_of(const EVP_PKEY* key, const char* name) {
  const SecretNumber number = number_of(key, name);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return bytes;
}

PkeyPtr key_from(const char* kind, OSSL_PARAM_BLD* builder) {
  const ParamsPtr parameters(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  BH_ASSERT(parameters != nullptr && context != nullptr);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    EVP_PKEY_free(key);
    return nullptr;
  }
  return PkeyPtr(key);
}

// --- Ed25519: the seed

PkeyPtr ed25519_from(ByteView bytes) {
  if (bytes.size() != kSeedBytes) return nullptr;
  return PkeyPtr(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, bytes.data(), bytes.size()));
}

SecretBytes ed25519_bytes(const EVP_PKEY* key) {
  SecretBytes seed(kSeedBytes);
  std::size_t size = seed.size();
  BH_ASSERT(EVP_PKEY_get_raw_private_key(key, seed.mutable_view().data(), &size) == 1 &&
            size == kSeedBytes);
  return seed;
}

PkeyPtr generate(const char* kind, unsigned rsa_bits) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1);
  if (rsa_bits != 0) {
    BH_ASSERT(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(rsa_bits)) == 1);
  }
  EVP_PKEY* made = nullptr;
  BH_ASSERT(EVP_PKEY_generate(context.get(), &made) == 1);
  return PkeyPtr(made);
}

// --- ECDSA: the scalar, and the point behind it

PkeyPtr ecdsa_from(ByteView bytes) {
  if (bytes.size() != kScalarBytes + kPointBytes) return nullptr;
  const SecretNumber scalar = secret_number(bytes.first(kScalarBytes));
  const ByteView point = bytes.subspan(kScalarBytes);
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  BH_ASSERT(builder != nullptr &&
            OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                            ec_group_name(EcCurve::kP256), 0) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                             point.size()) == 1);
  return key_from("EC", builder.get());
}

SecretBytes ecdsa_bytes(EVP_PKEY* key) {
  SecretBytes bytes(kScalarBytes + kPointBytes);
  const SecretNumber scalar = number_of(key, OSSL_PKEY_PARAM_PRIV_KEY);
  BH_ASSERT(BN_bn2binpad(scalar.get(), bytes.mutable_view().data(), kScalarBytes) == kScalarBytes);
  std::ranges::copy(public_point(key), bytes.mutable_view().subspan(kScalarBytes).begin());
  return bytes;
}

// --- RSA: its numbers

PkeyPtr rsa_from(ByteView bytes) {
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  BH_ASSERT(builder != nullptr);
  std::array<SecretNumber, kRsaNumbers.size()> numbers;  // the builder wants them until the end
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (bytes.size() < 2) return nullptr;
    const std::size_t size = load_be<std::uint16_t>(bytes.data());
    bytes = bytes.subspan(2);
    if (bytes.size() < size) return nullptr;
    numbers[i] = secret_number(bytes.first(size));
    bytes = bytes.subspan(size);
    BH_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), kRsaNumbers[i], numbers[i].get()) == 1);
  }
  return bytes.empty() ? key_from("RSA", builder.get()) : nullptr;
}

SecretBytes rsa_bytes(const EVP_PKEY* key) {
  std::array<SecretNumber, kRsaNumbers.size()> numbers;
  std::size_t size = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = number_of(key, kRsaNumbers[i]);
    size += 2 + static_cast<std::size_t>(BN_num_bytes(numbers[i].get()));
  }
  SecretBytes bytes(size);
  Byte* at = bytes.mutable_view().data();
  for (const SecretNumber& number : numbers) {
    store_be(at, static_cast<std::uint16_t>(BN_num_bytes(number.get())));
    at += 2 + BN_bn2bin(number.get(), at + 2);
  }
  return bytes;
}

Bytes r_and_s(ByteView der) {
  const Byte* at = der.data();
  const EcdsaSigPtr pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  BH_ASSERT(pair != nullptr);
  Bytes both(2 * kScalarBytes);
  BH_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), both.data(), kScalarBytes) == kScalarBytes &&
            BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), both.data() + kScalarBytes, kScalarBytes) ==
                kScalarBytes);
  return both;
}

}  // namespace

void SigningKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

SigningKey SigningKey::generate(SigningKeyKind kind) {
  algorithms();
  switch (kind) {
    case SigningKeyKind::kEd25519:
      return {kind, crypto::generate("ED25519", 0).release()};
    case SigningKeyKind::kEcdsaP256:
      return {kind, generate_ec_key(EcCurve::kP256).release()};
    case SigningKeyKind::kRsa3072:
      return {kind, crypto::generate("RSA", kRsaBits).release()};
  }
  BH_ASSERT(false);
}

Result<SigningKey> SigningKey::from_private(SigningKeyKind kind, ByteView bytes) {
  algorithms();
  PkeyPtr key;
  switch (kind) {
    case SigningKeyKind::kEd25519:
      key = ed25519_from(bytes);
      break;
    case SigningKeyKind::kEcdsaP256:
      key = ecdsa_from(bytes);
      break;
    case SigningKeyKind::kRsa3072:
      key = rsa_from(bytes);
      break;
  }
  if (key == nullptr) return std::unexpected(damaged());
  return SigningKey(kind, key.release());
}

SecretBytes SigningKey::private_bytes() const {
  switch (kind_) {
    case SigningKeyKind::kEd25519:
      return ed25519_bytes(key_.get());
    case SigningKeyKind::kEcdsaP256:
      return ecdsa_bytes(key_.get());
    case SigningKeyKind::kRsa3072:
      return rsa_bytes(key_.get());
  }
  BH_ASSERT(false);
}

Bytes SigningKey::public_point() const {
  if (kind_ == SigningKeyKind::kEcdsaP256) return crypto::public_point(key_.get());
  BH_ASSERT(kind_ == SigningKeyKind::kEd25519);
  Bytes point(kSeedBytes);
  std::size_t size = point.size();
  BH_ASSERT(EVP_PKEY_get_raw_public_key(key_.get(), point.data(), &size) == 1 &&
            size == point.size());
  return point;
}

Bytes SigningKey::rsa_exponent() const {
  return public_bytes_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
}

Bytes SigningKey::rsa_modulus() const {
  return public_bytes_of(key_.get(), OSSL_PKEY_PARAM_RSA_N);
}

Bytes SigningKey::sign(HashAlgorithm hash, ByteView message) const {
  const Bytes signature = sign_der(hash, message);
  return kind_ == SigningKeyKind::kEcdsaP256 ? r_and_s(signature) : signature;
}

Bytes SigningKey::sign_der(HashAlgorithm hash, ByteView message) const {
  const MdContextPtr context(EVP_MD_CTX_new());
  BH_ASSERT(context != nullptr);
  const char* const name = kind_ == SigningKeyKind::kEd25519 ? nullptr : digest_name(hash);
  // For RSA the padding is PKCS#1 v1.5 unless another one is asked for.
  BH_ASSERT(EVP_DigestSignInit_ex(context.get(), nullptr, name, nullptr, nullptr, key_.get(),
                                  nullptr) == 1);
  std::size_t size = 0;
  BH_ASSERT(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  BH_ASSERT(
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace bulkhead::crypto
