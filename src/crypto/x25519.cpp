#include "crypto/x25519.h"

#include "crypto/library.h"

namespace bulkhead::crypto {
namespace {

PkeyPtr load_private(const Secret<32>& key) {
  algorithms();
  PkeyPtr loaded(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, key.view().data(), key.size()));
  BH_ASSERT(loaded != nullptr);  // any 32 bytes are a private key
  return loaded;
}

PkeyPtr load_public(const X25519PublicKey& key) {
  algorithms();
  PkeyPtr loaded(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, key.data(), key.size()));
  BH_ASSERT(loaded != nullptr);  // any 32 bytes are a public key
  return loaded;
}

}  // namespace

X25519KeyPair X25519KeyPair::generate(Random& random) {
  Secret<32> key;
  random.fill(key.mutable_view());
  return from_private(std::move(key));
}

X25519KeyPair X25519KeyPair::from_private(Secret<32> private_key) {
  const PkeyPtr loaded = load_private(private_key);
  X25519KeyPair pair{std::move(private_key), {}};
  std::size_t size = pair.public_key.size();
  BH_ASSERT(EVP_PKEY_get_raw_public_key(loaded.get(), pair.public_key.data(), &size) == 1);
  BH_ASSERT(size == pair.public_key.size());
  return pair;
}

std::optional<Secret<32>> X25519KeyPair::agree(const X25519PublicKey& theirs) const {
  const PkeyPtr mine = load_private(private_key);
  const PkeyPtr peer = load_public(theirs);
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, mine.get(), nullptr));
  BH_ASSERT(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
  BH_ASSERT(EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) == 1);
  Secret<32> shared;
  std::size_t size = shared.size();
  const bool derived = EVP_PKEY_derive(context.get(), shared.mutable_view().data(), &size) == 1;
  // libcrypto refuses the all-zero result itself; that is not left to its version.
  static constexpr ByteArray<32> kZero{};
  if (!derived || size != shared.size() || equal_constant_time(shared.view(), kZero)) {
    forget_errors();
    return std::nullopt;
  }
  return shared;
}

}  // namespace bulkhead::crypto
