#include "crypto/sealed_box.h"

#include <sodium.h>

namespace bulkhead::crypto {

static_assert(kSealedBoxOverhead == crypto_box_SEALBYTES);
static_assert(sizeof(SealedBoxPublicKey) == crypto_box_PUBLICKEYBYTES);
static_assert(Secret<32>::size() == crypto_box_SECRETKEYBYTES);

SealedBoxKeyPair SealedBoxKeyPair::generate() {
  BH_ASSERT(sodium_init() >= 0);
  SealedBoxKeyPair pair;
  crypto_box_keypair(pair.public_key_.data(), pair.private_key_.mutable_view().data());
  return pair;
}

Result<SecretBytes> SealedBoxKeyPair::open(ByteView box) const {
  const auto refused = [] {
    return fail(ErrorCode::kCorrupt, "a sealed message does not open with this key");
  };
  if (box.size() < kSealedBoxOverhead) return refused();
  SecretBytes plaintext(box.size() - kSealedBoxOverhead);
  if (crypto_box_seal_open(plaintext.mutable_view().data(), box.data(), box.size(),
                           public_key_.data(), private_key_.view().data()) != 0) {
    return refused();
  }
  return plaintext;
}

Bytes seal_to(const SealedBoxPublicKey& public_key, ByteView plaintext) {
  BH_ASSERT(sodium_init() >= 0);
  Bytes box(plaintext.size() + kSealedBoxOverhead);
  BH_ASSERT(crypto_box_seal(box.data(), plaintext.data(), plaintext.size(), public_key.data()) ==
            0);
  return box;
}

}  // namespace bulkhead::crypto
