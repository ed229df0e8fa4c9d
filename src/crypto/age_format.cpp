#include "crypto/age_format.h"

#include "crypto/digest.h"

namespace bulkhead::crypto::age {
namespace {

// One key wraps one file key, so the nonce is fixed ("The X25519 recipient type").
constexpr ByteArray<12> kZeroNonce{};

}  // namespace

Secret<32> wrap_key(const Secret<32>& shared, const X25519PublicKey& share,
                    const X25519PublicKey& recipient) {
  ByteArray<64> salt;
  std::copy(share.begin(), share.end(), salt.begin());
  std::copy(recipient.begin(), recipient.end(), salt.begin() + share.size());
  Secret<32> key;
  hkdf_sha256(shared.view(), salt, as_bytes("age-encryption.org/v1/X25519"), key.mutable_view());
  return key;
}

WrappedFileKey wrap_file_key(const Secret<32>& wrap, const FileKey& file_key) {
  WrappedFileKey wrapped;
  const CipherContextPtr context =
      new_aead_context(algorithms().chacha20_poly1305, wrap.view(), true);
  aead_seal(context.get(), kZeroNonce, {}, file_key.view(), wrapped.data(),
            MutableByteView(wrapped).subspan(kFileKeySize));
  return wrapped;
}

std::optional<FileKey> unwrap_file_key(const Secret<32>& wrap, const WrappedFileKey& wrapped) {
  FileKey file_key;
  const ByteView bytes(wrapped);
  const CipherContextPtr context =
      new_aead_context(algorithms().chacha20_poly1305, wrap.view(), false);
  if (!aead_open(context.get(), kZeroNonce, {}, bytes.first(kFileKeySize),
                 bytes.subspan(kFileKeySize), file_key.mutable_view().data())) {
    return std::nullopt;
  }
  return file_key;
}

HeaderMac header_mac(const FileKey& file_key, std::string_view header) {
  Secret<32> key;
  hkdf_sha256(file_key.view(), {}, as_bytes("header"), key.mutable_view());
  return hmac_sha256(key.view(), as_bytes(header));
}

ChunkCipher::ChunkCipher(const FileKey& file_key, ByteView payload_nonce, bool encrypting) {
  BH_ASSERT(payload_nonce.size() == kPayloadNonceSize);
  Secret<32> key;
  hkdf_sha256(file_key.view(), payload_nonce, as_bytes("payload"), key.mutable_view());
  context_ = new_aead_context(algorithms().chacha20_poly1305, key.view(), encrypting);
}

// Eleven bytes of counter (of which eight are enough for any disk) and one that marks the last
// chunk.
ByteArray<12> ChunkCipher::nonce(bool last) const {
  ByteArray<12> nonce{};
  store_be<std::uint64_t>(nonce.data() + 3, index_);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

void ChunkCipher::seal(ByteView plaintext, bool last, MutableByteView out) {
  BH_ASSERT(out.size() == plaintext.size() + kTagSize);
  aead_seal(context_.get(), nonce(last), {}, plaintext, out.data(), out.subspan(plaintext.size()));
  ++index_;
}

bool ChunkCipher::open(ByteView chunk_and_tag, bool last, MutableByteView plaintext) {
  BH_ASSERT(chunk_and_tag.size() == plaintext.size() + kTagSize);
  if (!aead_open(context_.get(), nonce(last), {}, chunk_and_tag.first(plaintext.size()),
                 chunk_and_tag.subspan(plaintext.size()), plaintext.data())) {
    return false;
  }
  ++index_;
  return true;
}

}  // namespace bulkhead::crypto::age
