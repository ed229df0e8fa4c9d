// curve25519-sha256 (RFC 8731) and mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex).
#include <algorithm>

#include "crypto/ml_kem_768.h"
#include "crypto/x25519.h"
#include "ssh/key_exchange_methods.h"
#include "sshwire/numbers.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {

struct X25519Side {
  crypto::X25519PublicKey ours;
  crypto::Secret<32> shared;
};

StepResult<X25519Side> agree_x25519(ByteView theirs, crypto::Random& random) {
  crypto::X25519PublicKey key;
  std::ranges::copy(theirs, key.begin());
  const auto pair = crypto::X25519KeyPair::generate(random);
  auto shared = pair.agree(key);
  if (!shared) {  // RFC 8731 section 3: abort on the all-zero value
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      "The client's X25519 key is of low order");
  }
  return X25519Side{pair.public_key, std::move(*shared)};
}

class Curve25519 final : public KeyExchange {
 public:
  StepResult<Progress> on_message(ByteView payload, crypto::Random& random) override {
    BH_TRY(const ByteView theirs, read_kex_init(payload, sizeof(crypto::X25519PublicKey)));
    BH_TRY(const X25519Side side, agree_x25519(theirs, random));
    Bytes contents = sshwire::mpint_contents(side.shared.view());  // RFC 8731 section 3.1
    auto agreement = std::make_unique<Agreement>(
        Agreement{sshwire::kMsgKexEcdhReply, to_bytes(theirs), to_bytes(side.ours),
                  crypto::SecretBytes(ByteView(contents))});
    crypto::wipe(contents);
    return Progress{{}, std::move(agreement)};
  }
};

// C_INIT is the client's ML-KEM key and its X25519 key, S_REPLY the ciphertext and our X25519 key,
// K = SHA-256(K_PQ || K_CL), which is hashed as a string.
class MlKem768X25519 final : public KeyExchange {
 public:
  StepResult<Progress> on_message(ByteView payload, crypto::Random& random) override {
    constexpr std::size_t kKemBytes = sizeof(crypto::MlKemEncapsulationKey);
    BH_TRY(const ByteView theirs,
           read_kex_init(payload, kKemBytes + sizeof(crypto::X25519PublicKey)));
    crypto::MlKemEncapsulationKey key;
    std::ranges::copy(theirs.first(kKemBytes), key.begin());
    const auto encapsulated = crypto::ml_kem_encapsulate(key, random);
    if (!encapsulated) {  // FIPS 203 section 7.2
      return disconnect(DisconnectReason::kKeyExchangeFailed,
                        "The client's ML-KEM key is malformed");
    }
    BH_TRY(const X25519Side side, agree_x25519(theirs.subspan(kKemBytes), random));
    Bytes reply = to_bytes(encapsulated->ciphertext);
    reply.insert(reply.end(), side.ours.begin(), side.ours.end());
    crypto::Hasher hasher(crypto::HashAlgorithm::kSha256);
    hasher.update(encapsulated->shared.view());
    hasher.update(side.shared.view());
    crypto::Sha256 combined = hasher.finish_sha256();
    auto agreement = std::make_unique<Agreement>(
        Agreement{sshwire::kMsgKexEcdhReply, to_bytes(theirs), std::move(reply),
                  crypto::SecretBytes(ByteView(combined))});
    crypto::wipe(combined);
    return Progress{{}, std::move(agreement)};
  }
};

}  // namespace

std::unique_ptr<KeyExchange> make_curve25519() {
  return std::make_unique<Curve25519>();
}
std::unique_ptr<KeyExchange> make_mlkem768_x25519() {
  return std::make_unique<MlKem768X25519>();
}

}  // namespace bulkhead::ssh
