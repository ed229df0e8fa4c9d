#include "crypto/diffie_hellman.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <array>

#include "crypto/library.h"

namespace bulkhead::crypto {
namespace {

using BignumPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;

struct Row {
  const char* name;  // libcrypto's
  BIGNUM* (*prime)(BIGNUM*);
};
const Row& row_of(DhGroup group) {
  static constexpr std::array kRows = {
      Row{"modp_2048", BN_get_rfc3526_prime_2048}, Row{"modp_3072", BN_get_rfc3526_prime_3072},
      Row{"modp_4096", BN_get_rfc3526_prime_4096}, Row{"modp_6144", BN_get_rfc3526_prime_6144},
      Row{"modp_8192", BN_get_rfc3526_prime_8192},
  };
  return kRows[static_cast<std::size_t>(group)];
}

Bytes to_bytes(const BIGNUM* number) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

bool in_range(const BIGNUM* number, DhGroup group) {
  const BignumPtr most(row_of(group).prime(nullptr));
  BH_ASSERT(most != nullptr && BN_sub_word(most.get(), 2) == 1);
  return BN_cmp(number, BN_value_one()) > 0 && BN_cmp(number, most.get()) <= 0;
}

PkeyPtr public_key_of(DhGroup group, const BIGNUM* number) {
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  BH_ASSERT(builder != nullptr &&
            OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                            row_of(group).name, 0) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, number) == 1);
  const ParamsPtr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  BH_ASSERT(parameters != nullptr && context != nullptr);
  EVP_PKEY* key = nullptr;
  BH_ASSERT(EVP_PKEY_fromdata_init(context.get()) == 1);
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    EVP_PKEY_free(key);
    return nullptr;
  }
  return PkeyPtr(key);
}

}  // namespace

const Bytes& dh_prime(DhGroup group) {
  static const std::array kPrimes = [] {
    std::array<Bytes, 5> primes;
    for (std::size_t i = 0; i < primes.size(); ++i) {
      const BignumPtr prime(row_of(static_cast<DhGroup>(i)).prime(nullptr));
      BH_ASSERT(prime != nullptr);
      primes[i] = to_bytes(prime.get());
    }
    return primes;
  }();
  return kPrimes[static_cast<std::size_t>(group)];
}

void DhKeyPair::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

DhKeyPair::DhKeyPair(DhKeyPair&&) noexcept = default;
DhKeyPair::~DhKeyPair() = default;

DhKeyPair DhKeyPair::generate(DhGroup group) {
  algorithms();
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                       const_cast<char*>(row_of(group).name), 0),
      OSSL_PARAM_construct_end()};
  BH_ASSERT(EVP_PKEY_CTX_set_params(context.get(), parameters) == 1);
  EVP_PKEY* made = nullptr;
  BH_ASSERT(EVP_PKEY_generate(context.get(), &made) == 1);
  DhKeyPair pair;
  pair.group_ = group;
  pair.key_.reset(made);
  BIGNUM* number = nullptr;
  BH_ASSERT(EVP_PKEY_get_bn_param(made, OSSL_PKEY_PARAM_PUB_KEY, &number) == 1);
  const BignumPtr owned(number);
  pair.public_key_ = to_bytes(number);
  return pair;
}

std::optional<SecretBytes> DhKeyPair::agree(ByteView theirs) const {
  SecretBytes shared(dh_prime(group_).size());
  if (theirs.size() > shared.size()) return std::nullopt;
  const BignumPtr number(BN_bin2bn(theirs.data(), static_cast<int>(theirs.size()), nullptr));
  BH_ASSERT(number != nullptr);
  if (!in_range(number.get(), group_)) return std::nullopt;
  const PkeyPtr peer = public_key_of(group_, number.get());
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
  unsigned padded = 1;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_EXCHANGE_PARAM_PAD, &padded),
                                   OSSL_PARAM_construct_end()};
  BH_ASSERT(EVP_PKEY_CTX_set_params(context.get(), parameters) == 1);
  std::size_t size = shared.size();
  // In a safe-prime group what is in range has at least half the group's order: libcrypto's
  // further check would cost a second exponentiation.
  const bool derived = peer != nullptr &&
                       EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) == 1 &&
                       EVP_PKEY_derive(context.get(), shared.mutable_view().data(), &size) == 1;
  if (!derived || size != shared.size()) {
    forget_errors();
    return std::nullopt;
  }
  return shared;
}

}  // namespace bulkhead::crypto
