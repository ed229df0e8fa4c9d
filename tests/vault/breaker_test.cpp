// Property 4: budgets of each principal, canaries, tripwires, breakers; over a real vault.
#include <gmock/gmock.h>

#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kHourMs = 3600LL * 1000;

struct Breakers : ::testing::Test {
  VaultHarness h;

  // Uploads files f0, f1, … of `size` bytes to the user's home.
  ChannelId upload_files(const std::string& user, const crypto::Ed25519KeyPair& key, int count,
                         std::size_t size = 1000) {
    const ChannelId channel = h.log_in(user, key);
    for (int i = 0; i < count; ++i)
      EXPECT_EQ(h.upload(channel, file(user, i), Bytes(size, Byte{7})), "");
    return channel;
  }
  static std::vector<std::string> file(const std::string& user, int number) {
    return {"home", user, "f" + std::to_string(number)};
  }
  std::string read(ChannelId channel, const std::vector<std::string>& path) {
    const auto got = h.download(channel, path);
    return got ? "" : got.error().message;
  }
  std::vector<journal::Entry> entries(journal::Entry::EventCase event) {
    auto all = h.journal_entries();
    std::erase_if(all, [&](const journal::Entry& e) { return e.event_case() != event; });
    return all;
  }
  admin::IncidentState incident_state() {
    admin::Request request;
    request.mutable_incident_status();
    return h.administer(request).back().incident_state();
  }
  std::string warnings() {
    admin::Request request;
    request.mutable_get_status();
    std::string all;
    const auto replies = h.administer(request);
    for (const std::string& each : replies.back().status().warning())
      all += each + "\n";
    return all;
  }
  void set_canary(const std::string& path) {
    admin::Request request;
    request.mutable_set_canary()->set_path(path);
    request.mutable_set_canary()->set_set(true);
    ASSERT_EQ(h.administer(request).back().code(), 0u);
  }
  void lift(const std::string& user) {
    admin::Request request;
    request.mutable_lift()->set_user(user);
    ASSERT_EQ(h.administer(request).back().code(), 0u);
  }
};

TEST_F(Breakers, TheNarrowestBudgetRefusesAndOthersAreNotTold) {
  struct Case {
    BudgetSettings* budget;
    journal::Scope scope;
  };
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  ChannelId annas = upload_files("anna", anna, 4);
  ChannelId berts = upload_files("bert", bert, 4);
  int next = 0;
  for (const Case& each : {Case{&h.configuration.organisation_budget, journal::ONE_ORGANISATION},
                           Case{&h.configuration.listener_budget, journal::ONE_LISTENER},
                           Case{&h.configuration.deployment_budget, journal::DEPLOYMENT}}) {
    h.clock.advance_ms(48 * kHourMs);
    annas = h.log_in("anna", anna);
    berts = h.log_in("bert", bert);
    const auto before = each.budget->files_per_day;
    each.budget->files_per_day = 1;
    h.restart();  // settings are read at the start
    annas = h.log_in("anna", anna);
    berts = h.log_in("bert", bert);
    EXPECT_EQ(read(annas, file("anna", next)), "");
    const std::string refused = read(berts, file("bert", next++));
    EXPECT_EQ(refused, "nothing more can be read at the moment: ask the administrator");
    const auto journalled = entries(journal::Entry::kReleaseRefused);
    ASSERT_FALSE(journalled.empty());
    EXPECT_EQ(journalled.back().release_refused().scope(), each.scope);
    EXPECT_EQ(journalled.back().release_refused().measure(), 1u);
    EXPECT_EQ(journalled.back().release_refused().limit(), 1u);
    EXPECT_THAT(warnings(), HasSubstr("refused 1 request in 24 hours"));
    each.budget->files_per_day = before;
  }
}

TEST_F(Breakers, ManyChannelsAtOnceDoNotOutrunABudget) {
  h.configuration.budget.files_per_day = 10;
  h.restart();
  const auto anna = h.add_user("anna");
  upload_files("anna", anna, 40);
  // Forty sessions, each with a file open, ask in the same moment: nothing is durable in between.
  std::vector<std::pair<ChannelId, std::uint64_t>> open;
  for (int i = 0; i < 40; ++i) {
    const ChannelId channel = h.log_in("anna", anna);
    channel::Request request;
    *request.mutable_open_file()->mutable_path() = VaultHarness::path(file("anna", i));
    request.mutable_open_file()->set_read(true);
    const auto opened = h.ask(channel, request);
    ASSERT_TRUE(opened);
    open.emplace_back(channel, opened->reply.opened_file().handle());
  }
  for (const auto& [channel, handle] : open) {
    channel::Request request;
    request.set_id(1'000'000);
    request.mutable_grant_extents()->set_handle(handle);
    request.mutable_grant_extents()->set_count(1);
    h.vault().request(channel, channel::encode(request).value());
  }
  h.pump();
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 10u);
}

TEST_F(Breakers, ARebuiltCatalogueCountsTheSame) {
  h.configuration.budget.files_per_day = 2;
  h.restart();
  const auto anna = h.add_user("anna");
  ChannelId channel = upload_files("anna", anna, 3);
  EXPECT_EQ(read(channel, file("anna", 0)), "");
  EXPECT_EQ(read(channel, file("anna", 1)), "");
  ASSERT_TRUE(h.catalogue().clear());
  h.restart();
  channel = h.log_in("anna", anna);
  EXPECT_THAT(read(channel, file("anna", 2)), HasSubstr("budget of files for 24 hours"));
}

