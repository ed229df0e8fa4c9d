#include "crypto/ec_library.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

namespace bulkhead::crypto {
namespace {
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;
constexpr std::size_t kMostElementBytes = 66;
}  // namespace

const char* ec_group_name(EcCurve curve) {
  switch (curve) {
    case EcCurve::kP256:
      return "P-256";
    case EcCurve::kP384:
      return "P-384";
    case EcCurve::kP521:
      return "P-521";
  }
  BH_ASSERT(false);
}

std::size_t ec_element_bytes(EcCurve curve) {
  switch (curve) {
    case EcCurve::kP256:
      return 32;
    case EcCurve::kP384:
      return 48;
    case EcCurve::kP521:
      return 66;
  }
  BH_ASSERT(false);
}

PkeyPtr ec_public_key(EcCurve curve, ByteView point) {
  if (point.size() != 1 + 2 * ec_element_bytes(curve) || point[0] != 0x04) return nullptr;
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  BH_ASSERT(builder != nullptr &&
            OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                            ec_group_name(curve), 0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                             point.size()) == 1);
  const ParamsPtr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  BH_ASSERT(parameters != nullptr && context != nullptr);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    EVP_PKEY_free(key);
    forget_errors();
    return nullptr;
  }
  return PkeyPtr(key);
}

PkeyPtr generate_ec_key(EcCurve curve) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1);
  BH_ASSERT(EVP_PKEY_CTX_set_group_name(context.get(), ec_group_name(curve)) == 1);
  EVP_PKEY* made = nullptr;
  BH_ASSERT(EVP_PKEY_generate(context.get(), &made) == 1);
  return PkeyPtr(made);
}

Bytes public_point(EVP_PKEY* key) {
  Bytes point(1 + 2 * kMostElementBytes);
  std::size_t size = 0;
  BH_ASSERT(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size(), &size) == 1);
  point.resize(size);
  BH_ASSERT(point[0] == 0x04);
  return point;
}

}  // namespace bulkhead::crypto
