// What backup and restore need of the vault: nothing is removed while it is copied, and what was
// restored starts contained.
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

struct Backups : ::testing::Test {
  VaultHarness h;

  admin::Reply ask(admin::Request request) { return h.administer(std::move(request)).back(); }
  admin::Reply hold(bool again = false) {
    admin::Request request;
    request.mutable_hold_contents()->set_again(again);
    return ask(request);
  }
  std::size_t blobs() { return h.blobs().list().value().size(); }
  // An upload that is given up: its blob goes when that is durable.
  void give_an_upload_up(ChannelId channel) {
    channel::Request open;
    *open.mutable_open_file()->mutable_path() = VaultHarness::path({"home", "anna", "half"});
    open.mutable_open_file()->set_write(true);
    open.mutable_open_file()->set_create(true);
    open.mutable_open_file()->set_truncate(true);
    const auto opened = h.ask(channel, open);
    ASSERT_TRUE(opened && opened->reply.code() == 0);
    channel::Request close;
    close.mutable_close_handle()->set_handle(opened->reply.opened_file().handle());
    ASSERT_TRUE(h.ask(channel, close));
    h.pump();
  }
};

TEST_F(Backups, NothingIsRemovedWhileContentsAreHeld) {
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  give_an_upload_up(channel);
  const std::size_t before = blobs();
  hold();
  give_an_upload_up(channel);
  EXPECT_EQ(blobs(), before + 1) << "it was removed under the copying";
  // Nobody asks again: after some minutes removal goes on, for a command that died.
  h.clock.advance_ms(4 * 60'000);
  hold(true);
  h.clock.advance_ms(4 * 60'000);
  give_an_upload_up(channel);
  EXPECT_EQ(blobs(), before + 2);
  h.clock.advance_ms(10 * 60'000);
  give_an_upload_up(channel);
  EXPECT_EQ(blobs(), before + 2) << "held for ever";
}

TEST_F(Backups, TheCheckpointCoversWhatWasAcknowledged) {
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  ASSERT_EQ(h.upload(channel, {"home", "anna", "f"}, Bytes(10, Byte{7})), "");
  const std::uint64_t entries = h.journal().durable_size();
  EXPECT_GE(hold().signed_checkpoint().entries(), entries);
}

TEST_F(Backups, TheLastOneIsInTheStatusAndSurvivesARestart) {
  admin::Request status;
  status.mutable_get_status();
  EXPECT_EQ(ask(status).status().backed_up_us(), 0);
  admin::Request finish;
  finish.mutable_finish_backup()->set_entries(3);
  ASSERT_EQ(ask(finish).code(), 0u);
  const UnixMicros at = h.clock.now();
  h.restart();
  EXPECT_EQ(ask(status).status().backed_up_us(), at);
  EXPECT_EQ(h.count(journal::Entry::kBackupMade), 1u);
  h.clock.advance_ms(49LL * 3600 * 1000);
  std::string warnings;
  const admin::Reply later = ask(status);
  for (const auto& each : later.status().warning())
    warnings += each;
  EXPECT_NE(warnings.find("the last backup is 49 hours old"), std::string::npos) << warnings;
}

TEST_F(Backups, WhatWasRestoredIsContainedUntilItIsLifted) {
  const auto anna = h.add_user("anna");
  ASSERT_EQ(h.upload(h.log_in("anna", anna), {"home", "anna", "f"}, Bytes(10, Byte{7})), "");
  ASSERT_TRUE(h.vault().start(0, 5));
  EXPECT_TRUE(h.vault().containment().deployment);
  EXPECT_FALSE(h.vault().containment().keep_receiving);
  h.pump();
  h.restart();
  EXPECT_TRUE(h.vault().containment().deployment) << "a restart lifted it";
  const ChannelId channel = h.connect_and_exchange();
  const auto answer = h.ask(channel, h.authenticate_request("anna", anna, h.session_id(channel)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reply.ssh_authentication().outcome(), channel::SshAuthentication::FAILURE);
  EXPECT_EQ(h.count(journal::Entry::kDeploymentRestored), 1u);
}

}  // namespace
}  // namespace bulkhead::vault
