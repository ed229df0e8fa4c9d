// Second factors and methods in sequence, at the vault's door.
#include <gmock/gmock.h>

#include <set>

#include "crypto/totp.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using channel::SshAuthentication;
using testing::ElementsAre;

constexpr std::string_view kSecret = "12345678901234567890";
constexpr const char* kPassword = "correct horse battery";

class VaultLogin : public testing::Test {
 protected:
  SshAuthentication ask(ChannelId channel, const channel::Request& request) {
    const auto answer = h.ask(channel, request);
    EXPECT_TRUE(answer && answer->reply.code() == 0);
    return answer ? answer->reply.ssh_authentication() : SshAuthentication();
  }
  SshAuthentication respond(ChannelId channel, const std::string& user,
                            const std::vector<std::string>& responses) {
    EXPECT_EQ(ask(channel, VaultHarness::keyboard_request(user)).outcome(),
              SshAuthentication::PROMPTS);
    return ask(channel, VaultHarness::response_request(user, responses));
  }
  std::string code(std::int64_t steps_from_now = 0) {
    return crypto::hotp(as_bytes(kSecret),
                        h.totp_step() + static_cast<std::uint64_t>(steps_from_now));
  }
  std::vector<std::string> prompts(ChannelId channel, const std::string& user) {
    std::vector<std::string> texts;
    const SshAuthentication answer = ask(channel, VaultHarness::keyboard_request(user));
    for (const auto& prompt : answer.prompt()) {
      EXPECT_FALSE(prompt.echo());
      texts.push_back(prompt.text());
    }
    return texts;
  }
  std::string last_reason() {
    std::string reason;
    for (const journal::Entry& entry : h.journal_entries()) {
      if (entry.has_login_failed()) reason = entry.login_failed().reason();
    }
    return reason;
  }
  VaultHarness h;
};

TEST_F(VaultLogin, PasswordAndCodeLogIn) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  const ChannelId channel = h.connect_and_exchange();
  EXPECT_THAT(prompts(channel, "otto"), ElementsAre("Password: ", "Verification code: "));
  EXPECT_EQ(respond(channel, "otto", {kPassword, code()}).outcome(), SshAuthentication::SUCCESS);
  for (const journal::Entry& entry : h.journal_entries()) {
    if (!entry.has_login_succeeded()) continue;
    EXPECT_EQ(entry.login_succeeded().method(), "keyboard-interactive");
    EXPECT_EQ(entry.login_succeeded().totp_step(), h.totp_step());
  }
}

TEST_F(VaultLogin, EitherWrongIsNoLoginAndLooksTheSame) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  const ChannelId channel = h.connect_and_exchange();
  const auto wrong_code = respond(channel, "otto", {kPassword, "000000"});
  const auto wrong_password = respond(channel, "otto", {"not the password", code()});
  EXPECT_EQ(wrong_code.outcome(), SshAuthentication::FAILURE);
  EXPECT_EQ(wrong_code.SerializeAsString(), wrong_password.SerializeAsString());
  EXPECT_EQ(respond(channel, "otto", {kPassword}).outcome(), SshAuthentication::FAILURE);
  EXPECT_EQ(h.count(journal::Entry::kLoginFailed), 3u);
}

TEST_F(VaultLogin, APasswordAloneIsNotEnoughForWhoHasASecondFactor) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  const ChannelId channel = h.connect_and_exchange();
  EXPECT_EQ(ask(channel, VaultHarness::password_request("otto", kPassword)).outcome(),
            SshAuthentication::FAILURE);
  EXPECT_EQ(last_reason(), "the method is not what this account wants next");
}

TEST_F(VaultLogin, ACodeIsGoodOnceOverSessionsAndRestarts) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code()}).outcome(),
            SshAuthentication::SUCCESS);
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code()}).outcome(),
            SshAuthentication::FAILURE);
  EXPECT_EQ(last_reason(), "wrong code, or one that was used");
  h.restart();
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code()}).outcome(),
            SshAuthentication::FAILURE);
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code(-1)}).outcome(),
            SshAuthentication::FAILURE)
      << "nor one from before it";
  h.clock.advance_ms(30'000);
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code()}).outcome(),
            SshAuthentication::SUCCESS);
}

// Log before release: who is in with a code is in after the journal says that it was used.
TEST_F(VaultLogin, TheCodesUseIsOnDiskBeforeTheAnswer) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  const ChannelId channel = h.connect_and_exchange();
  ask(channel, VaultHarness::keyboard_request("otto"));
  const auto answer = h.ask(channel, VaultHarness::response_request("otto", {kPassword, code()}));
  ASSERT_TRUE(answer);
  const auto entries = h.journal_entries();
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].has_login_succeeded()) at = i + 1;
  }
  ASSERT_NE(at, 0u);
  EXPECT_GE(answer->durable_entries, at);
}

TEST_F(VaultLogin, GuessingCodesIsSlowedDownOverConnections) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  for (int i = 0; i < 5; ++i)
    respond(h.connect_and_exchange(), "otto", {kPassword, "000000"});
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code()}).outcome(),
            SshAuthentication::FAILURE);
  EXPECT_EQ(last_reason(), "too many wrong codes: none is looked at for a while");
  h.clock.advance_ms(30'000);
  EXPECT_EQ(respond(h.connect_and_exchange(), "otto", {kPassword, code()}).outcome(),
            SshAuthentication::SUCCESS);
}

