// Property 1: no proof, no key. A hostile edge with a valid channel asks for everything that the
// interface offers.
#include "certificate_verify.h"
#include "channel/codec.h"
#include "crypto/totp.h"
#include "vault/dispatch.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

// One well-formed request of every kind that asks for something. A kind that is missing here fails
// a test below.
std::vector<channel::Request> everything() {
  std::vector<channel::Request> all;
  const auto add = [&all]() -> channel::Request& { return all.emplace_back(); };
  const channel::Path file = VaultHarness::path({"home", "anna", "secret.834"});
  add().mutable_stat()->mutable_path()->CopyFrom(file);
  add().mutable_set_attributes()->mutable_path()->CopyFrom(file);
  all.back().mutable_set_attributes()->set_permissions(0777);
  add().mutable_open_file()->mutable_path()->CopyFrom(file);
  all.back().mutable_open_file()->set_read(true);
  add().mutable_open_file()->mutable_path()->CopyFrom(file);
  all.back().mutable_open_file()->set_write(true);
  add().mutable_grant_extents()->set_handle(1);
  all.back().mutable_grant_extents()->set_count(1);
  add().mutable_commit_upload()->set_handle(1);
  all.back().mutable_commit_upload()->set_description(std::string(72, '\0'));
  add().mutable_park_upload()->set_handle(1);
  all.back().mutable_park_upload()->set_description(std::string(72, '\0'));
  add().mutable_close_handle()->set_handle(1);
  add().mutable_open_directory()->mutable_path();
  add().mutable_read_directory()->set_handle(1);
  add().mutable_make_directory()->mutable_path()->CopyFrom(file);
  add().mutable_remove_directory()->mutable_path()->CopyFrom(file);
  add().mutable_remove_file()->mutable_path()->CopyFrom(file);
  add().mutable_rename()->mutable_from()->CopyFrom(file);
  all.back().mutable_rename()->mutable_to()->CopyFrom(VaultHarness::path({"home", "x"}));
  add().mutable_capacity();
  add().mutable_ssh_prove_host_keys()->add_host_key("key");
  add().mutable_tls_greet();
  add().mutable_tls_sign()->set_content(certificate_verify());
  add().mutable_log_in()->set_user_name("anna");
  add().mutable_take_analysis();
  add().mutable_report_analysis()->set_handle(1);
  all.back().mutable_report_analysis()->set_format("x12-834");
  add().mutable_take_compaction();
  add().mutable_report_compaction()->set_description(std::string(72, '\0'));
  return all;
}

constexpr std::string_view kTotpSecret = "12345678901234567890";

class NoProof : public testing::Test {
 protected:
  NoProof() : anna(h.add_user("anna")) {
    const ChannelId channel = h.log_in("anna", anna);
    EXPECT_EQ(h.upload(channel, {"home", "anna", "secret.834"}, as_bytes("ISA*00*")), "");
  }
  VaultHarness h;
  crypto::Ed25519KeyPair anna;
};

TEST_F(NoProof, EveryRequestBeforeLoginEndsTheChannelAndIsInTheJournal) {
  for (const bool exchanged : {false, true}) {
    for (const channel::Request& request : everything()) {
      const ChannelId channel = exchanged ? h.connect_and_exchange() : h.connect();
      const std::uint64_t refused_before = h.count(journal::Entry::kRequestRefused);
      const auto answer = h.ask(channel, request);
      h.pump();
      EXPECT_FALSE(answer) << "request " << request.body_case() << " was answered";
      EXPECT_TRUE(h.ended(channel));
      EXPECT_EQ(h.count(journal::Entry::kRequestRefused), refused_before + 1)
          << request.body_case();
    }
  }
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 0u);
  EXPECT_EQ(h.keeper().file_keys_unwrapped(), 0u);
}

