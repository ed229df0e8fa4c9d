// Limits on log-ins, and what the supervisor is told about those that never were.
#include <gtest/gtest.h>

#include "vault/identity/login_rates.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using channel::SshAuthentication;
using Offence = Processes::Offence;

class Limits : public testing::Test {
 protected:
  std::optional<Received> try_login(const std::string& user, const crypto::Ed25519KeyPair& key) {
    const ChannelId channel = h.connect_and_exchange();
    return h.ask(channel, h.authenticate_request(user, key, h.session_id(channel)));
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

TEST_F(Limits, ConnectionsOfOneUser) {
  h.configuration.limits.connections_per_user = 2;
  const auto anna = h.add_user("anna");
  const auto berta = h.add_user("berta");
  const ChannelId first = h.log_in("anna", anna);
  h.log_in("anna", anna);
  const auto third = try_login("anna", anna);
  ASSERT_TRUE(third);
  EXPECT_EQ(channel::error_code_from_wire(third->reply.code()), ErrorCode::kLimitExceeded);
  EXPECT_NE(last_reason().find("limits.connections_per_user"), std::string::npos);
  h.log_in("berta", berta);
  h.vault().channel_ended(first, "exit 0");
  h.log_in("anna", anna);
}

TEST_F(Limits, LoginsOfOneUserInAMinute) {
  h.configuration.limits.logins_per_minute = 3;
  const auto anna = h.add_user("anna");
  for (int i = 0; i < 3; ++i)
    h.vault().channel_ended(h.log_in("anna", anna), "exit 0");
  EXPECT_NE(try_login("anna", anna)->reply.code(), 0u);
  EXPECT_NE(last_reason().find("limits.logins_per_minute"), std::string::npos);
  h.clock.advance_ms(20'000);
  h.log_in("anna", anna);
  EXPECT_NE(try_login("anna", anna)->reply.code(), 0u);
}

TEST_F(Limits, TheSupervisorLearnsHowConnectionsEnded) {
  const auto anna = h.add_user("anna");
  const auto stranger = crypto::Ed25519KeyPair::generate(crypto::system_random());
  h.vault().channel_ended(h.connect(), "exit 0");
  ASSERT_EQ(h.offences.size(), 1u);
  EXPECT_EQ(h.offences.back(), std::pair(std::string("203.0.113.7"), Offence::kNoLogin));
  const ChannelId failed = h.connect_and_exchange();
  h.ask(failed, h.authenticate_request("anna", stranger, h.session_id(failed)));
  h.vault().channel_ended(failed, "exit 0");
  EXPECT_EQ(h.offences.back().second, Offence::kFailedLogin);
  // Who fails first and is in then has not offended.
  const ChannelId second_try = h.connect_and_exchange();
  h.ask(second_try, h.authenticate_request("anna", stranger, h.session_id(second_try)));
  h.ask(second_try, h.authenticate_request("anna", anna, h.session_id(second_try)));
  h.vault().channel_ended(second_try, "exit 0");
  EXPECT_EQ(h.offences.size(), 2u);
  // Before its log-in, and after it.
  channel::Request capacity;
  capacity.mutable_capacity();
  h.ask(h.connect(), capacity);
  EXPECT_EQ(h.offences.size(), 3u);
  EXPECT_EQ(h.offences.back().second, Offence::kCrash);
  h.vault().request(h.log_in("anna", anna), as_bytes("\xFF"));
  EXPECT_EQ(h.offences.size(), 4u);
  EXPECT_EQ(h.offences.back().second, Offence::kCrash);
}

TEST_F(Limits, ARefusedAddressIsOneEntry) {
  h.vault().address_refused("203.0.113.5", 15'000);
  EXPECT_EQ(h.count(journal::Entry::kAddressRefused), 1u);
  for (const journal::Entry& entry : h.journal_entries())
    EXPECT_EQ(entry.SerializeAsString().find("203.0.113.5"), std::string::npos);
}

// An edge that does not keep the time is ended by who does.
TEST_F(Limits, LoggingInTakesTooLong) {
  const auto anna = h.add_user("anna");
  const ChannelId slow = h.connect_and_exchange();
  const ChannelId logged_in = h.log_in("anna", anna);
  h.clock.advance_ms(h.configuration.limits.login_grace_ms + 9'000);
  h.vault().tick();
  EXPECT_FALSE(h.ended(slow));
  h.clock.advance_ms(2'000);
  h.vault().tick();
  EXPECT_TRUE(h.ended(slow));
  EXPECT_FALSE(h.ended(logged_in));
}

TEST(LoginRates, AMinutesWorthAndThenAsFastAsItFills) {
  LoginRates rates;
  const UserId user{1};
  for (int i = 0; i < 60; ++i)
    EXPECT_TRUE(rates.take(user, 60, 1'000'000));
  EXPECT_FALSE(rates.take(user, 60, 1'000'000));
  EXPECT_TRUE(rates.take(UserId{2}, 60, 1'000'000));
  EXPECT_FALSE(rates.take(user, 60, 1'000'999));
  EXPECT_TRUE(rates.take(user, 60, 1'001'000));
  EXPECT_FALSE(rates.take(user, 60, 1'001'000));
}

}  // namespace
}  // namespace bulkhead::vault