TEST_F(VaultLogin, AKeyThenPasswordAndCode) {
  const auto key =
      h.add_user_with_factors("otto", kPassword, kSecret, {"publickey,keyboard-interactive"});
  const ChannelId channel = h.connect_and_exchange();
  EXPECT_EQ(respond(channel, "otto", {kPassword, code()}).outcome(), SshAuthentication::FAILURE)
      << "not first";
  const auto partial = ask(channel, h.authenticate_request("otto", key, h.session_id(channel)));
  ASSERT_EQ(partial.outcome(), SshAuthentication::PARTIAL);
  EXPECT_THAT(partial.methods_that_can_continue(), ElementsAre("keyboard-interactive"));
  const auto again = ask(channel, h.authenticate_request("otto", key, h.session_id(channel)));
  EXPECT_EQ(again.outcome(), SshAuthentication::FAILURE);
  EXPECT_THAT(again.methods_that_can_continue(), ElementsAre("keyboard-interactive"));
  EXPECT_EQ(respond(channel, "otto", {kPassword, code()}).outcome(), SshAuthentication::SUCCESS);
  bool step_seen = false;
  for (const journal::Entry& entry : h.journal_entries()) {
    if (entry.has_login_step_passed()) {
      step_seen = true;
      EXPECT_EQ(entry.login_step_passed().method(), "publickey");
      EXPECT_EQ(entry.login_step_passed().key_sha256().size(), 32u);
    }
    if (!entry.has_login_succeeded()) continue;
    EXPECT_EQ(entry.login_succeeded().method(), "publickey,keyboard-interactive");
    EXPECT_EQ(entry.login_succeeded().key_sha256().size(), 32u);
  }
  EXPECT_TRUE(step_seen);
}

TEST_F(VaultLogin, AKeyThenOnlyTheCodeWhereThereIsNoPassword) {
  const auto key = h.add_user_with_factors("otto", "", kSecret, {"publickey,keyboard-interactive"});
  const ChannelId channel = h.connect_and_exchange();
  ASSERT_EQ(ask(channel, h.authenticate_request("otto", key, h.session_id(channel))).outcome(),
            SshAuthentication::PARTIAL);
  EXPECT_THAT(prompts(channel, "otto"), ElementsAre("Verification code: "));
  EXPECT_EQ(respond(channel, "otto", {code()}).outcome(), SshAuthentication::SUCCESS);
}

TEST_F(VaultLogin, ACodeAloneIsNoProof) {
  h.add_user_with_factors("otto", "", kSecret, {"keyboard-interactive"});
  const ChannelId channel = h.connect_and_exchange();
  EXPECT_THAT(prompts(channel, "otto"), ElementsAre("Password: ", "Verification code: "));
  for (const std::string password : {"", "x"}) {
    EXPECT_EQ(respond(channel, "otto", {password, code()}).outcome(), SshAuthentication::FAILURE);
  }
}

// Of names without an account some are asked for a code and some are not, always the same ones.
TEST_F(VaultLogin, PromptsDoNotTellWhoHasAnAccount) {
  h.add_user_with_factors("paul", kPassword, "");
  EXPECT_THAT(prompts(h.connect_and_exchange(), "paul"), ElementsAre("Password: "));
  std::set<std::size_t> seen;
  for (int i = 0; i < 24; ++i) {
    const std::string name = "nobody" + std::to_string(i);
    const ChannelId channel = h.connect_and_exchange();
    const auto first = prompts(channel, name);
    EXPECT_EQ(first, prompts(channel, name));
    seen.insert(first.size());
  }
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST_F(VaultLogin, KeyboardInteractiveIsThePasswordForWhoHasOnlyThat) {
  h.add_user_with_factors("paul", kPassword, "");
  EXPECT_EQ(respond(h.connect_and_exchange(), "paul", {kPassword}).outcome(),
            SshAuthentication::SUCCESS);
}

TEST_F(VaultLogin, EnrolledBetweenPromptAndResponse) {
  h.add_user_with_factors("paul", kPassword, "");
  const ChannelId channel = h.connect_and_exchange();
  EXPECT_THAT(prompts(channel, "paul"), ElementsAre("Password: "));
  admin::Request change;
  change.mutable_change_user()->set_name("paul");
  change.mutable_change_user()->set_set_totp(true);
  change.mutable_change_user()->set_totp_secret(std::string(kSecret));
  ASSERT_EQ(h.administer(change).back().code(), 0u);
  EXPECT_EQ(ask(channel, VaultHarness::response_request("paul", {kPassword})).outcome(),
            SshAuthentication::FAILURE);
}

TEST_F(VaultLogin, TheSecretIsNotOnTheDiskInTheClear) {
  h.add_user_with_factors("otto", kPassword, kSecret);
  std::string everything;
  for (const journal::Entry& entry : h.journal_entries())
    everything += entry.SerializeAsString();
  EXPECT_EQ(everything.find(kSecret), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::vault
