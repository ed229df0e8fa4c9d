// Entries that do not fit, or that a newer release wrote: a precise error, and nothing of them is
// kept.
#include <gmock/gmock.h>

#include <functional>

#include "catalogue_entries.h"

namespace bulkhead::vault::test {
namespace {

using ::testing::HasSubstr;

struct Misfit {
  const char* what;
  ErrorCode code;
  const char* sentence;  // part of it
  std::function<void(journal::Entry&)> make;
};

void put_name(std::string_view name, journal::Sealed* sealed) {
  seal(name, sealed);
}

// On top of: root 1, folder 2 in it with folder 3, file 4 (version 1), upload 8, removed file 5
// (version 2), user 1, removed user 2, organisation 1.
const Misfit kMisfits[] = {
    {"no format", ErrorCode::kCorrupt, "no format number",
     [](auto& e) { e.set_format(0), e.mutable_vault_stopped(); }},
    {"a newer format", ErrorCode::kNewerFormat, "its format is one that this release does not know",
     [](auto& e) { e.set_format(2), e.mutable_vault_stopped(); }},
    {"no event", ErrorCode::kNewerFormat, "its event is one that this release does not know",
     [](auto&) {}},
    {"a channel out of range", ErrorCode::kCorrupt, "channel is out of range",
     [](auto& e) { e.set_channel(UINT64_MAX), e.mutable_vault_stopped(); }},
    {"organisation 0", ErrorCode::kCorrupt, "no organisation in it",
     [](auto& e) { put_name("new", e.mutable_organisation_added()->mutable_name()); }},
    {"an organisation again", ErrorCode::kCorrupt, "UNIQUE constraint failed: organisations.id",
     [](auto& e) {
       e.mutable_organisation_added()->set_organisation(1);
       e.mutable_organisation_added()->set_key_epoch(1);
       put_name("new", e.mutable_organisation_added()->mutable_name());
     }},
    {"an organisation's name again", ErrorCode::kCorrupt,
     "UNIQUE constraint failed: organisations.name_hash",
     [](auto& e) {
       e.mutable_organisation_added()->set_organisation(2);
       e.mutable_organisation_added()->set_key_epoch(1);
       put_name("acme", e.mutable_organisation_added()->mutable_name());
     }},
    {"an unknown organisation changed", ErrorCode::kCorrupt, "no organisation 9",
     [](auto& e) { e.mutable_organisation_changed()->set_organisation(9); }},
    {"a user's name again", ErrorCode::kCorrupt, "UNIQUE constraint failed: users.name_hash",
     [](auto& e) {
       e.mutable_user_added()->set_user(9);
       e.mutable_user_added()->set_organisation(1);
       put_name("ada", e.mutable_user_added()->mutable_name());
     }},
    {"a user without a name", ErrorCode::kCorrupt, "sealed name is not complete",
     [](auto& e) {
       e.mutable_user_added()->set_user(9), e.mutable_user_added()->set_organisation(1);
     }},
    {"a role to come", ErrorCode::kNewerFormat, "role",
     [](auto& e) {
       e.mutable_user_added()->set_user(9);
       e.mutable_user_added()->set_organisation(1);
       e.mutable_user_added()->set_role(static_cast<journal::Role>(77));
       put_name("new", e.mutable_user_added()->mutable_name());
     }},
    {"a home that is a file", ErrorCode::kCorrupt, "node 4 is not a folder",
     [](auto& e) {
       e.mutable_user_added()->set_user(9);
       e.mutable_user_added()->set_organisation(1);
       e.mutable_user_added()->set_home(4);
       put_name("new", e.mutable_user_added()->mutable_name());
     }},
    {"a removed user changed", ErrorCode::kCorrupt, "no user 2",
     [](auto& e) {
       e.mutable_user_changed()->set_user(2), e.mutable_user_changed()->set_disabled(false);
     }},
    {"a removed user removed", ErrorCode::kCorrupt, "no user 2",
     [](auto& e) { e.mutable_user_removed()->set_user(2); }},
    {"a right to come", ErrorCode::kNewerFormat, "right",
     [](auto& e) {
       e.mutable_rights_set()->set_node(1);
       e.mutable_rights_set()->set_user(1);
       e.mutable_rights_set()->set_rights(16);
     }},
    {"rights on a file", ErrorCode::kCorrupt, "not a folder",
     [](auto& e) {
       e.mutable_rights_set()->set_node(4);
       e.mutable_rights_set()->set_user(1);
       e.mutable_rights_set()->set_rights(1);
     }},
    {"a session without a channel", ErrorCode::kCorrupt, "no channel in it",
     [](auto& e) { e.mutable_session_opened(); }},
    {"a channel's number again", ErrorCode::kCorrupt, "UNIQUE constraint failed: sessions.channel",
     [](auto& e) { e.set_channel(50), e.mutable_session_opened(); }},
    {"login without a session", ErrorCode::kCorrupt, "channel 51",
     [](auto& e) { e.set_channel(51), e.mutable_login_succeeded()->set_user(1); }},
    {"login as a removed user", ErrorCode::kCorrupt, "no user 2",
     [](auto& e) { e.set_channel(50), e.mutable_login_succeeded()->set_user(2); }},
    {"an end without a session", ErrorCode::kCorrupt, "channel 51",
     [](auto& e) { e.set_channel(51), e.mutable_session_ended(); }},
    {"a second root", ErrorCode::kCorrupt, "UNIQUE constraint failed: nodes.id",
     [](auto& e) { e.mutable_folder_made()->set_node(1); }},
    {"a folder in a file", ErrorCode::kCorrupt, "node 4 is not a folder",
     [](auto& e) {
       e.mutable_folder_made()->set_node(20);
       e.mutable_folder_made()->set_parent(4);
       put_name("new", e.mutable_folder_made()->mutable_name());
     }},
    {"a name twice in a folder", ErrorCode::kCorrupt,
     "UNIQUE constraint failed: nodes.parent, nodes.name_hash",
     [](auto& e) {
       e.mutable_folder_made()->set_node(20);
       e.mutable_folder_made()->set_parent(1);
       put_name("file", e.mutable_folder_made()->mutable_name());
     }},
    {"an unknown node removed", ErrorCode::kCorrupt, "no node 99",
     [](auto& e) { e.mutable_node_removed()->set_node(99); }},
    {"the root removed", ErrorCode::kCorrupt, "root",
     [](auto& e) { e.mutable_node_removed()->set_node(1); }},
    {"a folder with something in it removed", ErrorCode::kCorrupt, "folder 2 is not empty",
     [](auto& e) { e.mutable_node_removed()->set_node(2); }},
    {"a folder into itself", ErrorCode::kCorrupt, "folder 2 into itself",
     [](auto& e) {
       e.mutable_node_renamed()->set_node(2);
       e.mutable_node_renamed()->set_parent(3);
       put_name("new", e.mutable_node_renamed()->mutable_name());
     }},
    {"a name taken and not said to be replaced", ErrorCode::kCorrupt,
     "UNIQUE constraint failed: nodes.parent",
     [](auto& e) {
       e.mutable_node_renamed()->set_node(2);
       e.mutable_node_renamed()->set_parent(1);
       put_name("file", e.mutable_node_renamed()->mutable_name());
     }},
    {"another replaced than is there", ErrorCode::kCorrupt, "said to be 3, but it is 4",
     [](auto& e) {
       e.mutable_node_renamed()->set_node(2);
       e.mutable_node_renamed()->set_parent(1);
       e.mutable_node_renamed()->set_replaced(3);
       put_name("file", e.mutable_node_renamed()->mutable_name());
     }},
    {"attributes of nothing", ErrorCode::kCorrupt, "no node 99",
     [](auto& e) { e.mutable_attributes_set()->set_node(99); }},
    {"an upload without a lineage", ErrorCode::kCorrupt, "lineage does not have 16 bytes",
     [](auto& e) {
       e.mutable_upload_started()->set_upload(30);
       put_name("new", e.mutable_upload_started()->mutable_name());
     }},
    {"an upload whose key nobody has", ErrorCode::kCorrupt, "key of its lineage",
     [](auto& e) {
       auto& event = *e.mutable_upload_started();
       event.set_upload(30);
       event.set_parent(1);
       event.set_user(1);
       event.set_organisation(1);
       event.set_lineage(lineage_bytes(77));
       put_name("new", event.mutable_name());
     }},
    {"a lineage again", ErrorCode::kCorrupt, "UNIQUE constraint failed: lineages.id",
     [](auto& e) {
       auto& event = *e.mutable_upload_started();
       event.set_upload(30);
       event.set_parent(1);
       event.set_user(1);
       event.set_organisation(1);
       event.set_lineage(lineage_bytes(1));
       event.set_wrapped_file_key("other");
       event.set_key_epoch(1);
       put_name("new", event.mutable_name());
     }},
    {"an upload resumed by another", ErrorCode::kCorrupt, "another user",
     [](auto& e) {
       e.mutable_upload_started()->set_upload(8);
       e.mutable_upload_started()->set_user(2);
       e.mutable_upload_started()->set_resumes(true);
     }},
    {"an unknown upload committed", ErrorCode::kCorrupt, "no upload 99",
     [](auto& e) { e.mutable_upload_committed()->set_upload(99); }},
    {"a version again", ErrorCode::kCorrupt, "UNIQUE constraint failed: versions.id",
     [](auto& e) {
       e.mutable_upload_committed()->set_upload(8);
       e.mutable_upload_committed()->set_version(1);
       e.mutable_upload_committed()->set_node(30);
     }},
    {"contents of a folder", ErrorCode::kCorrupt, "node 2 is a folder",
     [](auto& e) {
       e.mutable_upload_committed()->set_upload(8);
       e.mutable_upload_committed()->set_version(30);
       e.mutable_upload_committed()->set_node(2);
     }},
    {"contents of a removed file", ErrorCode::kCorrupt, "node 5 was removed",
     [](auto& e) {
       e.mutable_upload_committed()->set_upload(8);
       e.mutable_upload_committed()->set_version(30);
       e.mutable_upload_committed()->set_node(5);
     }},
    {"inline contents that are not there", ErrorCode::kCorrupt, "not in the journal",
     [](auto& e) {
       e.mutable_upload_committed()->set_upload(8);
       e.mutable_upload_committed()->set_version(30);
       e.mutable_upload_committed()->set_node(30);
       e.mutable_upload_committed()->set_inline_sha256(std::string(32, 'x'));
     }},
    {"a size out of range", ErrorCode::kCorrupt, "larger than can be stored",
     [](auto& e) {
       e.mutable_upload_committed()->set_upload(8);
       e.mutable_upload_committed()->set_version(30);
       e.mutable_upload_committed()->set_node(30);
       e.mutable_upload_committed()->set_size(UINT64_MAX);
     }},
    {"an unknown upload parked", ErrorCode::kCorrupt, "no upload 99",
     [](auto& e) { e.mutable_upload_parked()->set_upload(99); }},
    {"an unknown upload abandoned", ErrorCode::kCorrupt, "no upload 99",
     [](auto& e) { e.mutable_upload_abandoned()->set_upload(99); }},
    {"an unknown upload renamed", ErrorCode::kCorrupt, "no upload 99",
     [](auto& e) {
       e.mutable_upload_renamed()->set_upload(99);
       e.mutable_upload_renamed()->set_parent(1);
       put_name("new", e.mutable_upload_renamed()->mutable_name());
     }},
    {"an upload renamed without a name", ErrorCode::kCorrupt, "",
     [](auto& e) {
       e.mutable_upload_renamed()->set_upload(8);
       e.mutable_upload_renamed()->set_parent(1);
     }},
    {"an upload moved into a file", ErrorCode::kCorrupt, "",
     [](auto& e) {
       e.mutable_upload_renamed()->set_upload(8);
       e.mutable_upload_renamed()->set_parent(4);
       put_name("new", e.mutable_upload_renamed()->mutable_name());
     }},
    {"a listing to nobody", ErrorCode::kCorrupt, "never was a user 9",
     [](auto& e) { e.mutable_listing_released()->set_user(9); }},
    {"an unknown version released", ErrorCode::kCorrupt, "no version 99",
     [](auto& e) { e.mutable_extents_released()->set_version(99); }},
    {"a version of another lineage released", ErrorCode::kCorrupt, "of another lineage",
     [](auto& e) {
       e.mutable_extents_released()->set_version(1);
       e.mutable_extents_released()->set_user(1);
       e.mutable_extents_released()->set_lineage(lineage_bytes(2));
     }},
    {"a release to nobody", ErrorCode::kCorrupt, "never was a user 0",
     [](auto& e) { e.mutable_extents_released()->set_version(1); }},
    {"two users on a channel", ErrorCode::kCorrupt, "two users on channel 50",
     [](auto& e) {
       e.set_channel(50);
       e.mutable_extents_released()->set_version(1);
       e.mutable_extents_released()->set_user(2);
     }},
    {"a purpose to come", ErrorCode::kNewerFormat, "purpose",
     [](auto& e) {
       e.mutable_extents_released()->set_version(1);
       e.mutable_extents_released()->set_purpose(static_cast<journal::ReleasePurpose>(9));
     }},
    {"an unknown version analysed", ErrorCode::kCorrupt, "no version 99",
     [](auto& e) { e.mutable_analysis_finished()->set_version(99); }},
    {"an unknown user contained", ErrorCode::kCorrupt, "never was a user 9",
     [](auto& e) {
       e.mutable_contained()->set_scope(journal::ONE_USER), e.mutable_contained()->set_user(9);
     }},
    {"a scope to come", ErrorCode::kNewerFormat, "scope",
     [](auto& e) { e.mutable_lifted()->set_scope(static_cast<journal::Scope>(9)); }},
};

class CatalogueMisfitTest : public CatalogueTest {
 protected:
  void SetUp() override {
    story.begin();
    story.user(2, "ben");
    auto removed = story.entry();
    removed.mutable_user_removed()->set_user(2);
    story.apply(removed);
    story.folder(2, "folder");
    story.folder(3, "inner", 2);
    story.open_session(50, 1);
    story.put(1, 4, "file", 10);
    story.put(2, 5, "gone", 10);
    story.remove(5);
    story.start_upload({.id = 8, .name = "upload", .lineage = 8});
    story.release(1, 1, 10);
    story.channel = 0;
  }
};

TEST_F(CatalogueMisfitTest, EachIsRefusedAndLeavesNothing) {
  const std::uint64_t index = catalogue->applied();
  ASSERT_TRUE(catalogue->checkpoint());
  catalogue.reset();
  const std::string before = dump(path);
  catalogue = open_or_die(path);
  for (const Misfit& misfit : kMisfits) {
    SCOPED_TRACE(misfit.what);
    journal::Entry entry = entry_at(kStart);
    misfit.make(entry);
    const Status done = catalogue->apply(index, entry, std::nullopt);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, misfit.code) << done.error().message;
    EXPECT_THAT(done.error().message, HasSubstr(misfit.sentence));
    EXPECT_THAT(done.error().message, HasSubstr("journal entry " + std::to_string(index)));
    EXPECT_EQ(catalogue->applied(), index);
  }
  ASSERT_TRUE(catalogue->checkpoint());
  catalogue.reset();
  EXPECT_EQ(dump(path), before);
}

TEST_F(CatalogueMisfitTest, WhatWasWrittenDownBeforeItStaysAndTheRestIsReplayed) {
  ASSERT_TRUE(catalogue->checkpoint());
  const std::uint64_t index = catalogue->applied();
  story.folder(40, "not written down");
  journal::Entry bad = entry_at(kStart);
  bad.mutable_node_removed()->set_node(99);
  EXPECT_FALSE(catalogue->apply(index + 1, bad, std::nullopt));
  EXPECT_EQ(catalogue->applied(), index);
  EXPECT_FALSE(value_of(catalogue->node(NodeId{40})).has_value());
  EXPECT_EQ(catalogue->next_node(), NodeId{6});
  story = Story(*catalogue);
  story.folder(40, "after");
  ASSERT_TRUE(catalogue->checkpoint());
  catalogue.reset();
  catalogue = open_or_die(path);
  EXPECT_EQ(catalogue->applied(), index + 1);
  EXPECT_TRUE(value_of(catalogue->node(NodeId{4})).has_value());
  EXPECT_TRUE(value_of(catalogue->node(NodeId{40})).has_value());
}

// What every upload asks for is asked for once: it must not outlive what it is about.
TEST_F(CatalogueMisfitTest, WhatWasThereOnceIsLookedForAgainAfterAChange) {
  ASSERT_TRUE(catalogue->checkpoint());
  story.start_upload({.id = 9, .parent = 3, .name = "one", .lineage = 9});
  EXPECT_EQ(value_of(catalogue->node(NodeId{3}))->durability, Durability::kInherited);
  EXPECT_EQ(value_of(catalogue->organisation(OrganisationId{1}))->incident_recipients.size(), 2U);
  auto crash = story.entry();
  crash.mutable_folder_durability_set()->set_node(3);
  crash.mutable_folder_durability_set()->set_durability(journal::CRASH);
  story.apply(crash);
  EXPECT_EQ(value_of(catalogue->node(NodeId{3}))->durability, Durability::kCrash);
  auto changed = story.entry();
  changed.mutable_organisation_changed()->set_organisation(1);
  changed.mutable_organisation_changed()->add_incident_recipient("age1made-up");
  story.apply(changed);
  EXPECT_EQ(value_of(catalogue->organisation(OrganisationId{1}))->incident_recipients.size(), 1U);
  story.commit_upload(9, 9, 9, 10);
  story.remove(9);
  story.remove(3);
  EXPECT_FALSE(value_of(catalogue->node(NodeId{3})).has_value());
  journal::Entry late = entry_at(kStart);
  auto& event = *late.mutable_upload_started();
  event.set_upload(10);
  event.set_parent(3);
  event.set_user(1);
  event.set_organisation(1);
  event.set_lineage(lineage_bytes(10));
  event.set_wrapped_file_key("key");
  event.set_key_epoch(1);
  put_name("late", event.mutable_name());
  const Status done = story.try_apply(late);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("no node 3"));
}

