#include "ssh/cipher_with_mac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "ssh/cipher_context.h"

namespace bulkhead::ssh {
namespace {
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kMaxTagBytes = 64;

Framing framing_for(const BlockCipher& cipher, const MacRow& mac) {
  return {.block_bytes = kBlockBytes,
          .tag_bytes = mac.size,
          .length_in_blocks = !mac.encrypt_then_mac,
          .bytes_for_length = mac.encrypt_then_mac ? kLengthBytes : kBlockBytes,
          .hide_length = cipher.chained && !mac.encrypt_then_mac};
}

// HMAC over sequence || bytes. The key is hashed once; each packet starts from a copy of that
// state.
class PacketMac {
 public:
  PacketMac(const MacRow& row, ByteView key) : size_(row.size) {
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    BH_ASSERT(hmac != nullptr);
    context_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);
    BH_ASSERT(context_ != nullptr);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(row.digest), 0),
        OSSL_PARAM_construct_end()};
    BH_ASSERT(EVP_MAC_init(context_.get(), key.data(), key.size(), params) == 1);
  }

  void compute(std::uint32_t sequence, ByteView bytes, Byte* tag) {
    // Without a key: back to the state behind the key block.
    BH_ASSERT(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
    Byte number[4];
    store_be(number, sequence);
    BH_ASSERT(EVP_MAC_update(context_.get(), number, sizeof number) == 1);
    BH_ASSERT(EVP_MAC_update(context_.get(), bytes.data(), bytes.size()) == 1);
    std::size_t written = 0;
    BH_ASSERT(EVP_MAC_final(context_.get(), tag, &written, size_) == 1 && written == size_);
  }

  bool verify(std::uint32_t sequence, ByteView bytes, ByteView tag) {
    Byte expected[kMaxTagBytes];
    compute(sequence, bytes, expected);
    return crypto::equal_constant_time({expected, size_}, tag);
  }

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
  std::size_t size_;
};

class MacSealer final : public PacketSealer {
 public:
  MacSealer(const BlockCipher& cipher, const MacRow& mac, const ProtectionKeys& keys)
      : PacketSealer(framing_for(cipher, mac)),
        context_(make_cipher_context(cipher.openssl_name, keys.key.view(), keys.iv.view(), true)),
        mac_(mac, keys.mac_key.view()),
        encrypt_then_mac_(mac.encrypt_then_mac) {}

  void seal(MutableByteView packet, std::uint32_t sequence) override {
    const MutableByteView body = packet.first(packet.size() - framing().tag_bytes);
    Byte* tag = body.data() + body.size();
    if (encrypt_then_mac_) {
      cipher_update(context_.get(), body.subspan(kLengthBytes));
      mac_.compute(sequence, body, tag);
    } else {
      mac_.compute(sequence, body, tag);
      cipher_update(context_.get(), body);
    }
  }

 private:
  CipherContext context_;
  PacketMac mac_;
  bool encrypt_then_mac_;
};

class MacOpener final : public PacketOpener {
 public:
  MacOpener(const BlockCipher& cipher, const MacRow& mac, const ProtectionKeys& keys)
      : PacketOpener(framing_for(cipher, mac)),
        context_(make_cipher_context(cipher.openssl_name, keys.key.view(), keys.iv.view(), false)),
        mac_(mac, keys.mac_key.view()),
        encrypt_then_mac_(mac.encrypt_then_mac) {}

  std::uint32_t packet_length(MutableByteView start, std::uint32_t) override {
    if (!encrypt_then_mac_) cipher_update(context_.get(), start.first(kBlockBytes));
    return load_be<std::uint32_t>(start.data());
  }

  bool open(MutableByteView packet, std::uint32_t sequence) override {
    const MutableByteView body = packet.first(packet.size() - framing().tag_bytes);
    const ByteView tag = packet.subspan(body.size());
    if (encrypt_then_mac_) {
      if (!mac_.verify(sequence, body, tag)) return false;
      cipher_update(context_.get(), body.subspan(kLengthBytes));
      return true;
    }
    if (body.size() > kBlockBytes) cipher_update(context_.get(), body.subspan(kBlockBytes));
    return mac_.verify(sequence, body, tag);
  }

 private:
  CipherContext context_;
  PacketMac mac_;
  bool encrypt_then_mac_;
};
}  // namespace

std::unique_ptr<PacketSealer> make_mac_sealer(const BlockCipher& cipher, const MacRow& mac,
                                              const ProtectionKeys& keys) {
  return std::make_unique<MacSealer>(cipher, mac, keys);
}
std::unique_ptr<PacketOpener> make_mac_opener(const BlockCipher& cipher, const MacRow& mac,
                                              const ProtectionKeys& keys) {
  return std::make_unique<MacOpener>(cipher, mac, keys);
}

}  // namespace bulkhead::ssh
