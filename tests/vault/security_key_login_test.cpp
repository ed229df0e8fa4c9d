// FIDO keys at the vault's door: what an authenticator signs along is judged there.
#include <gtest/gtest.h>

#include "../support/software_authenticator.h"
#include "sshwire/userauth.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using channel::SshAuthentication;
using testing_support::SoftwareAuthenticator;
using Kind = SoftwareAuthenticator::Kind;

class SecurityKeyLogin : public testing::TestWithParam<Kind> {
 protected:
  SecurityKeyLogin() { add("otto", false); }
  void add(const std::string& name, bool verify_required) {
    admin::Request request;
    auto* user = request.mutable_add_user();
    user->set_name(name);
    user->add_public_key(to_string(ByteView(device.key_blob())));
    user->set_verify_required(verify_required);
    ASSERT_EQ(h.administer(request).back().code(), 0u);
  }
  SshAuthentication::Outcome log_in(const std::string& name = "otto") {
    const ChannelId channel = h.connect_and_exchange();
    const auto answer = h.ask(channel, request(name, h.session_id(channel)));
    EXPECT_TRUE(answer && answer->reply.code() == 0);
    return answer->reply.ssh_authentication().outcome();
  }
  channel::Request request(const std::string& name, ByteView session_id) {
    const Bytes blob = device.key_blob();
    channel::Request request;
    auto* authenticate = request.mutable_ssh_authenticate();
    authenticate->set_user_name(name);
    authenticate->set_service_name("ssh-connection");
    auto* key = authenticate->mutable_public_key();
    key->set_algorithm(device.algorithm());
    key->set_blob(to_string(ByteView(blob)));
    key->set_has_signature(true);
    key->set_signature(to_string(ByteView(device.sign(sshwire::userauth_signed_data(
        session_id, name, "ssh-connection", device.algorithm(), blob)))));
    return request;
  }
  std::string last_reason() {
    std::string reason;
    for (const journal::Entry& entry : h.journal_entries()) {
      if (entry.has_login_failed()) reason = entry.login_failed().reason();
    }
    return reason;
  }
  SoftwareAuthenticator device{GetParam()};
  VaultHarness h;
};

TEST_P(SecurityKeyLogin, ATouchLogsIn) {
  device.counter = 10;
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS);
  for (const journal::Entry& entry : h.journal_entries()) {
    if (!entry.has_login_succeeded()) continue;
    EXPECT_EQ(entry.login_succeeded().security_key_counter(), 11u);
    EXPECT_FALSE(entry.login_succeeded().user_verified());
  }
}

TEST_P(SecurityKeyLogin, WithoutATouchNobodyIsIn) {
  device.user_present = false;
  device.user_verified = true;
  EXPECT_EQ(log_in(), SshAuthentication::FAILURE);
  EXPECT_EQ(last_reason(), "nobody touched the security key");
}

TEST_P(SecurityKeyLogin, VerificationWhereItIsRequired) {
  add("vera", true);
  EXPECT_EQ(log_in("vera"), SshAuthentication::FAILURE);
  device.user_verified = true;
  EXPECT_EQ(log_in("vera"), SshAuthentication::SUCCESS);
  admin::Request change;
  change.mutable_change_user()->set_name("vera");
  change.mutable_change_user()->set_verify_required(false);
  ASSERT_EQ(h.administer(change).back().code(), 0u);
  device.user_verified = false;
  EXPECT_EQ(log_in("vera"), SshAuthentication::SUCCESS);
}

TEST_P(SecurityKeyLogin, ACounterThatDoesNotGrowIsACopy) {
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS);
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS);
  device.counter = 0;  // the copy was made before the first log-in
  EXPECT_EQ(log_in(), SshAuthentication::FAILURE);
  h.restart();
  device.counter = 1;
  EXPECT_EQ(log_in(), SshAuthentication::FAILURE);
  EXPECT_EQ(last_reason(), "the security key's counter did not grow: is there a copy of the key?");
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS) << "the original goes on";
}

TEST_P(SecurityKeyLogin, AuthenticatorsThatDoNotCount) {
  device.counts = false;
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS);
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS);
}

TEST_P(SecurityKeyLogin, KeysAreAddedAndRemoved) {
  SoftwareAuthenticator other(Kind::kEd25519);
  admin::Request add;
  add.mutable_change_user()->set_name("otto");
  add.mutable_change_user()->add_add_public_key(to_string(ByteView(other.key_blob())));
  ASSERT_EQ(h.administer(add).back().code(), 0u);
  EXPECT_EQ(log_in(), SshAuthentication::SUCCESS) << "the old one stays";
  admin::Request remove;
  remove.mutable_change_user()->set_name("otto");
  remove.mutable_change_user()->add_remove_key(sshwire::key_fingerprint(device.key_blob()));
  ASSERT_EQ(h.administer(remove).back().code(), 0u);
  EXPECT_EQ(h.killed.size(), 1u) << "who was in with it is not to stay in";
  EXPECT_EQ(log_in(), SshAuthentication::FAILURE);
  EXPECT_NE(h.administer(remove).back().code(), 0u) << "it is not there any more";
}

INSTANTIATE_TEST_SUITE_P(Kinds, SecurityKeyLogin,
                         testing::Values(Kind::kEd25519, Kind::kEcdsaP256));

}  // namespace
}  // namespace bulkhead::vault
