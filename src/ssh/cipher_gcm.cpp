#include "ssh/cipher_gcm.h"

#include "ssh/cipher_context.h"

namespace bulkhead::ssh {
namespace {
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceBytes = 12;
// RFC 5647 section 7.3: the length field is authenticated but not encrypted, and not counted in the
// rounding.
constexpr Framing kFraming = {.block_bytes = 16, .tag_bytes = kTagBytes, .length_in_blocks = false};

// RFC 5647 section 7.1: 4 fixed bytes, then a 64-bit invocation counter that goes up by one for
// each packet.
class Nonce {
 public:
  explicit Nonce(ByteView initial) { std::copy(initial.begin(), initial.end(), bytes_.begin()); }
  const Byte* data() const { return bytes_.data(); }
  void advance() { store_be(bytes_.data() + 4, load_be<std::uint64_t>(bytes_.data() + 4) + 1); }

 private:
  ByteArray<kNonceBytes> bytes_{};
};

void authenticate_length(EVP_CIPHER_CTX* context, const Byte* packet) {
  int ignored = 0;
  BH_ASSERT(EVP_CipherUpdate(context, nullptr, &ignored, packet, kLengthBytes) == 1);
}

class GcmSealer final : public PacketSealer {
 public:
  GcmSealer(const char* openssl_name, const ProtectionKeys& keys)
      : PacketSealer(kFraming),
        context_(make_cipher_context(openssl_name, keys.key.view(), keys.iv.view(), true)),
        nonce_(keys.iv.view()) {}

  void seal(MutableByteView packet, std::uint32_t) override {
    EVP_CIPHER_CTX* context = context_.get();
    BH_ASSERT(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce_.data()) == 1);
    authenticate_length(context, packet.data());
    cipher_update(context, packet.subspan(kLengthBytes, packet.size() - kLengthBytes - kTagBytes));
    Byte* tag = packet.data() + packet.size() - kTagBytes;
    int written = 0;
    BH_ASSERT(EVP_EncryptFinal_ex(context, tag, &written) == 1 && written == 0);
    BH_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1);
    nonce_.advance();
  }

 private:
  CipherContext context_;
  Nonce nonce_;
};

class GcmOpener final : public PacketOpener {
 public:
  GcmOpener(const char* openssl_name, const ProtectionKeys& keys)
      : PacketOpener(kFraming),
        context_(make_cipher_context(openssl_name, keys.key.view(), keys.iv.view(), false)),
        nonce_(keys.iv.view()) {}

  std::uint32_t packet_length(MutableByteView start, std::uint32_t) override {
    return load_be<std::uint32_t>(start.data());
  }

  bool open(MutableByteView packet, std::uint32_t) override {
    EVP_CIPHER_CTX* context = context_.get();
    BH_ASSERT(EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce_.data()) == 1);
    Byte* tag = packet.data() + packet.size() - kTagBytes;
    BH_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag) == 1);
    authenticate_length(context, packet.data());
    cipher_update(context, packet.subspan(kLengthBytes, packet.size() - kLengthBytes - kTagBytes));
    nonce_.advance();
    Byte nothing[16];
    int written = 0;
    return EVP_DecryptFinal_ex(context, nothing, &written) == 1;
  }

 private:
  CipherContext context_;
  Nonce nonce_;
};
}  // namespace

std::unique_ptr<PacketSealer> make_gcm_sealer(const char* openssl_name,
                                              const ProtectionKeys& keys) {
  return std::make_unique<GcmSealer>(openssl_name, keys);
}
std::unique_ptr<PacketOpener> make_gcm_opener(const char* openssl_name,
                                              const ProtectionKeys& keys) {
  return std::make_unique<GcmOpener>(openssl_name, keys);
}

}  // namespace bulkhead::ssh
