// Properties 2 and 4: log before release, budgets, containment.
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

Bytes contents(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<Byte>(i * 31 + (i >> 12));
  return bytes;
}

channel::Request open_request(const std::vector<std::string>& path) {
  channel::Request request;
  *request.mutable_open_file()->mutable_path() = VaultHarness::path(path);
  request.mutable_open_file()->set_read(true);
  return request;
}

channel::Request grant_request(std::uint64_t handle, std::uint32_t first = 0) {
  channel::Request request;
  request.mutable_grant_extents()->set_handle(handle);
  request.mutable_grant_extents()->set_first(first);
  request.mutable_grant_extents()->set_count(1);
  return request;
}

TEST(Release, TheEntryIsDurableBeforeTheKeyLeaves) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  for (const std::size_t size : {std::size_t{10}, std::size_t{300'000}}) {
    ASSERT_EQ(h.upload(channel, {"home", "anna", "f"}, contents(size)), "");
    const auto opened = h.ask(channel, open_request({"home", "anna", "f"}));
    ASSERT_TRUE(opened && opened->reply.code() == 0);
    EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), size == 10 ? 0u : 1u)
        << "opening alone releases nothing";
    const auto granted = h.ask(channel, grant_request(opened->reply.opened_file().handle()));
    ASSERT_TRUE(granted);
    ASSERT_EQ(granted->reply.granted_extents().key_size(), 1);
    std::uint64_t index = 0;
    const auto entries = h.journal_entries();
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
      if (entries[i].has_extents_released()) index = i;
    }
    EXPECT_GT(index, 0u);
    EXPECT_GT(granted->durable_entries, index) << "the key left before its entry was on disk";
    EXPECT_EQ(entries[index].extents_released().bytes(), size);
  }
}

TEST(Release, ChargedOncePerSessionVersionAndExtent) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  ASSERT_EQ(h.upload(channel, {"home", "anna", "f"}, contents(200'000)), "");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(h.download(channel, {"home", "anna", "f"}), contents(200'000));
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 1u);
  const ChannelId again = h.log_in("anna", anna);
  EXPECT_EQ(h.download(again, {"home", "anna", "f"}), contents(200'000));
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 2u);
}

