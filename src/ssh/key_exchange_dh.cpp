// Diffie-Hellman in the groups of RFC 3526: fixed ones (RFC 4253 section 8, RFC 8268) and one that
// the client asks for by its size (RFC 4419).
#include "crypto/diffie_hellman.h"
#include "ssh/key_exchange_methods.h"
#include "sshwire/numbers.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {

// SSH_MSG_KEXDH_INIT and SSH_MSG_KEX_DH_GEX_INIT: e, which becomes K and f.
StepResult<std::unique_ptr<Agreement>> agree(ByteView payload, Byte message, Byte reply,
                                             crypto::DhGroup group) {
  sshwire::Reader reader(payload);
  if (reader.byte() != message) return foreign_message();
  const ByteView theirs = reader.unsigned_mpint();
  BH_CHECK(reader.finish("SSH_MSG_KEXDH_INIT"));
  const auto pair = crypto::DhKeyPair::generate(group);
  const auto shared = pair.agree(theirs);
  if (!shared) {
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      "The client's public key is out of the group's range");
  }
  Bytes contents = sshwire::mpint_contents(shared->view());
  auto agreement = std::make_unique<Agreement>(Agreement{reply, sshwire::mpint_contents(theirs),
                                                         sshwire::mpint_contents(pair.public_key()),
                                                         crypto::SecretBytes(ByteView(contents))});
  crypto::wipe(contents);
  return agreement;
}

class FixedGroup final : public KeyExchange {
 public:
  explicit FixedGroup(crypto::DhGroup group) : group_(group) {}

  StepResult<Progress> on_message(ByteView payload, crypto::Random&) override {
    BH_TRY(auto agreement, agree(payload, sshwire::kMsgKexDhInit, sshwire::kMsgKexDhReply, group_));
    return Progress{{}, std::move(agreement)};
  }

 private:
  crypto::DhGroup group_;
};

class GroupExchange final : public KeyExchange {
 public:
  StepResult<Progress> on_message(ByteView payload, crypto::Random&) override {
    if (!group_) return on_request(payload);
    BH_TRY(auto agreement,
           agree(payload, sshwire::kMsgKexDhGexInit, sshwire::kMsgKexDhGexReply, *group_));
    agreement->group_request = request_;
    return Progress{{}, std::move(agreement)};
  }

 private:
  StepResult<Progress> on_request(ByteView payload) {
    sshwire::Reader reader(payload);
    if (reader.byte() != sshwire::kMsgKexDhGexRequest) return foreign_message();
    request_ = {reader.uint32(), reader.uint32(), reader.uint32()};
    BH_CHECK(reader.finish("SSH_MSG_KEX_DH_GEX_REQUEST"));
    group_ = sshwire::choose_group(request_);
    if (!group_) {
      return disconnect(DisconnectReason::kKeyExchangeFailed,
                        "There are groups of 2048, 3072, 4096, 6144 and 8192 bits; the client "
                        "takes none of them");
    }
    sshwire::Writer answer(sshwire::kMsgKexDhGexGroup);
    answer.mpint(crypto::dh_prime(*group_)).mpint({&crypto::kDhGenerator, 1});
    return Progress{std::move(answer).take(), nullptr};
  }

  sshwire::GroupRequest request_;
  std::optional<crypto::DhGroup> group_;
};

}  // namespace

template <crypto::DhGroup kGroup>
std::unique_ptr<KeyExchange> make_dh() {
  return std::make_unique<FixedGroup>(kGroup);
}
template std::unique_ptr<KeyExchange> make_dh<crypto::DhGroup::k2048>();
template std::unique_ptr<KeyExchange> make_dh<crypto::DhGroup::k4096>();
template std::unique_ptr<KeyExchange> make_dh<crypto::DhGroup::k8192>();

std::unique_ptr<KeyExchange> make_group_exchange() {
  return std::make_unique<GroupExchange>();
}

}  // namespace bulkhead::ssh
