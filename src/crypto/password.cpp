#include "crypto/password.h"

#include <sodium.h>

namespace bulkhead::crypto {
namespace {

// RFC 9106 section 4 asks for 64 MiB and 3 passes where memory is short; OWASP's least is 19 MiB
// and 2. More than one lane would need threads, which libsodium does not use.
constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = std::size_t{64} << 20;

// Of keys made of passphrases.
constexpr std::uint32_t kLeastMemoryKib = 8 * 1024;
constexpr std::uint32_t kMostMemoryKib = 1024 * 1024;
constexpr std::uint32_t kMostPasses = 64;

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  BH_ASSERT(sodium_init() >= 0);
  char encoded[crypto_pwhash_STRBYTES] = {};
  if (crypto_pwhash_str_alg(encoded, password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::kLimitExceeded,
                "hashing a password needs 64 MiB of memory, which this process cannot get");
  }
  return std::string(encoded);
}

bool verify_password(std::string_view encoded, std::string_view password) {
  BH_ASSERT(sodium_init() >= 0);
  if (!encoded.starts_with(crypto_pwhash_argon2id_STRPREFIX) ||
      encoded.size() >= crypto_pwhash_STRBYTES)
    return false;
  const std::string terminated(encoded);
  return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

Result<Secret<32>> key_from_passphrase(ByteView passphrase, const ByteArray<16>& salt,
                                       const Argon2idCost& cost) {
  static_assert(sizeof salt == crypto_pwhash_SALTBYTES);
  BH_ASSERT(sodium_init() >= 0);
  if (cost.memory_kib < kLeastMemoryKib || cost.memory_kib > kMostMemoryKib || cost.passes < 1 ||
      cost.passes > kMostPasses) {
    return fail(ErrorCode::kInvalidArgument, "the cost of a passphrase is out of range");
  }
  Secret<32> key;
  if (crypto_pwhash(key.mutable_view().data(), key.size(), as_text(passphrase).data(),
                    passphrase.size(), salt.data(), cost.passes,
                    std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::kLimitExceeded,
                "there is not enough memory to make a key of the passphrase");
  }
  return key;
}

// Salt and hash all zero: a password for it would be a preimage.
std::string_view unmatchable_password() {
  return "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

}  // namespace bulkhead::crypto
