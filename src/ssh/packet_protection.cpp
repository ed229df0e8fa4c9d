#include "ssh/packet_protection.h"

#include <algorithm>
#include <array>

#include "ssh/cipher_chacha20_poly1305.h"
#include "ssh/cipher_gcm.h"
#include "ssh/cipher_with_mac.h"

namespace bulkhead::ssh {
namespace {
class PlainSealer final : public PacketSealer {
 public:
  PlainSealer() : PacketSealer(Framing{}) {}
  void seal(MutableByteView, std::uint32_t) override {}
};

class PlainOpener final : public PacketOpener {
 public:
  PlainOpener() : PacketOpener(Framing{}) {}
  std::uint32_t packet_length(MutableByteView start, std::uint32_t) override {
    return load_be<std::uint32_t>(start.data());
  }
  bool open(MutableByteView, std::uint32_t) override { return true; }
};

enum class Construction { kGcm, kChaCha20Poly1305, kCounterAndMac, kChainedAndMac };
struct CipherRow {
  std::string_view name;
  const char* openssl_name;
  std::size_t key_bytes;
  std::size_t iv_bytes;
  Construction construction;

  bool authenticates() const {
    return construction == Construction::kGcm || construction == Construction::kChaCha20Poly1305;
  }
  BlockCipher block_cipher() const {
    return {openssl_name, construction == Construction::kChainedAndMac};
  }
};
constexpr std::array kCiphers = {
    CipherRow{"aes128-gcm@openssh.com", "AES-128-GCM", 16, 12, Construction::kGcm},
    CipherRow{"aes256-gcm@openssh.com", "AES-256-GCM", 32, 12, Construction::kGcm},
    CipherRow{"chacha20-poly1305@openssh.com", "ChaCha20", 64, 0, Construction::kChaCha20Poly1305},
    CipherRow{"aes128-ctr", "AES-128-CTR", 16, 16, Construction::kCounterAndMac},
    CipherRow{"aes192-ctr", "AES-192-CTR", 24, 16, Construction::kCounterAndMac},
    CipherRow{"aes256-ctr", "AES-256-CTR", 32, 16, Construction::kCounterAndMac},
    CipherRow{"aes128-cbc", "AES-128-CBC", 16, 16, Construction::kChainedAndMac},
    CipherRow{"aes192-cbc", "AES-192-CBC", 24, 16, Construction::kChainedAndMac},
    CipherRow{"aes256-cbc", "AES-256-CBC", 32, 16, Construction::kChainedAndMac},
};

constexpr std::array kMacs = {
    MacRow{"hmac-sha2-256-etm@openssh.com", "SHA256", 32, true},
    MacRow{"hmac-sha2-512-etm@openssh.com", "SHA512", 64, true},
    MacRow{"hmac-sha2-256", "SHA256", 32, false},
    MacRow{"hmac-sha2-512", "SHA512", 64, false},
    MacRow{"hmac-sha1", "SHA1", 20, false},
};

template <typename Table>
auto find(const Table& table, std::string_view name) -> decltype(table.data()) {
  const auto at = std::ranges::find_if(table, [&](const auto& row) { return row.name == name; });
  return at == table.end() ? nullptr : &*at;
}

struct Rows {
  const CipherRow* cipher;
  const MacRow* mac;  // none where the cipher authenticates
};
Result<Rows> find_rows(const ProtectionNames& names) {
  const CipherRow* cipher = find(kCiphers, names.cipher);
  if (cipher == nullptr) return fail(ErrorCode::kUnsupported, "this cipher is not implemented");
  if (cipher->authenticates()) return Rows{cipher, nullptr};
  const MacRow* mac = find(kMacs, names.mac);
  if (mac == nullptr) return fail(ErrorCode::kUnsupported, "this MAC is not implemented");
  return Rows{cipher, mac};
}
}  // namespace

bool cipher_authenticates(std::string_view cipher) {
  const CipherRow* row = find(kCiphers, cipher);
  return row != nullptr && row->authenticates();
}

Result<ProtectionSizes> protection_sizes(const ProtectionNames& names) {
  BH_TRY(const Rows rows, find_rows(names));
  return ProtectionSizes{rows.cipher->iv_bytes, rows.cipher->key_bytes,
                         rows.mac != nullptr ? rows.mac->size : 0};
}

Result<std::unique_ptr<PacketSealer>> make_sealer(const ProtectionNames& names,
                                                  const ProtectionKeys& keys) {
  BH_TRY(const Rows rows, find_rows(names));
  switch (rows.cipher->construction) {
    case Construction::kGcm:
      return make_gcm_sealer(rows.cipher->openssl_name, keys);
    case Construction::kChaCha20Poly1305:
      return make_chacha20_poly1305_sealer(keys);
    default:
      return make_mac_sealer(rows.cipher->block_cipher(), *rows.mac, keys);
  }
}

Result<std::unique_ptr<PacketOpener>> make_opener(const ProtectionNames& names,
                                                  const ProtectionKeys& keys) {
  BH_TRY(const Rows rows, find_rows(names));
  switch (rows.cipher->construction) {
    case Construction::kGcm:
      return make_gcm_opener(rows.cipher->openssl_name, keys);
    case Construction::kChaCha20Poly1305:
      return make_chacha20_poly1305_opener(keys);
    default:
      return make_mac_opener(rows.cipher->block_cipher(), *rows.mac, keys);
  }
}

std::unique_ptr<PacketSealer> make_plain_sealer() {
  return std::make_unique<PlainSealer>();
}
std::unique_ptr<PacketOpener> make_plain_opener() {
  return std::make_unique<PlainOpener>();
}

}  // namespace bulkhead::ssh
