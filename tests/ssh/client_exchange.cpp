#include "client_exchange.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/ecdh.h"
#include "crypto/ml_kem_768.h"
#include "crypto/x25519.h"
#include "sshwire/numbers.h"
#include "sshwire/reader.h"
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

class Ecdh final : public ClientExchange {
 public:
  explicit Ecdh(crypto::EcCurve curve) : pair_(crypto::EcdhKeyPair::generate(curve)) {}
  Bytes first_message() override { return kex_init(client_public()); }
  Bytes client_public() const override { return pair_.public_key(); }
  Bytes shared_secret(ByteView server_public) const override {
    const auto shared = pair_.agree(server_public);
    return shared ? sshwire::mpint_contents(shared->view()) : Bytes();
  }

 private:
  crypto::EcdhKeyPair pair_;
};

class FixedGroup : public ClientExchange {
 public:
  explicit FixedGroup(crypto::DhGroup group) : pair_(crypto::DhKeyPair::generate(group)) {}
  Bytes first_message() override { return kex_init(client_public()); }
  Bytes client_public() const override { return sshwire::mpint_contents(pair_.public_key()); }
  Bytes shared_secret(ByteView server_public) const override {
    const bool signed_zero = !server_public.empty() && server_public[0] == 0;
    const auto shared = pair_.agree(server_public.subspan(signed_zero ? 1 : 0));
    return shared ? sshwire::mpint_contents(shared->view()) : Bytes();
  }

 protected:
  crypto::DhKeyPair pair_;
};

class GroupExchange final : public FixedGroup {
 public:
  GroupExchange() : FixedGroup(crypto::DhGroup::k3072) {}
  Bytes first_message() override {
    sshwire::Writer writer(sshwire::kMsgKexDhGexRequest);
    writer.uint32(kRequest.min_bits).uint32(kRequest.preferred_bits).uint32(kRequest.max_bits);
    return std::move(writer).take();
  }
  Byte reply_message() const override { return sshwire::kMsgKexDhGexReply; }
  std::optional<sshwire::GroupRequest> group_request() const override { return kRequest; }
  Bytes on_message(ByteView payload) override {
    sshwire::Reader reader(payload);
    if (reader.byte() != sshwire::kMsgKexDhGexGroup) return {};
    EXPECT_TRUE(equal(reader.unsigned_mpint(), crypto::dh_prime(crypto::DhGroup::k3072)));
    EXPECT_TRUE(equal(reader.unsigned_mpint(), Bytes{2}));
    EXPECT_TRUE(reader.finish("group"));
    return std::move(sshwire::Writer(sshwire::kMsgKexDhGexInit).string(ByteView(client_public())))
        .take();
  }

 private:
  static constexpr sshwire::GroupRequest kRequest = {2048, 3000, 8192};
};

struct Row {
  std::string_view name;
  std::unique_ptr<ClientExchange> (*make)();
};
template <typename Exchange, auto... kArguments>
std::unique_ptr<ClientExchange> made() {
  return std::make_unique<Exchange>(kArguments...);
}
constexpr Row kRows[] = {
    {"mlkem768x25519-sha256", made<MlKem768X25519>},
    {"curve25519-sha256", made<Curve25519>},
    {"curve25519-sha256@libssh.org", made<Curve25519>},
    {"ecdh-sha2-nistp256", made<Ecdh, crypto::EcCurve::kP256>},
    {"ecdh-sha2-nistp384", made<Ecdh, crypto::EcCurve::kP384>},
    {"ecdh-sha2-nistp521", made<Ecdh, crypto::EcCurve::kP521>},
    {"diffie-hellman-group14-sha256", made<FixedGroup, crypto::DhGroup::k2048>},
    {"diffie-hellman-group16-sha512", made<FixedGroup, crypto::DhGroup::k4096>},
    {"diffie-hellman-group18-sha512", made<FixedGroup, crypto::DhGroup::k8192>},
    {"diffie-hellman-group-exchange-sha256", made<GroupExchange>},
};

}  // namespace

Byte ClientExchange::reply_message() const {
  return sshwire::kMsgKexEcdhReply;
}
Bytes ClientExchange::on_message(ByteView) {
  return {};
}

std::unique_ptr<ClientExchange> make_client_exchange(std::string_view method) {
  for (const Row& row : kRows) {
    if (row.name == method) return row.make();
  }
  ADD_FAILURE() << "the test client does not know " << method;
  return made<Curve25519>();
}

}  // namespace bulkhead::ssh::testing
