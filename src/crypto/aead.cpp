#include "crypto/aead.h"

#include <algorithm>

#include "crypto/library.h"

namespace bulkhead::crypto {

void Aes256Gcm::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);  // wipes the key schedule
}

Aes256Gcm::Aes256Gcm(const AeadKey& key)
    : seal_(new_aead_context(algorithms().aes_256_gcm, key.view(), true).release()),
      open_(new_aead_context(algorithms().aes_256_gcm, key.view(), false).release()) {}

Aes256Gcm::~Aes256Gcm() = default;

void Aes256Gcm::seal(const AeadNonce& nonce, ByteView associated, ByteView plaintext,
                     MutableByteView ciphertext, AeadTag& tag) {
  BH_ASSERT(seal_ != nullptr && ciphertext.size() == plaintext.size());
  aead_seal(seal_.get(), nonce, associated, plaintext, ciphertext.data(), tag);
}

Status Aes256Gcm::open(const AeadNonce& nonce, ByteView associated, ByteView ciphertext,
                       const AeadTag& tag, MutableByteView plaintext) {
  BH_ASSERT(open_ != nullptr && ciphertext.size() == plaintext.size());
  if (!aead_open(open_.get(), nonce, associated, ciphertext, tag, plaintext.data())) {
    return fail(
        ErrorCode::kCorrupt,
        "an encrypted part does not verify: it was changed, or belongs to another key or place");
  }
  return {};
}

Bytes seal_box(const AeadKey& key, ByteView associated, ByteView plaintext, Random& random) {
  Bytes box(plaintext.size() + kBoxOverhead);
  const MutableByteView nonce(box.data(), kAeadNonceSize);
  const MutableByteView tag(box.data() + box.size() - kAeadTagSize, kAeadTagSize);
  random.fill(nonce);
  const CipherContextPtr context = new_aead_context(algorithms().aes_256_gcm, key.view(), true);
  aead_seal(context.get(), nonce, associated, plaintext, box.data() + kAeadNonceSize, tag);
  return box;
}

Result<SecretBytes> open_box(const AeadKey& key, ByteView associated, ByteView box) {
  if (box.size() < kBoxOverhead) {
    return fail(ErrorCode::kCorrupt,
                "a sealed field is shorter than its nonce and tag: it was cut off");
  }
  const ByteView nonce = box.first(kAeadNonceSize);
  const ByteView tag = box.last(kAeadTagSize);
  const ByteView ciphertext = box.subspan(kAeadNonceSize, box.size() - kBoxOverhead);
  SecretBytes plaintext(ciphertext.size());
  const CipherContextPtr context = new_aead_context(algorithms().aes_256_gcm, key.view(), false);
  if (!aead_open(context.get(), nonce, associated, ciphertext, tag,
                 plaintext.mutable_view().data())) {
    return fail(
        ErrorCode::kCorrupt,
        "a sealed field does not verify: it was changed, or belongs to another key or place");
  }
  return plaintext;
}

}  // namespace bulkhead::crypto
