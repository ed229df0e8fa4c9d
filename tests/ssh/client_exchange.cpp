#include "client_exchange.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/ml_kem_768.h"
#include "crypto/x25519.h"
#include "sshwire/numbers.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh::testing {
namespace {

Bytes kex_init(const Bytes& client_public) {
  return std::move(sshwire::Writer(sshwire::kMsgKexEcdhInit).string(ByteView(client_public)))
      .take();
}

std::optional<crypto::Secret<32>> agree(const crypto::X25519KeyPair& pair, ByteView theirs) {
  crypto::X25519PublicKey key;
  if (theirs.size() != key.size()) return std::nullopt;
  std::ranges::copy(theirs, key.begin());
  return pair.agree(key);
}

class Curve25519 final : public ClientExchange {
 public:
  Bytes first_message() override { return kex_init(client_public()); }
  Bytes client_public() const override { return to_bytes(pair_.public_key); }
  Bytes shared_secret(ByteView server_public) const override {
    const auto shared = agree(pair_, server_public);
    return shared ? sshwire::mpint_contents(shared->view()) : Bytes();
  }

 private:
  crypto::X25519KeyPair pair_ = crypto::X25519KeyPair::generate(crypto::system_random());
};

class MlKem768X25519 final : public ClientExchange {
 public:
  Bytes first_message() override { return kex_init(client_public()); }
  Bytes client_public() const override {
    Bytes both = to_bytes(kem_.encapsulation_key);
    both.insert(both.end(), pair_.public_key.begin(), pair_.public_key.end());
    return both;
  }
  Bytes shared_secret(ByteView server_public) const override {
    crypto::MlKemCiphertext ciphertext;
    if (server_public.size() < ciphertext.size()) return {};
    std::ranges::copy(server_public.first(ciphertext.size()), ciphertext.begin());
    const auto classical = agree(pair_, server_public.subspan(ciphertext.size()));
    if (!classical) return {};
    Bytes both = to_bytes(kem_.decapsulate(ciphertext).view());
    both.insert(both.end(), classical->view().begin(), classical->view().end());
    return to_bytes(crypto::sha256(both));
  }

 private:
  crypto::MlKemKeyPair kem_ = crypto::MlKemKeyPair::generate(crypto::system_random());
  crypto::X25519KeyPair pair_ = crypto::X25519KeyPair::generate(crypto::system_random());
};

}  // namespace

std::unique_ptr<ClientExchange> make_client_exchange(std::string_view method) {
  if (method == "mlkem768x25519-sha256") return std::make_unique<MlKem768X25519>();
  if (!method.starts_with("curve25519-sha256"))
    ADD_FAILURE() << "the test client does not know " << method;
  return std::make_unique<Curve25519>();
}

}  // namespace bulkhead::ssh::testing
