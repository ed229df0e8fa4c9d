#include "crypto/rsa_library.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

namespace bulkhead::crypto {
namespace {

using BignumPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;

constexpr std::size_t kLeastRsaBits = 2048;

BignumPtr to_bignum(ByteView number) {
  BignumPtr bignum(BN_bin2bn(number.data(), static_cast<int>(number.size()), nullptr));
  BH_ASSERT(bignum != nullptr);
  return bignum;
}

}  // namespace

PkeyPtr rsa_public_key(ByteView modulus, ByteView exponent) {
  const BignumPtr n = to_bignum(modulus);
  const BignumPtr e = to_bignum(exponent);
  const std::size_t bits = static_cast<std::size_t>(BN_num_bits(n.get()));
  if (bits < kLeastRsaBits || bits > kMostRsaBits) return nullptr;
  if (!BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get())) return nullptr;
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  BH_ASSERT(builder != nullptr &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  const ParamsPtr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  BH_ASSERT(parameters != nullptr && context != nullptr);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    EVP_PKEY_free(key);
    return nullptr;
  }
  return PkeyPtr(key);
}

}  // namespace bulkhead::crypto