// What the edge of the web may say before a log-in is its own three messages, in their order; it
// has none of the other's, at no time.
TEST_F(NoProof, AnEdgeOfTheWebHasItsOwnMessagesOnlyAndNothingBeforeALogIn) {
  h.add_user_with_factors("otto", "correct horse battery", "");
  enum class At { kConnected, kSigned, kFailed, kLoggedIn };
  for (const At at : {At::kConnected, At::kSigned, At::kFailed, At::kLoggedIn}) {
    std::vector<channel::Request> asked;
    if (at < At::kFailed) asked = everything();
    asked.emplace_back().mutable_take_analysis();
    asked.emplace_back().mutable_ssh_greet();
    asked.emplace_back().mutable_ssh_rekey();
    asked.emplace_back() = h.exchange_request(h.connect());
    asked.emplace_back() = VaultHarness::password_request("otto", "correct horse battery");
    asked.emplace_back().mutable_ssh_prove_host_keys()->add_host_key("key");
    asked.emplace_back().mutable_tls_sign()->set_content(certificate_verify());
    asked.emplace_back().mutable_log_in()->set_user_name("otto");
    for (const channel::Request& request : asked) {
      const bool before_signing = request.has_tls_greet() || request.has_tls_sign();
      if (at == At::kConnected ? before_signing : at < At::kLoggedIn && request.has_log_in())
        continue;
      const ChannelId channel = h.connect(ProcessKind::kHttpsSession);
      channel::Request sign;
      sign.mutable_tls_sign()->set_content(certificate_verify());
      channel::Request log_in;
      log_in.mutable_log_in()->set_user_name("otto");
      log_in.mutable_log_in()->set_password(at == At::kLoggedIn ? "correct horse battery" : "no");
      if (at != At::kConnected) {
        ASSERT_EQ(h.ask(channel, sign)->reply.code(), 0u);
      }
      if (at >= At::kFailed) {
        ASSERT_EQ(h.ask(channel, log_in)->reply.code(), 0u);
      }
      const std::uint64_t refused_before = h.count(journal::Entry::kRequestRefused);
      EXPECT_FALSE(h.ask(channel, request)) << "request " << request.body_case() << " was answered";
      EXPECT_TRUE(h.ended(channel));
      EXPECT_EQ(h.count(journal::Entry::kRequestRefused), refused_before + 1);
    }
  }
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 0u);
}

TEST_F(NoProof, OneSignatureOfTheTlsKeyAChannelAndOnlyOverACertificateVerify) {
  const auto sign = [this](ChannelId channel, const std::string& content) {
    channel::Request request;
    request.mutable_tls_sign()->set_content(content);
    return h.ask(channel, request);
  };
  std::string client = certificate_verify();
  client.replace(73, 6, "client");  // what a client signs, were it asked for a certificate
  std::string shifted = " " + certificate_verify();
  shifted.pop_back();
  for (const std::string& content :
       {std::string("h"), std::string(32, 'h'), std::string(130, ' '), certificate_verify('h', 31),
        certificate_verify('h', 33), certificate_verify('h', 64), client, shifted,
        certificate_verify().substr(1), "SSH-2.0-x" + certificate_verify().substr(9)}) {
    const ChannelId channel = h.connect(ProcessKind::kHttpsSession);
    const std::uint64_t refused_before = h.count(journal::Entry::kRequestRefused);
    EXPECT_FALSE(sign(channel, content)) << to_hex(as_bytes(content));
    EXPECT_TRUE(h.ended(channel));
    EXPECT_EQ(h.count(journal::Entry::kRequestRefused), refused_before + 1);
  }
  for (const std::size_t hash_bytes : {32, 48}) {
    const ChannelId channel = h.connect(ProcessKind::kHttpsSession);
    const auto first = sign(channel, certificate_verify('h', hash_bytes));
    ASSERT_TRUE(first && first->reply.code() == 0);
    EXPECT_FALSE(first->reply.tls_signature().signature().empty());
    EXPECT_FALSE(sign(channel, certificate_verify('h', hash_bytes))) << "a second signature";
    EXPECT_TRUE(h.ended(channel));
  }
}

TEST_F(NoProof, TheListAboveHasEveryMessageOfTheTable) {
  std::set<int> asked = {channel::Request::kSshGreet, channel::Request::kSshRekey,
                         channel::Request::kSshExchange, channel::Request::kSshAuthenticate};
  for (const channel::Request& request : everything())
    asked.insert(request.body_case());
  for (int number = 1; number < 100; ++number) {
    const auto message = static_cast<channel::Request::BodyCase>(number);
    if (DispatchTable::find(message) != nullptr) {
      EXPECT_TRUE(asked.contains(number)) << "message " << number << " is not tried without proof";
    }
  }
}