TEST_F(Breakers, ANewAccountMayReadLittleAndOneWithANumberOfItsOwnMore) {
  h.configuration.learned.files_per_day = 2;
  h.configuration.user_budgets["bert"] = BudgetSettings{.fixed_files = true};
  h.restart();
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  const ChannelId annas = upload_files("anna", anna, 3);
  const ChannelId berts = upload_files("bert", bert, 3);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(read(annas, file("anna", i)), "");
  EXPECT_THAT(read(annas, file("anna", 2)), HasSubstr("budget"));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(read(berts, file("bert", i)), "");
}

TEST_F(Breakers, ASessionThenTheAccountIsStoppedWhenItKeepsAsking) {
  h.configuration.budget.files_per_day = 1;
  h.configuration.breaker.refusals_of_session = 2;
  h.configuration.breaker.refusals_of_user = 4;
  h.restart();
  const auto anna = h.add_user("anna");
  ChannelId channel = upload_files("anna", anna, 6);
  EXPECT_EQ(read(channel, file("anna", 0)), "");
  EXPECT_THAT(read(channel, file("anna", 1)), HasSubstr("budget of files"));
  EXPECT_THAT(read(channel, file("anna", 2)), HasSubstr("budget of files"));
  EXPECT_THAT(read(channel, file("anna", 3)), HasSubstr("stopped")) << "this session";
  EXPECT_EQ(entries(journal::Entry::kBreakerTripped).back().breaker_tripped().scope(),
            journal::ONE_SESSION);
  channel = h.log_in("anna", anna);
  EXPECT_THAT(read(channel, file("anna", 3)), HasSubstr("budget of files"));
  EXPECT_THAT(read(channel, file("anna", 4)), HasSubstr("stopped"));
  EXPECT_EQ(entries(journal::Entry::kBreakerTripped).back().breaker_tripped().scope(),
            journal::ONE_USER);
  EXPECT_THAT(warnings(), HasSubstr("nothing is released to user anna"));
  EXPECT_EQ(h.upload(channel, file("anna", 9), as_bytes("x")), "") << "uploads go on";
  // It holds over a restart, and for budgets it half-opens after a day: one more is too many.
  h.restart();
  channel = h.log_in("anna", anna);
  EXPECT_THAT(read(channel, file("anna", 5)), HasSubstr("stopped"));
  h.clock.advance_ms(26 * kHourMs);
  EXPECT_EQ(read(channel, file("anna", 5)), "");
  ASSERT_EQ(incident_state().breaker_size(), 1);
  EXPECT_EQ(incident_state().breaker(0).state(), "half-open");
  EXPECT_THAT(read(channel, file("anna", 4)), HasSubstr("stopped"));
  EXPECT_EQ(incident_state().breaker(0).state(), "open");
}

TEST_F(Breakers, ACanaryStopsTheAccountBeforeAKeyLeavesUntilAnOfficerLifts) {
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  ChannelId annas = upload_files("anna", anna, 2);
  const ChannelId berts = upload_files("bert", bert, 1);
  set_canary("/home/anna/f1");
  EXPECT_EQ(read(annas, file("anna", 0)), "");
  const auto released = h.count(journal::Entry::kExtentsReleased);
  const auto answer = h.download(annas, file("anna", 1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), released) << "not a byte of the canary";
  h.pump();
  EXPECT_TRUE(h.ended(annas)) << "what was granted before shall not be used up";
  EXPECT_FALSE(h.ended(berts));
  EXPECT_EQ(read(berts, file("bert", 0)), "");
  EXPECT_EQ(entries(journal::Entry::kBreakerTripped).back().breaker_tripped().cause(),
            journal::CANARY);
  h.restart();
  h.clock.advance_ms(24 * 365 * kHourMs);
  annas = h.log_in("anna", anna);
  EXPECT_THAT(read(annas, file("anna", 0)), HasSubstr("stopped"));
  EXPECT_EQ(incident_state().breaker(0).cause(), "a canary file was asked for");
  lift("anna");
  EXPECT_EQ(read(annas, file("anna", 0)), "");
  EXPECT_EQ(incident_state().breaker(0).state(), "half-open");
}

TEST_F(Breakers, SeveralAccountsStoppedStopTheirOrganisationAndNoOther) {
  h.configuration.breaker.users_of_organisation = 2;
  h.restart();
  admin::Request add;
  add.mutable_add_organisation()->set_name("acme");
  ASSERT_EQ(h.administer(add).back().code(), 0u);
  for (const std::string name : {"a1", "a2", "a3"}) {
    const auto key = h.add_user(name, "acme");
    const ChannelId channel = upload_files(name, key, 2);
    set_canary("/home/" + name + "/f1");
    if (name == "a3") {
      EXPECT_THAT(read(channel, file(name, 0)), HasSubstr("nothing can be read at the moment"));
    } else {
      EXPECT_EQ(read(channel, file(name, 0)), "");
      EXPECT_NE(read(channel, file(name, 1)), "");
      h.pump();
    }
  }
  const auto key = h.add_user("other", "main");
  EXPECT_EQ(read(upload_files("other", key, 1), file("other", 0)), "");
}

TEST_F(Breakers, WhatIsLiftedIsCountedAnew) {
  h.configuration.budget.files_per_day = 1;
  h.configuration.breaker.refusals_of_user = 1;
  h.restart();
  const auto anna = h.add_user("anna");
  const ChannelId channel = upload_files("anna", anna, 3);
  EXPECT_EQ(read(channel, file("anna", 0)), "");
  EXPECT_NE(read(channel, file("anna", 1)), "");
  lift("anna");
  EXPECT_EQ(read(channel, file("anna", 1)), "");
  EXPECT_THAT(read(channel, file("anna", 2)), HasSubstr("stopped")) << "half-open: once is enough";
}

}  // namespace
}  // namespace bulkhead::vault
