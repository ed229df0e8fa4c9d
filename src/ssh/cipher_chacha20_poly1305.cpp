#include "ssh/cipher_chacha20_poly1305.h"

#include <algorithm>

#include "ssh/cipher_context.h"

namespace bulkhead::ssh {
namespace {
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kBlockBytes = 64;  // of ChaCha20
// So much is encrypted before it is authenticated: it stays in the nearest
// cache between the two.
constexpr std::size_t kPieceBytes = 16 * 1024;

constexpr Framing kFraming = {.block_bytes = 8, .tag_bytes = kTagBytes, .length_in_blocks = false};

// ChaCha20 with the packet's number as the nonce; the block counter starts at 0.
class Stream {
 public:
  explicit Stream(ByteView key)
      : context_(make_cipher_context("ChaCha20", key, ByteArray<16>{}, true)) {}

  void start(std::uint32_t sequence) {
    ByteArray<16> counter_and_nonce{};
    store_be<std::uint64_t>(counter_and_nonce.data() + 8, sequence);
    BH_ASSERT(EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, counter_and_nonce.data(),
                                  nullptr) == 1);
  }
  void apply(MutableByteView bytes) { cipher_update(context_.get(), bytes); }

 private:
  CipherContext context_;
};

// A one-time authenticator; each packet has its own key.
class Poly1305 {
 public:
  Poly1305() {
    EVP_MAC* poly1305 = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
    BH_ASSERT(poly1305 != nullptr);
    context_.reset(EVP_MAC_CTX_new(poly1305));
    EVP_MAC_free(poly1305);
    BH_ASSERT(context_ != nullptr);
  }
  void start(ByteView key) {
    BH_ASSERT(EVP_MAC_init(context_.get(), key.data(), key.size(), nullptr) == 1);
  }
  void update(ByteView bytes) {
    BH_ASSERT(EVP_MAC_update(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  void finish(Byte* tag) {
    std::size_t written = 0;
    BH_ASSERT(EVP_MAC_final(context_.get(), tag, &written, kTagBytes) == 1);
    BH_ASSERT(written == kTagBytes);
  }

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

// What both directions share: the two streams and the authenticator.
class Packets {
 public:
  // K_2, the first half, is for the contents, K_1 for the length.
  explicit Packets(ByteView key)
      : contents_(key.first(kKeyBytes)), length_(key.subspan(kKeyBytes, kKeyBytes)) {}

  // The first block of the contents' stream keys the authenticator; the contents start behind it.
  void start(std::uint32_t sequence) {
    contents_.start(sequence);
    ByteArray<kBlockBytes> block{};
    contents_.apply(block);
    mac_.start(ByteView(block).first(kKeyBytes));
    crypto::wipe(block);
  }
  void apply_to_length(MutableByteView length, std::uint32_t sequence) {
    length_.start(sequence);
    length_.apply(length);
  }
  Stream& contents() { return contents_; }
  Poly1305& mac() { return mac_; }

 private:
  Stream contents_;
  Stream length_;
  Poly1305 mac_;
};

class Sealer final : public PacketSealer {
 public:
  explicit Sealer(const ProtectionKeys& keys) : PacketSealer(kFraming), packets_(keys.key.view()) {}

  void seal(MutableByteView packet, std::uint32_t sequence) override {
    packets_.start(sequence);
    packets_.apply_to_length(packet.first(kLengthBytes), sequence);
    packets_.mac().update(packet.first(kLengthBytes));
    MutableByteView rest = packet.subspan(kLengthBytes, packet.size() - kLengthBytes - kTagBytes);
    while (!rest.empty()) {
      const MutableByteView piece = rest.first(std::min(rest.size(), kPieceBytes));
      packets_.contents().apply(piece);
      packets_.mac().update(piece);
      rest = rest.subspan(piece.size());
    }
    packets_.mac().finish(packet.data() + packet.size() - kTagBytes);
  }

 private:
  Packets packets_;
};

class Opener final : public PacketOpener {
 public:
  explicit Opener(const ProtectionKeys& keys) : PacketOpener(kFraming), packets_(keys.key.view()) {}

  // The length stays encrypted where it lies, for the tag is over that.
  std::uint32_t packet_length(MutableByteView start, std::uint32_t sequence) override {
    ByteArray<kLengthBytes> length;
    std::copy_n(start.begin(), kLengthBytes, length.begin());
    packets_.apply_to_length(length, sequence);
    return load_be<std::uint32_t>(length.data());
  }

  // Nothing is decrypted before the tag is seen to be right.
  bool open(MutableByteView packet, std::uint32_t sequence) override {
    const MutableByteView sealed = packet.first(packet.size() - kTagBytes);
    packets_.start(sequence);
    packets_.mac().update(sealed);
    Byte expected[kTagBytes];
    packets_.mac().finish(expected);
    if (!crypto::equal_constant_time(expected, packet.last(kTagBytes))) return false;
    packets_.contents().apply(sealed.subspan(kLengthBytes));
    return true;
  }

 private:
  Packets packets_;
};
}  // namespace

std::unique_ptr<PacketSealer> make_chacha20_poly1305_sealer(const ProtectionKeys& keys) {
  return std::make_unique<Sealer>(keys);
}
std::unique_ptr<PacketOpener> make_chacha20_poly1305_opener(const ProtectionKeys& keys) {
  return std::make_unique<Opener>(keys);
}

}  // namespace bulkhead::ssh
