// Other keys in the place of those there are: what was stored opens before, during and after, over
// every interruption; and after an organisation's keys were destroyed its files open no more.
#include <fstream>

#include "crypto/sealed_box.h"
#include "keeper/root_key_file.h"
#include "processes/vault/system_key.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

const Bytes kSmall(1000, Byte{7});
const Bytes kLarge(300'000, Byte{9});

struct KeyRotation : ::testing::Test {
  VaultHarness h;
  const std::string root_key = h.folder + "/root.key";
  crypto::Ed25519KeyPair anna = h.add_user("anna");

  admin::Reply ask(const admin::Request& request) { return h.administer(request).back(); }
  admin::RootKey describe() {
    admin::Request request;
    request.mutable_describe_root_key();
    return ask(request).root_key();
  }
  // The file of the next one, as bulkhead-keeper --begin-change leaves it; its box.
  std::string make_next() {
    const crypto::AeadKey next = keeper::fresh_key(crypto::system_random());
    const auto text =
        keeper::RootKeyFile::write(next, keeper::Seal::kFile, {}, crypto::system_random());
    EXPECT_TRUE(keeper::create_root_key_file(keeper::next_root_key_path(root_key), text.value()));
    crypto::SealedBoxPublicKey box_key{};
    const admin::RootKey now = describe();
    std::ranges::copy(as_bytes(now.box_key()), box_key.begin());
    return to_string(ByteView(crypto::seal_to(box_key, next.view())));
  }
  admin::Reply wrap(const std::string& box, const std::string& destroy = "") {
    admin::Request request;
    request.mutable_rotate_root_key()->set_root_key_box(box);
    request.mutable_rotate_root_key()->set_destroy_organisation(destroy);
    return ask(request);
  }
  bool finish() {
    const auto taken = keeper::finish_root_key_change(root_key, as_bytes(describe().id()));
    EXPECT_TRUE(taken) << taken.error().message;
    return taken.value();
  }
  admin::Reply rotate(const std::string& organisation = "main") {
    admin::Request request;
    request.mutable_rotate_organisation_keys()->set_organisation(organisation);
    return ask(request);
  }
  std::size_t keys() { return h.catalogue().organisation_keys()->size(); }
  void upload_two() {
    const ChannelId channel = h.log_in("anna", anna);
    ASSERT_EQ(h.upload(channel, {"home", "anna", "small"}, kSmall), "");
    ASSERT_EQ(h.upload(channel, {"home", "anna", "large"}, kLarge), "");
  }
  void expect_both(const std::string& when) {
    const ChannelId channel = h.log_in("anna", anna);
    const auto small = h.download(channel, {"home", "anna", "small"});
    const auto large = h.download(channel, {"home", "anna", "large"});
    EXPECT_TRUE(small && *small == kSmall) << when;
    EXPECT_TRUE(large && *large == kLarge) << when;
    EXPECT_EQ(h.upload(channel, {"home", "anna", "another"}, kSmall), "") << when;
  }
  std::string copy_of_root_key() {
    std::ifstream file(root_key);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(KeyRotation, FileKeysGoUnderTheOrganisationsNewKeyAndContentsStay) {
  upload_two();
  const ChannelId open_meanwhile = h.log_in("anna", anna);
  const auto blobs = h.blobs().list().value();
  const admin::Reply reply = rotate();
  ASSERT_EQ(reply.code(), 0u) << reply.message();
  EXPECT_EQ(reply.rotated_keys().organisation_keys(), 1u);
  EXPECT_EQ(reply.rotated_keys().file_keys(), 2u);
  EXPECT_EQ(keys(), 2u);
  expect_both("before a tick");
  h.vault().tick();
  EXPECT_EQ(h.catalogue().file_keys_under_older({1}).value(), 0u);
  EXPECT_EQ(h.count(journal::Entry::kFileKeysRewrapped), 1u);
  h.vault().tick();
  h.pump();
  EXPECT_EQ(keys(), 1u) << "the older key is not retired";
  expect_both("after it");
  EXPECT_TRUE(h.download(open_meanwhile, {"home", "anna", "large"}));
  for (const auto& blob : blobs) {
    const auto now = h.blobs().list().value();
    EXPECT_TRUE(std::ranges::find(now, blob) != now.end()) << "contents were written anew";
  }
  h.restart();
  expect_both("after a restart");
  ASSERT_EQ(rotate().code(), 0u);
  h.restart();
  h.vault().tick();
  h.vault().tick();
  h.pump();
  EXPECT_EQ(keys(), 1u) << "a rotation does not go on after a restart";
  expect_both("after another one");
}

TEST_F(KeyRotation, AFileKeyThatDoesNotOpenKeepsTheOlderKeyAndNothingIsLost) {
  upload_two();
  ASSERT_EQ(rotate().code(), 0u);
  h.keeper().forget_organisation_key({OrganisationId{1}, 1});
  h.vault().tick();
  h.vault().tick();
  h.pump();
  EXPECT_EQ(keys(), 2u);
  EXPECT_EQ(h.count(journal::Entry::kOrganisationKeyRetired), 0u);
  h.restart();
  expect_both("once it opens again");
}

TEST_F(KeyRotation, TheRootKeyChangesUnderAServerThatWorks) {
  upload_two();
  const std::string before = copy_of_root_key();
  const ChannelId open_meanwhile = h.log_in("anna", anna);
  ASSERT_EQ(wrap(make_next()).code(), 0u);
  EXPECT_TRUE(finish());
  EXPECT_NE(copy_of_root_key(), before);
  EXPECT_FALSE(std::filesystem::exists(keeper::next_root_key_path(root_key)));
  EXPECT_TRUE(h.download(open_meanwhile, {"home", "anna", "large"}));
  expect_both("at once");
  h.restart();
  expect_both("after a restart");
  // And twice more, over an organisation that came between.
  admin::Request add;
  add.mutable_add_organisation()->set_name("other");
  ASSERT_EQ(ask(add).code(), 0u);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(wrap(make_next()).code(), 0u);
    EXPECT_TRUE(finish());
  }
  EXPECT_EQ(keys(), 2u);
  h.restart();
  expect_both("after three");
  EXPECT_EQ(h.count(journal::Entry::kRootKeyRotated), 3u);
}

TEST_F(KeyRotation, TheOlderRootKeyOpensNothingAnyMore) {
  upload_two();
  keeper::LocalKeeper older(keeper::RootKeyFile::read(root_key)->open({}).value(),
                            crypto::system_random());
  ASSERT_EQ(wrap(make_next()).code(), 0u);
  ASSERT_TRUE(finish());
  // The deployment's own secrets have not changed, so their first wrapping opens still; that it is
  // not the root key of the journal's end is found out.
  const std::string hint = h.folder + "/hint";
  ASSERT_TRUE(processes::open_system_key(h.journal(), older, hint));
  const Status settled = processes::settle_system_key(h.journal(), older, h.catalogue(), hint);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code, ErrorCode::kCorrupt);
  const auto keys = h.catalogue().organisation_keys().value();
  for (const OrganisationKeyRow& key : keys)
    EXPECT_FALSE(older.load_organisation_key(key.which, key.wrapped_key));
}

// Each step, and what a start finds when everything died behind it.
TEST_F(KeyRotation, AnInterruptedChangeOfTheRootKeyEndsOneWayOrTheOther) {
  upload_two();
  make_next();
  h.restart();
  expect_both("only the next file was made");
  EXPECT_FALSE(finish()) << "a root key that wraps nothing was taken";
  h.restart();
  expect_both("it was thrown away");

  ASSERT_EQ(wrap(make_next()).code(), 0u);
  h.restart();
  expect_both("journalled, the files not changed");
  EXPECT_TRUE(finish()) << "the root key that wraps everything was thrown away";
  h.restart();
  expect_both("the files were changed");
  EXPECT_FALSE(finish());
}

TEST_F(KeyRotation, ARefusedChangeChangesNothing) {
  upload_two();
  make_next();
  EXPECT_NE(wrap("no box").code(), 0u);
  EXPECT_FALSE(finish());
  EXPECT_EQ(h.count(journal::Entry::kRootKeyRotated), 0u);
  EXPECT_NE(rotate("nobody").code(), 0u);
  expect_both("afterwards");
}

TEST_F(KeyRotation, TheJournalIsLookedThroughWhereTheHintIsGoneOrWrong) {
  upload_two();
  ASSERT_EQ(wrap(make_next()).code(), 0u);
  ASSERT_TRUE(finish());
  h.restart();
  const std::string hint = h.folder + "/deployment/system-key-entry";
  ASSERT_TRUE(std::filesystem::exists(hint));
  std::filesystem::remove(hint);
  h.restart();
  expect_both("no hint");
  for (const char* wrong : {"1\n", "99999999\n", "nonsense", "-1\n", ""}) {
    std::ofstream(hint) << wrong;
    h.restart();
    expect_both(std::string("hint ") + wrong);
  }
}

struct Shredding : KeyRotation {
  Shredding() {
    admin::Request add;
    add.mutable_add_organisation()->set_name("gone");
    EXPECT_EQ(ask(add).code(), 0u);
    berta = h.add_user("berta", "gone");
    const ChannelId channel = h.log_in("berta", berta);
    EXPECT_EQ(h.upload(channel, {"home", "berta", "f"}, kLarge), "");
    EXPECT_EQ(h.upload(channel, {"home", "berta", "small"}, kSmall), "");
  }
  crypto::Ed25519KeyPair berta;
};

TEST_F(Shredding, NoKeyOpensTheOrganisationsFilesAndOthersGoOn) {
  upload_two();
  const ChannelId hers = h.log_in("berta", berta);
  const ChannelId annas = h.log_in("anna", anna);
  const auto reply = wrap(make_next(), "gone");
  ASSERT_EQ(reply.code(), 0u) << reply.message();
  EXPECT_EQ(reply.rotated_keys().files_destroyed(), 2u);
  EXPECT_EQ(reply.rotated_keys().users_disabled(), 1u);
  EXPECT_TRUE(std::ranges::find(h.killed, hers) != h.killed.end());
  EXPECT_TRUE(std::ranges::find(h.killed, annas) == h.killed.end());
  ASSERT_TRUE(finish());
  expect_both("the other organisation's");
  EXPECT_EQ(wrap(make_next(), "gone").code(), 1u + static_cast<unsigned>(ErrorCode::kConflict));
  finish();
  h.restart();
  expect_both("the other organisation's, after a restart");
  // Whatever wrapped key there ever was, in journal or catalogue: none opens with what there is.
  auto root = keeper::RootKeyFile::read(root_key)->open({}).value();
  keeper::LocalKeeper keeper(std::move(root), crypto::system_random());
  int tried = 0;
  for (const journal::Entry& entry : h.journal_entries()) {
    if (!entry.has_organisation_added() || entry.organisation_added().organisation() != 2) continue;
    ++tried;
    EXPECT_FALSE(keeper.load_organisation_key({OrganisationId{2}, 1},
                                              as_bytes(entry.organisation_added().wrapped_key())));
  }
  EXPECT_EQ(tried, 1);
  const auto left = h.catalogue().organisation_keys().value();
  for (const OrganisationKeyRow& key : left)
    EXPECT_EQ(key.which.organisation.value, 1u);
}

TEST_F(Shredding, WhoStillHasRightsThereGetsAnErrorAndAnInterruptionChangesNothingOfIt) {
  admin::Request grant;
  grant.mutable_set_rights()->set_path("/home/berta");
  auto* member = grant.mutable_set_rights()->add_member();
  member->set_user("anna");
  member->set_rights("read,write,list");
  ASSERT_EQ(ask(grant).code(), 0u);
  const ChannelId before = h.log_in("anna", anna);
  ASSERT_TRUE(h.download(before, {"home", "berta", "f"}));
  ASSERT_EQ(wrap(make_next(), "gone").code(), 0u);
  EXPECT_TRUE(std::ranges::find(h.killed, before) != h.killed.end())
      << "a process that was granted its keys lives";
  h.restart();  // before the files were changed
  EXPECT_TRUE(finish());
  const ChannelId channel = h.log_in("anna", anna);
  EXPECT_FALSE(h.download(channel, {"home", "berta", "f"}));
  EXPECT_FALSE(h.download(channel, {"home", "berta", "small"}));
  EXPECT_NE(h.upload(channel, {"home", "berta", "new"}, kSmall).find("destroyed"),
            std::string::npos);
  EXPECT_NE(rotate("gone").code(), 0u);
}

}  // namespace
}  // namespace bulkhead::vault
