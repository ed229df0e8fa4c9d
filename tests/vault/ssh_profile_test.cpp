// Which algorithms a stranger and a user may use, and that weak ones are in the journal.
#include "sshwire/kexinit.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

class SshProfileTest : public testing::Test {
 protected:
  // Exchanges keys as told; the answer to that.
  std::optional<Received> exchange(ChannelId channel, const std::string& kex,
                                   const std::string& cipher, const std::string& mac) {
    channel::Request request = h.exchange_request(channel);
    auto* fields = request.mutable_ssh_exchange();
    fields->set_kex_algorithm(kex);
    for (auto* direction :
         {fields->mutable_client_to_server(), fields->mutable_server_to_client()}) {
      direction->set_cipher(cipher);
      direction->set_mac(mac);
    }
    return h.ask(channel, std::move(request));
  }
  bool exchanges(const std::string& kex, const std::string& cipher, const std::string& mac) {
    const auto answer = exchange(h.connect(), kex, cipher, mac);
    return answer && answer->reply.code() == 0;
  }
  bool legacy_login(const std::string& user, const crypto::Ed25519KeyPair& key) {
    const ChannelId channel = h.connect();
    const auto answer = exchange(channel, "curve25519-sha256", "aes128-cbc", "hmac-sha1");
    EXPECT_TRUE(answer && answer->reply.code() == 0);
    const std::string& id = answer->reply.ssh_signed_exchange().exchange_hash();
    const auto login = h.ask(channel, h.authenticate_request(user, key, as_bytes(id)));
    return login &&
           login->reply.ssh_authentication().outcome() == channel::SshAuthentication::SUCCESS;
  }
  std::vector<journal::Entry> weak_entries() {
    std::vector<journal::Entry> entries = h.journal_entries();
    std::erase_if(entries, [](const auto& each) { return !each.has_weak_algorithms_used(); });
    return entries;
  }
  VaultHarness h;
};

TEST_F(SshProfileTest, TheDefaultOffersNothingWeak) {
  channel::Request greet;
  greet.mutable_ssh_greet();
  const auto greeting = h.ask(h.connect(), greet);
  ASSERT_TRUE(greeting);
  const auto kexinit =
      sshwire::parse_kexinit(as_bytes(greeting->reply.ssh_greeting().server_kexinit()));
  ASSERT_TRUE(kexinit);
  EXPECT_EQ(kexinit->lists[sshwire::kKexAlgorithms],
            "mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,"
            "kex-strict-s-v00@openssh.com");
  EXPECT_EQ(kexinit->lists[sshwire::kEncryptionClientToServer],
            "aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,"
            "aes256-ctr,aes192-ctr,aes128-ctr");
  EXPECT_EQ(kexinit->lists[sshwire::kMacServerToClient],
            "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com");
}

TEST_F(SshProfileTest, WhatIsNotOfferedIsNotSigned) {
  EXPECT_TRUE(exchanges("curve25519-sha256", "aes256-gcm@openssh.com", ""));
  EXPECT_FALSE(exchanges("ecdh-sha2-nistp256", "aes256-gcm@openssh.com", ""));
  EXPECT_FALSE(exchanges("curve25519-sha256", "aes256-ctr", "hmac-sha2-256"));
  EXPECT_FALSE(exchanges("curve25519-sha256", "aes256-cbc", "hmac-sha2-256-etm@openssh.com"));
  EXPECT_FALSE(exchanges("curve25519-sha256", "arcfour", "hmac-sha2-256-etm@openssh.com"));
  h.configuration.listen.sftp_profile = SshProfile::kPostQuantum;
  EXPECT_FALSE(exchanges("curve25519-sha256", "aes256-gcm@openssh.com", ""));
  EXPECT_TRUE(exchanges("mlkem768x25519-sha256", "aes256-gcm@openssh.com", ""));
  h.configuration.listen.sftp_profile = SshProfile::kCompatible;
  EXPECT_TRUE(exchanges("ecdh-sha2-nistp256", "aes256-ctr", "hmac-sha2-256"));
  EXPECT_FALSE(exchanges("ecdh-sha2-nistp256", "aes256-ctr", "hmac-sha1"));
}

TEST_F(SshProfileTest, WeakAlgorithmsAreInTheJournal) {
  h.configuration.listen.sftp_profile = SshProfile::kLegacy;
  EXPECT_TRUE(exchanges("curve25519-sha256", "aes256-ctr", "hmac-sha2-256-etm@openssh.com"));
  EXPECT_TRUE(weak_entries().empty());
  EXPECT_TRUE(exchanges("ecdh-sha2-nistp256", "aes128-cbc", "hmac-sha1"));
  const auto entries = weak_entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_NE(entries[0].channel(), 0u);
  const auto& used = entries[0].weak_algorithms_used();
  EXPECT_EQ(used.profile(), "legacy");
  EXPECT_EQ(std::vector<std::string>(used.algorithm().begin(), used.algorithm().end()),
            (std::vector<std::string>{"ecdh-sha2-nistp256", "aes128-cbc", "hmac-sha1"}));
}

TEST_F(SshProfileTest, LegacyTakesAListenerAndAUserThatAllowIt) {
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  h.configuration.listen.sftp_profile = SshProfile::kLegacy;
  h.configuration.user_ssh_profiles["bert"] = SshProfile::kLegacy;
  EXPECT_FALSE(legacy_login("anna", anna));
  EXPECT_TRUE(legacy_login("bert", bert));
}

TEST_F(SshProfileTest, AUserCanBeHeldToLessThanTheListenerOffers) {
  const auto anna = h.add_user("anna");
  h.configuration.user_ssh_profiles["anna"] = SshProfile::kPostQuantum;
  const ChannelId channel = h.connect_and_exchange();
  const auto login = h.ask(channel, h.authenticate_request("anna", anna, h.session_id(channel)));
  ASSERT_TRUE(login);
  EXPECT_EQ(login->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
}

// Behind the log-in the user's own bound holds for further exchanges.
TEST_F(SshProfileTest, AReexchangeCannotFallBelowTheUsersProfile) {
  const auto anna = h.add_user("anna");
  h.configuration.listen.sftp_profile = SshProfile::kLegacy;
  const ChannelId channel = h.log_in("anna", anna);
  const auto again = [&](const std::string& cipher, const std::string& mac) {
    channel::Request rekey;
    rekey.mutable_ssh_rekey();
    const auto fresh = h.ask(channel, rekey);
    BH_ASSERT(fresh && fresh->reply.code() == 0);
    channel::Request request;
    auto* fields = request.mutable_ssh_exchange();
    fields->set_kex_algorithm("curve25519-sha256");
    fields->set_host_key_algorithm("ssh-ed25519");
    fields->set_client_version("SSH-2.0-again");
    fields->set_client_kexinit(fresh->reply.ssh_kexinit().server_kexinit());
    fields->set_client_public(std::string(32, 'c'));
    fields->set_server_public(std::string(32, 's'));
    fields->set_shared_secret(std::string(32, 'k'));
    for (auto* direction :
         {fields->mutable_client_to_server(), fields->mutable_server_to_client()}) {
      direction->set_cipher(cipher);
      direction->set_mac(mac);
    }
    const auto answer = h.ask(channel, request);
    return answer && answer->reply.code() == 0;
  };
  EXPECT_TRUE(again("aes128-ctr", "hmac-sha2-256"));
  EXPECT_FALSE(again("aes128-cbc", "hmac-sha1"));
}

}  // namespace
}  // namespace bulkhead::vault