TEST_F(CatalogueMisfitTest, EntriesComeInOrder) {
  journal::Entry entry = entry_at(kStart);
  entry.mutable_vault_stopped();
  EXPECT_EQ(catalogue->apply(catalogue->applied() + 1, entry, std::nullopt).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalogue->apply(catalogue->applied() - 1, entry, std::nullopt).error().code,
            ErrorCode::kInvalidArgument);
}

// Field numbers of the events, as they are on the wire: every event that protobuf knows, the table
// must know too.
TEST_F(CatalogueMisfitTest, NoEventWasForgotten) {
  int known = 0;
  for (int number = 10; number < 200; ++number) {
    std::string wire = "\x08\x01";  // format 1
    const int tag = number << 3 | 2;
    if (tag >= 128) {
      wire += static_cast<char>((tag & 127) | 128);
      wire += static_cast<char>(tag >> 7);
    } else {
      wire += static_cast<char>(tag);
    }
    wire += '\0';
    journal::Entry entry;
    ASSERT_TRUE(entry.ParseFromString(wire));
    if (entry.event_case() == journal::Entry::EVENT_NOT_SET) continue;
    ++known;
    const Status done = catalogue->apply(catalogue->applied(), entry, std::nullopt);
    EXPECT_TRUE(done || done.error().code != ErrorCode::kNewerFormat)
        << number << ": " << done.error().message;
  }
  EXPECT_GE(known, 29);
}

}  // namespace
}  // namespace bulkhead::vault::test
