#include "crypto/ecdh.h"

#include <openssl/core_names.h>

#include "crypto/ec_library.h"
#include "crypto/library.h"

namespace bulkhead::crypto {

void EcdhKeyPair::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

EcdhKeyPair::EcdhKeyPair(EcdhKeyPair&&) noexcept = default;
EcdhKeyPair::~EcdhKeyPair() = default;

EcdhKeyPair EcdhKeyPair::generate(EcCurve curve) {
  algorithms();
  EcdhKeyPair pair;
  pair.curve_ = curve;
  pair.key_.reset(generate_ec_key(curve).release());
  pair.public_key_ = public_point(pair.key_.get());
  return pair;
}

std::optional<SecretBytes> EcdhKeyPair::agree(ByteView theirs) const {
  const PkeyPtr peer = ec_public_key(curve_, theirs);
  if (peer == nullptr) return std::nullopt;
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
  SecretBytes shared(ec_element_bytes(curve_));
  std::size_t size = shared.size();
  const bool derived = EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                       EVP_PKEY_derive(context.get(), shared.mutable_view().data(), &size) == 1;
  if (!derived || size != shared.size()) {
    forget_errors();
    return std::nullopt;
  }
  return shared;
}

}  // namespace bulkhead::crypto