TEST(Release, BudgetHoldsOverSessionsAndRestarts) {
  VaultHarness h;
  h.configuration.budget.bytes_per_day = 250'000;
  const auto anna = h.add_user("anna");
  ChannelId channel = h.log_in("anna", anna);
  for (const std::string name : {"a", "b", "c"}) {
    ASSERT_EQ(h.upload(channel, {"home", "anna", name}, contents(100'000)), "");
  }
  EXPECT_TRUE(h.download(channel, {"home", "anna", "a"}));
  h.restart();
  channel = h.log_in("anna", anna);
  EXPECT_TRUE(h.download(channel, {"home", "anna", "b"}));
  const auto third = h.download(channel, {"home", "anna", "c"});
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().message.find("budget"), std::string::npos);
  EXPECT_EQ(h.count(journal::Entry::kRequestRefused), 1u);
  h.clock.advance_ms(25LL * 3600 * 1000);
  EXPECT_TRUE(h.download(channel, {"home", "anna", "c"}));
}

TEST(Release, NamesHaveABudgetAndAreJournalledBeforeTheyLeave) {
  VaultHarness h;
  h.configuration.budget.names_per_day = 4;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  for (const std::string name : {"a", "b", "c"}) {
    ASSERT_EQ(h.upload(channel, {"home", "anna", name}, as_bytes("x")), "");
  }
  const auto list = [&] {
    channel::Request open;
    *open.mutable_open_directory()->mutable_path() = VaultHarness::path({"home", "anna"});
    const auto handle = h.ask(channel, open)->reply.opened_directory().handle();
    channel::Request read;
    read.mutable_read_directory()->set_handle(handle);
    return h.ask(channel, read);
  };
  const auto first = list();
  ASSERT_EQ(first->reply.code(), 0u);
  EXPECT_EQ(first->reply.directory_entries().entry_size(), 3);
  EXPECT_EQ(h.count(journal::Entry::kListingReleased), 1u);
  EXPECT_EQ(first->durable_entries, h.journal().size());
  EXPECT_NE(list()->reply.code(), 0u);
}

TEST(Release, OnlyWithTheRight) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  const ChannelId annas = h.log_in("anna", anna);
  ASSERT_EQ(h.upload(annas, {"home", "anna", "f"}, as_bytes("x")), "");
  const ChannelId berts = h.log_in("bert", bert);
  // What one may not see does not exist.
  const auto other = h.download(berts, {"home", "anna", "f"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kNotFound);
  admin::Request grant;
  grant.mutable_set_rights()->set_path("/home/anna");
  grant.mutable_set_rights()->add_member()->set_user("bert");
  grant.mutable_set_rights()->mutable_member(0)->set_rights("list");
  ASSERT_EQ(h.administer(grant).back().code(), 0u);
  EXPECT_EQ(h.download(berts, {"home", "anna", "f"}).error().code, ErrorCode::kPermissionDenied);
  grant.mutable_set_rights()->mutable_member(0)->set_rights("read,list");
  ASSERT_EQ(h.administer(grant).back().code(), 0u);
  EXPECT_EQ(h.download(berts, {"home", "anna", "f"}), to_bytes(as_bytes("x")));
  EXPECT_NE(h.upload(berts, {"home", "anna", "g"}, as_bytes("y")), "");
}

TEST(Containment, RefusesForgetsKillsAndSurvivesARestart) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  ASSERT_EQ(h.upload(channel, {"home", "anna", "f"}, contents(100'000)), "");
  const auto opened = h.ask(channel, open_request({"home", "anna", "f"}));
  admin::Request contain;
  contain.mutable_contain();
  const auto replies = h.administer(contain);
  ASSERT_EQ(replies.back().code(), 0u);
  EXPECT_EQ(replies.back().contain_result().channels_ended(), 1u);
  ASSERT_EQ(replies.back().contain_result().credential_size(), 1);
  EXPECT_EQ(replies.back().contain_result().credential(0), "anna");
  EXPECT_TRUE(h.keeper().is_sealed());
  EXPECT_EQ(h.killed, std::vector<ChannelId>{channel});
  EXPECT_EQ(h.accepting, false);
  EXPECT_FALSE(h.ask(channel, grant_request(opened->reply.opened_file().handle())));
  const auto log_in_fails = [&] {
    const ChannelId next = h.connect_and_exchange();
    const auto answer = h.ask(next, h.authenticate_request("anna", anna, h.session_id(next)));
    return !answer ||
           answer->reply.ssh_authentication().outcome() != channel::SshAuthentication::SUCCESS;
  };
  EXPECT_TRUE(log_in_fails());
  h.restart();
  EXPECT_TRUE(h.keeper().is_sealed()) << "a restart must not unseal";
  EXPECT_TRUE(log_in_fails());
}

TEST(Containment, KeepReceivingTakesUploadsAndReleasesNothing) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  ASSERT_EQ(h.upload(h.log_in("anna", anna), {"home", "anna", "f"}, contents(100'000)), "");
  admin::Request contain;
  contain.mutable_contain()->set_keep_receiving(true);
  ASSERT_EQ(h.administer(contain).back().code(), 0u);
  const ChannelId channel = h.log_in("anna", anna);
  EXPECT_EQ(h.upload(channel, {"home", "anna", "g"}, contents(100'000)), "");
  const auto read = h.download(channel, {"home", "anna", "f"});
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("incident"), std::string::npos);
}

TEST(Containment, OfOneUserLeavesTheOthersAlone) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  const ChannelId annas = h.log_in("anna", anna);
  const ChannelId berts = h.log_in("bert", bert);
  admin::Request contain;
  contain.mutable_contain()->set_user("anna");
  ASSERT_EQ(h.administer(contain).back().code(), 0u);
  EXPECT_TRUE(h.ended(annas));
  EXPECT_FALSE(h.ended(berts));
  EXPECT_EQ(h.upload(berts, {"home", "bert", "f"}, as_bytes("x")), "");
  admin::Request lift;
  lift.mutable_lift()->set_user("anna");
  ASSERT_EQ(h.administer(lift).back().code(), 0u);
  EXPECT_EQ(h.upload(h.log_in("anna", anna), {"home", "anna", "f"}, as_bytes("x")), "");
}

// A password that a session's process saw can be used again, a signature cannot.
TEST(Containment, PasswordsThatWereSeenWorkNoLongerAndKeysDo) {
  VaultHarness h;
  const std::string password = "a dozen bytes or more";
  const auto anna = h.add_user("anna");
  h.add_user_with_factors("otto", password, "");
  h.add_user_with_factors("paul", password, "");
  const auto outcome = [&](const std::string& user) {
    const auto answer =
        h.ask(h.connect_and_exchange(), VaultHarness::password_request(user, password));
    return answer ? answer->reply.ssh_authentication().outcome()
                  : channel::SshAuthentication::FAILURE;
  };
  h.log_in("anna", anna);
  ASSERT_EQ(outcome("otto"), channel::SshAuthentication::SUCCESS);
  admin::Request contain;
  contain.mutable_contain()->set_listener("sftp");
  const auto result = h.administer(contain).back().contain_result();
  EXPECT_EQ(result.credential_size(), 2);
  ASSERT_EQ(result.password_size(), 1);
  EXPECT_EQ(result.password(0), "otto");
  admin::Request lift;
  lift.mutable_lift()->set_listener("sftp");
  ASSERT_EQ(h.administer(lift).back().code(), 0u);
  h.restart();
  EXPECT_EQ(outcome("otto"), channel::SshAuthentication::FAILURE);
  EXPECT_EQ(outcome("paul"), channel::SshAuthentication::SUCCESS) << "not seen there";
  EXPECT_FALSE(h.ended(h.log_in("anna", anna)));
  admin::Request again;
  again.mutable_change_user()->set_name("otto");
  again.mutable_change_user()->set_set_password(true);
  again.mutable_change_user()->set_password(password);
  ASSERT_EQ(h.administer(again).back().code(), 0u);
  EXPECT_EQ(outcome("otto"), channel::SshAuthentication::SUCCESS);
}

}  // namespace
}  // namespace bulkhead::vault
