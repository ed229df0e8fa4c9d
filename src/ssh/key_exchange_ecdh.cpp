// ecdh-sha2-* on the curves of NIST (RFC 5656 section 4).
#include "crypto/ecdh.h"
#include "ssh/key_exchange_methods.h"
#include "sshwire/numbers.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {

class Ecdh final : public KeyExchange {
 public:
  explicit Ecdh(crypto::EcCurve curve) : curve_(curve) {}

  StepResult<Progress> on_message(ByteView payload, crypto::Random&) override {
    const auto pair = crypto::EcdhKeyPair::generate(curve_);
    // Section 3.1: only uncompressed points must be supported; so all have one size.
    BH_TRY(const ByteView theirs, read_kex_init(payload, pair.public_key().size()));
    const auto shared = pair.agree(theirs);
    if (!shared) {  // section 4: the recipient MUST verify
      return disconnect(DisconnectReason::kKeyExchangeFailed,
                        "The client's public key is not a point on the curve");
    }
    Bytes contents = sshwire::mpint_contents(shared->view());
    auto agreement = std::make_unique<Agreement>(
        Agreement{sshwire::kMsgKexEcdhReply, to_bytes(theirs), pair.public_key(),
                  crypto::SecretBytes(ByteView(contents))});
    crypto::wipe(contents);
    return Progress{{}, std::move(agreement)};
  }

 private:
  crypto::EcCurve curve_;
};

}  // namespace

template <crypto::EcCurve kCurve>
std::unique_ptr<KeyExchange> make_ecdh() {
  return std::make_unique<Ecdh>(kCurve);
}
template std::unique_ptr<KeyExchange> make_ecdh<crypto::EcCurve::kP256>();
template std::unique_ptr<KeyExchange> make_ecdh<crypto::EcCurve::kP384>();
template std::unique_ptr<KeyExchange> make_ecdh<crypto::EcCurve::kP521>();

}  // namespace bulkhead::ssh