TEST_F(NoProof, AProofMadeForAnotherChannelIsNone) {
  const ChannelId victim = h.connect_and_exchange();
  const channel::Request proof = h.authenticate_request("anna", anna, h.session_id(victim));
  const ChannelId thief = h.connect_and_exchange();
  ASSERT_NE(to_hex(h.session_id(victim)), to_hex(h.session_id(thief)));
  const auto answer = h.ask(thief, proof);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
  EXPECT_EQ(h.count(journal::Entry::kLoginFailed), 1u);
  channel::Request list;
  list.mutable_open_directory()->mutable_path();
  EXPECT_FALSE(h.ask(thief, list));
  EXPECT_TRUE(h.ended(thief));
  // The same bytes on the channel that they were made for are a proof.
  const auto own = h.ask(victim, proof);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->reply.ssh_authentication().outcome(), channel::SshAuthentication::SUCCESS);
}

TEST_F(NoProof, KeysThatAreNotEnrolledAndUsersWhoAreNotThereLookTheSame) {
  const auto stranger = crypto::Ed25519KeyPair::generate(crypto::system_random());
  for (const std::string user : {"anna", "nobody"}) {
    const ChannelId channel = h.connect_and_exchange();
    const auto answer =
        h.ask(channel, h.authenticate_request(user, stranger, h.session_id(channel)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->reply.code(), 0u);
    EXPECT_EQ(answer->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
    EXPECT_EQ(answer->reply.ssh_authentication().methods_that_can_continue_size(), 3);
  }
}

// CVE-2024-5806: a public key that is a path, an empty key.
TEST_F(NoProof, AKeyIsComparedByteForByteAndNeverAName) {
  for (const std::string& blob :
       {std::string("/var/log/web.log"), std::string(), std::string("\0", 1)}) {
    const ChannelId channel = h.connect_and_exchange();
    channel::Request request = h.authenticate_request("anna", anna, h.session_id(channel));
    request.mutable_ssh_authenticate()->mutable_public_key()->set_blob(blob);
    const auto answer = h.ask(channel, request);
    if (answer) {
      EXPECT_EQ(answer->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
    }
    channel::Request list;
    list.mutable_open_directory()->mutable_path();
    EXPECT_FALSE(h.ask(channel, list));
  }
}

TEST_F(NoProof, TheVaultSignsNothingButAnExchangeHashOverItsOwnKexinit) {
  const ChannelId channel = h.connect();
  channel::Request exchange;
  auto* fields = exchange.mutable_ssh_exchange();
  fields->set_kex_algorithm("curve25519-sha256");
  fields->set_host_key_algorithm("ssh-ed25519");
  fields->set_client_version("SSH-2.0-x");
  fields->set_client_kexinit(std::string(1, '\x14') + std::string(60, '\0'));
  fields->set_client_public(std::string(32, 'c'));
  fields->set_server_public(std::string(32, 's'));
  fields->set_shared_secret(std::string(32, 'k'));
  fields->mutable_client_to_server()->set_cipher("aes256-gcm@openssh.com");
  fields->mutable_server_to_client()->set_cipher("aes256-gcm@openssh.com");
  const auto before_greeting = h.ask(channel, exchange);
  ASSERT_TRUE(before_greeting);
  EXPECT_NE(before_greeting->reply.code(), 0u);
  channel::Request greet;
  greet.mutable_ssh_greet();
  ASSERT_TRUE(h.ask(channel, greet));
  ASSERT_EQ(h.ask(channel, exchange)->reply.code(), 0u);
  // One KEXINIT, one signature: the second needs a fresh one, whose cookie the edge does not
  // choose.
  EXPECT_NE(h.ask(channel, exchange)->reply.code(), 0u);
}

// What is asked in keyboard-interactive depends on the name, not on whether there is such a user;
// and responses are looked at only where prompts were sent.
TEST_F(NoProof, ResponsesWithoutPromptsProveNothing) {
  h.add_user_with_factors("otto", "correct horse battery", kTotpSecret);
  channel::Request responses = VaultHarness::response_request(
      "otto", {"correct horse battery", crypto::hotp(as_bytes(kTotpSecret), h.totp_step())});
  const ChannelId unasked = h.connect_and_exchange();
  EXPECT_NE(h.ask(unasked, responses)->reply.code(), 0u);
  // Prompts for one name are none for another, and are gone after any other request.
  for (const bool other_name : {true, false}) {
    const ChannelId channel = h.connect_and_exchange();
    ASSERT_EQ(h.ask(channel, VaultHarness::keyboard_request(other_name ? "anna" : "otto"))
                  ->reply.ssh_authentication()
                  .outcome(),
              channel::SshAuthentication::PROMPTS);
    if (!other_name) {
      channel::Request none;
      none.mutable_ssh_authenticate()->set_user_name("otto");
      none.mutable_ssh_authenticate()->set_service_name("ssh-connection");
      none.mutable_ssh_authenticate()->mutable_none();
      ASSERT_TRUE(h.ask(channel, none));
    }
    EXPECT_NE(h.ask(channel, responses)->reply.code(), 0u);
  }
  EXPECT_EQ(h.count(journal::Entry::kLoginSucceeded), 1u) << "only the fixture's own";
}

// Something that was passed is worth nothing without the rest, and nothing for another user.
TEST_F(NoProof, PassingOneMethodOfTwoGrantsNothing) {
  const auto key = h.add_user_with_factors("otto", "correct horse battery", kTotpSecret,
                                           {"publickey,keyboard-interactive"});
  for (const channel::Request& request : everything()) {
    const ChannelId channel = h.connect_and_exchange();
    ASSERT_EQ(h.ask(channel, h.authenticate_request("otto", key, h.session_id(channel)))
                  ->reply.ssh_authentication()
                  .outcome(),
              channel::SshAuthentication::PARTIAL);
    EXPECT_FALSE(h.ask(channel, request)) << "request " << request.body_case() << " was answered";
    EXPECT_TRUE(h.ended(channel));
  }
  h.add_user_with_factors("mia", "another good password", kTotpSecret,
                          {"publickey,keyboard-interactive"});
  const ChannelId channel = h.connect_and_exchange();
  ASSERT_TRUE(h.ask(channel, h.authenticate_request("otto", key, h.session_id(channel))));
  ASSERT_TRUE(h.ask(channel, VaultHarness::keyboard_request("mia")));
  const auto answer = h.ask(
      channel,
      VaultHarness::response_request(
          "mia", {"another good password", crypto::hotp(as_bytes(kTotpSecret), h.totp_step())}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
}

// Property 5: who administers does not read contents.
TEST_F(NoProof, AdministratorsAndOfficersDoNotLogInToTransferFiles) {
  for (const std::string& role : {std::string("administrator"), std::string("officer")}) {
    const auto key = crypto::Ed25519KeyPair::generate(crypto::system_random());
    admin::Request add;
    add.mutable_add_user()->set_name(role);
    add.mutable_add_user()->set_role(role);
    add.mutable_add_user()->add_public_key(
        to_string(ByteView(sshwire::ed25519_key_blob(key.public_key))));
    ASSERT_EQ(h.administer(add).back().code(), 0u);
    const ChannelId channel = h.connect_and_exchange();
    const auto answer = h.ask(channel, h.authenticate_request(role, key, h.session_id(channel)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
  }
}

// A new account of an old name does not find what the old one left.
TEST_F(NoProof, ANameThatIsUsedAgainGetsNothingOfTheOldAccount) {
  admin::Request remove;
  remove.mutable_remove_user()->set_name("anna");
  ASSERT_EQ(h.administer(remove).back().code(), 0u);
  admin::Request add;
  add.mutable_add_user()->set_name("anna");
  add.mutable_add_user()->add_public_key(
      to_string(ByteView(sshwire::ed25519_key_blob(anna.public_key))));
  const auto refused = h.administer(add);
  EXPECT_EQ(channel::error_code_from_wire(refused.back().code()), ErrorCode::kAlreadyExists);
  EXPECT_FALSE(h.vault().fault());
}

TEST_F(NoProof, GarbageEndsTheChannel) {
  for (const std::string& bytes :
       {std::string(), std::string("\xFF\xFF\xFF"), std::string(1000, 'x')}) {
    const ChannelId channel = h.connect();
    h.vault().request(channel, as_bytes(bytes));
    h.pump();
    EXPECT_TRUE(h.ended(channel));
  }
}

TEST_F(NoProof, AChannelThatIsRefusedAgainAndAgainEnds) {
  const ChannelId channel = h.connect_and_exchange();
  const auto stranger = crypto::Ed25519KeyPair::generate(crypto::system_random());
  for (std::uint32_t i = 0; i < h.configuration.limits.login_attempts; ++i) {
    const auto answer =
        h.ask(channel, h.authenticate_request("anna", stranger, h.session_id(channel)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->reply.code(), 0u);
  }
  // Even the right key comes too late now.
  const auto late = h.ask(channel, h.authenticate_request("anna", anna, h.session_id(channel)));
  EXPECT_TRUE(!late || late->reply.code() != 0);
}

}  // namespace
}  // namespace bulkhead::vault
