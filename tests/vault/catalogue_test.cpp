// What each query answers after a few entries.
#include <gmock/gmock.h>

#include "catalogue_entries.h"

namespace bulkhead::vault::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kMiB = 1024 * 1024;

template <typename Row>
std::vector<std::uint64_t> ids_of(const std::vector<Row>& rows) {
  std::vector<std::uint64_t> ids;
  for (const Row& row : rows)
    ids.push_back(row.id.value);
  return ids;
}

TEST_F(CatalogueTest, AFreshOneIsEmpty) {
  EXPECT_EQ(catalogue->applied(), 0U);
  EXPECT_EQ(catalogue->next_node().value, 1U);
  EXPECT_EQ(catalogue->last_channel().value, 0U);
  EXPECT_FALSE(value_of(catalogue->node(kRootNode)).has_value());
  EXPECT_THAT(value_of(catalogue->users()), IsEmpty());
  EXPECT_THAT(value_of(catalogue->releases({})), IsEmpty());
}

TEST_F(CatalogueTest, Organisations) {
  story.begin();
  story.organisation(5, "brook");
  EXPECT_EQ(catalogue->next_organisation().value, 6U);
  EXPECT_THAT(ids_of(value_of(catalogue->organisations())), ElementsAre(1, 5));
  EXPECT_EQ(value_of(catalogue->organisation_named(hash_of_name("brook")))->value, 5U);
  EXPECT_FALSE(value_of(catalogue->organisation_named(hash_of_name("none"))).has_value());
  EXPECT_FALSE(value_of(catalogue->organisation(OrganisationId{2})).has_value());

  auto e = story.entry();
  e.mutable_organisation_changed()->set_organisation(5);
  e.mutable_organisation_changed()->add_incident_recipient("age1third");
  story.apply(e);
  const auto changed = *value_of(catalogue->organisation(OrganisationId{5}));
  EXPECT_EQ(changed.name_box, box_of_name("brook"));
  EXPECT_EQ(catalogue->organisation_keys()->at(0).wrapped_key, to_bytes(as_bytes("wrapped")));
  EXPECT_FALSE(changed.destroyed);
  EXPECT_EQ(changed.key_epoch, 1U);
  EXPECT_THAT(changed.incident_recipients, ElementsAre("age1third"));
  EXPECT_THAT(value_of(catalogue->organisation(OrganisationId{1}))->incident_recipients,
              ElementsAre("age1first", "age1second"));
}

TEST_F(CatalogueTest, UsersAreChangedFieldByField) {
  story.begin();
  auto e = story.entry();
  e.mutable_user_changed()->set_user(1);
  e.mutable_user_changed()->set_disabled(true);
  story.apply(e);
  auto user = *value_of(catalogue->user(UserId{1}));
  EXPECT_TRUE(user.disabled);
  EXPECT_EQ(user.public_key_boxes.size(), 2U);
  EXPECT_EQ(user.password_hash_box, to_bytes(as_bytes("password")));

  e = story.entry();
  e.mutable_user_changed()->set_user(1);
  e.mutable_user_changed()->set_set_password(true);
  e.mutable_user_changed()->set_set_public_keys(true);
  e.mutable_user_changed()->add_public_key()->set_box("key three");
  story.apply(e);
  user = *value_of(catalogue->user_named(hash_of_name("ada")));
  EXPECT_TRUE(user.disabled);
  EXPECT_THAT(user.public_key_boxes, ElementsAre(to_bytes(as_bytes("key three"))));
  EXPECT_THAT(user.password_hash_box, IsEmpty());
  EXPECT_EQ(user.home, kRootNode);
  EXPECT_EQ(user.organisation.value, 1U);
}

TEST_F(CatalogueTest, TheNewestCodeThatWasUsedIsKeptUntilThereIsAnotherSecret) {
  story.begin();
  auto e = story.entry();
  e.mutable_user_changed()->set_user(1);
  e.mutable_user_changed()->set_set_totp(true);
  e.mutable_user_changed()->mutable_totp_secret()->set_box("secret");
  e.mutable_user_changed()->set_set_login_methods(true);
  e.mutable_user_changed()->add_login_methods("publickey,keyboard-interactive");
  story.apply(e);
  const auto user = [&] { return *value_of(catalogue->user(UserId{1})); };
  EXPECT_EQ(user().totp_box, to_bytes(as_bytes("secret")));
  EXPECT_THAT(user().login_methods, ElementsAre("publickey,keyboard-interactive"));
  for (const std::uint64_t step : {7, 6}) {
    e = story.entry();
    e.mutable_login_step_passed()->set_user(1);
    e.mutable_login_step_passed()->set_totp_step(step);
    story.apply(e);
    EXPECT_EQ(user().totp_step, 7U);
  }
  e = story.entry();
  e.mutable_user_changed()->set_user(1);
  e.mutable_user_changed()->set_set_totp(true);
  story.apply(e);
  EXPECT_THAT(user().totp_box, IsEmpty());
  EXPECT_EQ(user().totp_step, 0U);
}

TEST_F(CatalogueTest, ARemovedUserGivesUpNameRightsAndKeysButNotTheNumber) {
  story.begin();
  story.user(2, "ben");
  story.rights(1, 2, 5);
  auto e = story.entry();
  e.mutable_user_removed()->set_user(2);
  story.apply(e);
  EXPECT_FALSE(value_of(catalogue->user_named(hash_of_name("ben"))).has_value());
  EXPECT_THAT(ids_of(value_of(catalogue->users())), ElementsAre(1));
  EXPECT_THAT(value_of(catalogue->grants_of(UserId{2})), IsEmpty());
  const auto kept = *value_of(catalogue->user(UserId{2}));
  EXPECT_TRUE(kept.disabled);
  EXPECT_EQ(kept.name_box, box_of_name("ben"));
  EXPECT_THAT(kept.public_key_boxes, IsEmpty());
  EXPECT_THAT(kept.password_hash_box, IsEmpty());
  EXPECT_EQ(catalogue->next_user().value, 3U);
  story.user(3, "ben");
  EXPECT_EQ(value_of(catalogue->user_named(hash_of_name("ben")))->id.value, 3U);
  EXPECT_EQ(value_of(catalogue->totals()).users, 2U);
}

TEST_F(CatalogueTest, RightsReplaceAndGo) {
  story.begin();
  story.user(2, "ben");
  story.folder(2, "in");
  story.rights(2, 2, 7);
  story.rights(2, 1, 1);
  story.rights(1, 2, 4);
  story.rights(2, 2, 3);
  const auto of_ben = value_of(catalogue->grants_of(UserId{2}));
  ASSERT_EQ(of_ben.size(), 2U);
  EXPECT_EQ(of_ben[0].node, kRootNode);
  EXPECT_EQ(of_ben[1].rights, Rights(3));
  const auto on_in = value_of(catalogue->grants_on(NodeId{2}));
  ASSERT_EQ(on_in.size(), 2U);
  EXPECT_EQ(on_in[0].user.value, 1U);
  story.rights(2, 1, 0);
  EXPECT_EQ(value_of(catalogue->grants_on(NodeId{2})).size(), 1U);
  story.remove(2);
  EXPECT_THAT(value_of(catalogue->grants_on(NodeId{2})), IsEmpty());
}

TEST_F(CatalogueTest, ChildrenArePagedByNumber) {
  story.begin();
  for (std::uint64_t id = 2; id < 12; ++id)
    story.folder(id, "folder " + std::to_string(id));
  EXPECT_THAT(ids_of(value_of(catalogue->children(kRootNode, NodeId{0}, 3))), ElementsAre(2, 3, 4));
  EXPECT_THAT(ids_of(value_of(catalogue->children(kRootNode, NodeId{9}, 3))), ElementsAre(10, 11));
  EXPECT_THAT(value_of(catalogue->children(NodeId{2}, NodeId{0}, 3)), IsEmpty());
  EXPECT_EQ(value_of(catalogue->count_children(kRootNode)), 10U);
  story.rename(3, 2, "moved");
  story.remove(4);
  EXPECT_EQ(value_of(catalogue->count_children(kRootNode)), 8U);
  EXPECT_EQ(value_of(catalogue->count_children(NodeId{2})), 1U);
  const auto moved = *value_of(catalogue->child(NodeId{2}, hash_of_name("moved")));
  EXPECT_EQ(moved.id.value, 3U);
  EXPECT_EQ(moved.name_box, box_of_name("moved"));
  EXPECT_TRUE(moved.is_folder);
  EXPECT_EQ(moved.permissions, 0750U);
  EXPECT_FALSE(value_of(catalogue->child(kRootNode, hash_of_name("folder 3"))).has_value());
}

TEST_F(CatalogueTest, AttributesAreSetOneByOne) {
  story.begin();
  story.put(1, 2, "file", 10);
  auto e = story.entry();
  e.mutable_attributes_set()->set_node(2);
  e.mutable_attributes_set()->set_accessed_s(77);
  story.apply(e);
  e = story.entry();
  e.mutable_attributes_set()->set_node(2);
  e.mutable_attributes_set()->set_permissions(0);
  story.apply(e);
  const auto node = *value_of(catalogue->node(NodeId{2}));
  EXPECT_EQ(node.modified_s, 1'234'567);
  EXPECT_EQ(node.accessed_s, 77);
  EXPECT_EQ(node.permissions, 0U);
}

TEST_F(CatalogueTest, AnUploadFromItsStartToItsVersion) {
  story.begin();
  story.channel = 7;
  story.start_upload({.id = 4, .name = "file", .lineage = 9, .staging_blob = "stage"});
  auto upload = *value_of(catalogue->upload_at(UserId{1}, kRootNode, hash_of_name("file")));
  EXPECT_EQ(upload.id.value, 4U);
  EXPECT_EQ(upload.lineage, lineage_number(9));
  EXPECT_EQ(upload.channel.value, 7U);
  EXPECT_FALSE(upload.size_known);
  EXPECT_FALSE(
      value_of(catalogue->upload_at(UserId{2}, kRootNode, hash_of_name("file"))).has_value());
  EXPECT_FALSE(value_of(catalogue->child(kRootNode, hash_of_name("file"))).has_value());

  story.now += 5;
  auto e = story.entry();
  e.mutable_upload_parked()->set_upload(4);
  e.mutable_upload_parked()->set_size(100);
  e.mutable_upload_parked()->set_size_known(true);
  e.mutable_upload_parked()->set_description("half");
  story.apply(e);
  story.channel = 8;
  story.now += 5;
  e = story.entry();
  e.mutable_upload_started()->set_upload(4);
  e.mutable_upload_started()->set_user(1);
  e.mutable_upload_started()->set_resumes(true);
  story.apply(e);
  upload = value_of(catalogue->uploads()).at(0);
  EXPECT_EQ(upload.channel.value, 8U);
  EXPECT_EQ(upload.touched_at, kStart + 10);
  EXPECT_EQ(upload.size, 100U);
  EXPECT_TRUE(upload.size_known);
  EXPECT_EQ(upload.description, to_bytes(as_bytes("half")));

  story.commit_upload(4, 3, 2, 200, {"stage", "older"});
  EXPECT_THAT(value_of(catalogue->uploads()), IsEmpty());
  const auto node = *value_of(catalogue->child(kRootNode, hash_of_name("file")));
  EXPECT_EQ(node.version.value, 3U);
  EXPECT_EQ(node.size, 200U);
  EXPECT_FALSE(node.is_folder);
  EXPECT_EQ(node.permissions, 0644U);
  const auto version = *value_of(catalogue->version(VersionId{3}));
  EXPECT_EQ(version.node.value, 2U);
  EXPECT_EQ(version.channel.value, 8U);
  EXPECT_EQ(version.uploader.value, 1U);
  EXPECT_EQ(version.name_box, box_of_name("file"));
  EXPECT_FALSE(version.inline_position.has_value());
  EXPECT_THAT(version.parts, ElementsAre(to_bytes(as_bytes("stage")), to_bytes(as_bytes("older"))));
  EXPECT_EQ(value_of(catalogue->lineage(lineage_number(9)))->key.organisation.value, 1U);
  // Both channels wrote to it, so both count.
  const auto releases = value_of(catalogue->releases({}));
  ASSERT_EQ(releases.size(), 2U);
  EXPECT_EQ(releases[0].channel.value, 7U);
  EXPECT_EQ(releases[0].last_at, kStart + 5);
  EXPECT_EQ(releases[1].channel.value, 8U);
  EXPECT_EQ(releases[1].purpose, 3U);
  EXPECT_EQ(releases[1].bytes, 200U);
}

TEST_F(CatalogueTest, SmallContentsAreWhereTheJournalPutThem) {
  story.begin();
  story.start_upload({.id = 1, .name = "small", .lineage = 1});
  story.commit_upload(1, 1, 2, 5, {}, true);
  EXPECT_EQ(value_of(catalogue->version(VersionId{1}))->inline_position,
            (journal::PayloadPosition{.segment = 0, .offset = 4097}));
}

TEST_F(CatalogueTest, OverwritingAndRemovingKeepTheVersions) {
  story.begin();
  story.put(1, 2, "file", 10);
  story.put(2, 2, "file", 30);
  EXPECT_FALSE(value_of(catalogue->version(VersionId{1}))->current);
  EXPECT_TRUE(value_of(catalogue->version(VersionId{2}))->current);
  EXPECT_EQ(value_of(catalogue->totals()).files, 1U);
  EXPECT_EQ(value_of(catalogue->totals()).bytes, 30U);
  story.put(3, 3, "other", 5);
  story.rename(3, 1, "file", 2);
  EXPECT_FALSE(value_of(catalogue->node(NodeId{2})).has_value());
  EXPECT_FALSE(value_of(catalogue->version(VersionId{2}))->current);
  EXPECT_EQ(value_of(catalogue->child(kRootNode, hash_of_name("file")))->id.value, 3U);
  story.remove(3);
  EXPECT_FALSE(value_of(catalogue->version(VersionId{3}))->current);
  EXPECT_EQ(value_of(catalogue->version(VersionId{3}))->name_box, box_of_name("other"));
  EXPECT_EQ(value_of(catalogue->totals()).files, 0U);
  EXPECT_EQ(value_of(catalogue->totals()).bytes, 0U);
  EXPECT_EQ(value_of(catalogue->count_children(kRootNode)), 0U);
  EXPECT_TRUE(value_of(catalogue->lineage(lineage_number(1))).has_value());
}

TEST_F(CatalogueTest, ABlobIsReferencedAsLongAsItsContentsAreNeeded) {
  const auto referenced = [&](std::string_view blob) {
    return value_of(catalogue->blob_is_referenced(as_bytes(blob)));
  };
  story.begin();
  EXPECT_FALSE(referenced("blob-1"));
  story.start_upload({.id = 9, .name = "x", .lineage = 9, .staging_blob = "stage"});
  EXPECT_TRUE(referenced("stage"));
  auto e = story.entry();
  e.mutable_upload_abandoned()->set_upload(9);
  story.apply(e);
  EXPECT_FALSE(referenced("stage"));

  story.put(1, 2, "file", 10);
  EXPECT_TRUE(referenced("blob-1"));
  story.remove(2);
  EXPECT_TRUE(referenced("blob-1")) << "it has yet to be analysed";
  story.analysed(1, "findings");
  EXPECT_FALSE(referenced("blob-1"));
  EXPECT_TRUE(referenced("findings"));

  story.put(2, 3, "file", 10);
  story.analysed(2);
  story.start_upload(
      {.id = 10, .name = "file", .lineage = 2, .new_lineage = false, .base_version = 2});
  story.remove(3);
  EXPECT_TRUE(referenced("blob-2")) << "an upload began with it";
  EXPECT_FALSE(referenced(""));
}

TEST_F(CatalogueTest, SpendingIsCountedByHour) {
  story.begin();
  story.put(1, 2, "a", 10);
  story.put(2, 3, "b", 10);
  story.open_session(5, 1);
  story.release(1, 1, 100);
  story.release(1, 1, 50);
  story.release(1, 1, 7, journal::WRITING);
  story.release(0, 1, 9999, journal::ANALYSIS);
  story.now += kHour;
  story.release(1, 2, 1000);
  story.channel = 6;
  story.release(1, 2, 1000);
  auto e = story.entry();
  e.mutable_listing_released()->set_user(1);
  e.mutable_listing_released()->set_node(1);
  e.mutable_listing_released()->set_names(12);
  story.apply(e);
  auto spent = value_of(catalogue->spent_since(UserId{1}, kStart));
  EXPECT_EQ(spent.bytes, 2157U);
  EXPECT_EQ(spent.files, 3U);
  EXPECT_EQ(spent.names, 12U);
  spent = value_of(catalogue->spent_since(UserId{1}, kStart + kHour));
  EXPECT_EQ(spent.bytes, 2000U);
  EXPECT_EQ(spent.files, 2U);
  EXPECT_EQ(value_of(catalogue->spent_since(UserId{1}, kStart + 2 * kHour)).names, 0U);
  EXPECT_EQ(value_of(catalogue->spent_since(UserId{2}, 0)).bytes, 0U);
}

TEST_F(CatalogueTest, ReleasesAreFiltered) {
  story.begin();
  story.user(2, "ben");
  story.open_session(10, 1);
  story.put(1, 2, "a", kMiB);
  story.put(2, 3, "b", kMiB);
  story.now = kStart + 100;
  story.open_session(11, 2);
  story.release(2, 1, 500, journal::READING, 2);
  story.now = kStart + 200;
  story.release(2, 1, 500, journal::READING, 3);
  story.channel = 12;
  story.release(0, 1, kMiB, journal::ANALYSIS);

  const auto pairs = [&](const Catalogue::ReleaseQuery& query) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
    for (const ReleaseRow& row : value_of(catalogue->releases(query))) {
      found.emplace_back(row.channel.value, row.version.value);
    }
    return found;
  };
  using P = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_THAT(pairs({}), ElementsAre(P(10, 1), P(10, 2), P(11, 1)));
  EXPECT_THAT(pairs({.channel = ChannelId{11}}), ElementsAre(P(11, 1)));
  EXPECT_THAT(pairs({.channel = ChannelId{12}}), IsEmpty());
  EXPECT_THAT(pairs({.user = UserId{1}}), ElementsAre(P(10, 1), P(10, 2)));
  EXPECT_THAT(pairs({.node = NodeId{2}}), ElementsAre(P(10, 1), P(11, 1)));
  EXPECT_THAT(pairs({.since = kStart + 1}), ElementsAre(P(11, 1)));
  EXPECT_THAT(pairs({.since = kStart + 150, .until = kStart + 160}), ElementsAre(P(11, 1)));
  EXPECT_THAT(pairs({.since = kStart + 201}), IsEmpty());
  EXPECT_THAT(pairs({.until = kStart + 99}), ElementsAre(P(10, 1), P(10, 2)));
  EXPECT_THAT(pairs({.until = kStart + 99, .user = UserId{2}, .node = NodeId{2}}), IsEmpty());
  const auto row = value_of(catalogue->releases({.user = UserId{2}})).at(0);
  EXPECT_EQ(row.extents, 5U);
  EXPECT_EQ(row.bytes, 1000U);
  EXPECT_EQ(row.first_at, kStart + 100);
  EXPECT_EQ(row.last_at, kStart + 200);
  story.remove(2);
  EXPECT_THAT(pairs({.node = NodeId{2}}), ElementsAre(P(10, 1), P(11, 1)))
      << "removing a file hides nothing";
}

TEST_F(CatalogueTest, AGrantCountsForTheOlderVersionsOfItsLineage) {
  story.begin();
  story.put(1, 2, "file", 10);
  const auto rewrite = [&](std::uint64_t version) {
    story.start_upload({.id = version,
                        .name = "file",
                        .lineage = 1,
                        .new_lineage = false,
                        .base_version = version - 1});
    story.commit_upload(version, version, 2, 10 * version);
  };
  rewrite(2);
  story.put(3, 3, "unrelated", 1);
  story.channel = 20;
  story.release(1, 2, 64);
  story.channel = 21;
  rewrite(4);
  auto rows = value_of(catalogue->releases({.channel = ChannelId{20}}));
  ASSERT_EQ(rows.size(), 2U) << "not version 4, which came later";
  EXPECT_EQ(rows[0].version.value, 1U);
  EXPECT_EQ(rows[0].bytes, 0U);
  EXPECT_EQ(rows[0].user.value, 1U);
  EXPECT_EQ(rows[1].version.value, 2U);
  EXPECT_EQ(rows[1].bytes, 64U);

  // A second release of another version: each version once, with its own bytes where it was named.
  story.channel = 20;
  story.now += 1000;
  story.release(1, 4, 32);
  rows = value_of(catalogue->releases({.channel = ChannelId{20}}));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].bytes, 0U);
  EXPECT_EQ(rows[1].bytes, 64U);
  EXPECT_EQ(rows[2].bytes, 32U);
  // In the later window version 2 was not named, but could be opened.
  rows = value_of(catalogue->releases({.since = kStart + 1000}));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].version.value, 2U);
  EXPECT_EQ(rows[1].bytes, 0U);
}

TEST_F(CatalogueTest, AGrantOnAnUploadCountsForWhatBecomesOfIt) {
  story.begin();
  story.channel = 30;
  story.start_upload({.id = 1, .name = "file", .lineage = 1, .staging_blob = "stage"});
  story.channel = 31;
  auto e = story.entry();
  e.mutable_extents_released()->set_user(1);
  e.mutable_extents_released()->set_lineage(lineage_bytes(1));
  e.mutable_extents_released()->add_extent(0);
  e.mutable_extents_released()->set_bytes(8);
  e.mutable_extents_released()->set_purpose(journal::WRITING);
  story.apply(e);
  EXPECT_THAT(value_of(catalogue->releases({.channel = ChannelId{31}})), IsEmpty());
  story.channel = 30;
  story.commit_upload(1, 1, 2, 10);
  const auto rows = value_of(catalogue->releases({.channel = ChannelId{31}}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].version.value, 1U);
  EXPECT_EQ(rows[0].purpose, 1U);
}

TEST_F(CatalogueTest, AnalysesOldestFirstAlsoOfWhatIsGone) {
  story.begin();
  story.put(9, 2, "a", 1);
  story.put(3, 3, "b", 1);
  story.put(4, 4, "c", 1);
  story.remove(2);
  EXPECT_THAT(ids_of(value_of(catalogue->versions_to_analyse(2))), ElementsAre(9, 3));
  EXPECT_EQ(value_of(catalogue->analysis_backlog()), 3U);
  EXPECT_FALSE(value_of(catalogue->analysis(VersionId{9})).has_value());
  story.analysed(9, "findings");
  EXPECT_THAT(ids_of(value_of(catalogue->versions_to_analyse(9))), ElementsAre(3, 4));
  EXPECT_EQ(value_of(catalogue->analysis_backlog()), 2U);
  const auto analysis = *value_of(catalogue->analysis(VersionId{9}));
  EXPECT_EQ(analysis.outcome, 1U);
  EXPECT_EQ(analysis.format, "x12-834");
  EXPECT_EQ(analysis.bytes_not_understood, 17U);
  EXPECT_EQ(analysis.findings_blob, to_bytes(as_bytes("findings")));
  EXPECT_EQ(analysis.findings_size, 99U);
  EXPECT_THAT(analysis.recipients, ElementsAre("age1first"));
  story.analysed(9, "again");
  EXPECT_EQ(value_of(catalogue->analysis(VersionId{9}))->findings_blob,
            to_bytes(as_bytes("again")));
}

TEST_F(CatalogueTest, Sessions) {
  story.begin();
  story.open_session(3, 1);
  story.now += 10;
  story.open_session(4, 1);
  EXPECT_EQ(catalogue->last_channel().value, 4U);
  story.channel = 3;
  auto e = story.entry();
  e.mutable_session_ended()->set_how("closed");
  story.apply(e);
  EXPECT_THAT(ids_of(value_of(catalogue->sessions(5))), ElementsAre(4, 3));
  EXPECT_THAT(ids_of(value_of(catalogue->sessions(1))), ElementsAre(4));
  const auto session = *value_of(catalogue->session(ChannelId{3}));
  EXPECT_EQ(session.user.value, 1U);
  EXPECT_EQ(session.listener, "sftp");
  EXPECT_EQ(session.kind, "sftp-session");
  EXPECT_EQ(session.method, "publickey");
  EXPECT_EQ(session.peer_box, to_bytes(as_bytes("peer")));
  EXPECT_EQ(session.opened_at, kStart);
  EXPECT_EQ(session.ended_at, kStart + 10);
  EXPECT_EQ(value_of(catalogue->session(ChannelId{4}))->ended_at, 0);
  // A vault that starts knows that the sessions of the one before it are over.
  story.channel = 0;
  story.now += 10;
  e = story.entry();
  e.mutable_vault_started();
  story.apply(e);
  EXPECT_EQ(value_of(catalogue->session(ChannelId{4}))->ended_at, kStart + 20);
  EXPECT_EQ(value_of(catalogue->session(ChannelId{3}))->ended_at, kStart + 10);
}

TEST_F(CatalogueTest, Containment) {
  story.begin();
  story.user(2, "ben");
  const auto contain = [&](journal::Scope scope, bool keep_receiving) {
    auto e = story.entry();
    auto& event = *e.mutable_contained();
    event.set_scope(scope);
    event.set_user(2);
    event.set_organisation(1);
    event.set_listener("sftp");
    event.set_keep_receiving(keep_receiving);
    story.apply(e);
  };
  const auto lift = [&](journal::Scope scope) {
    auto e = story.entry();
    auto& event = *e.mutable_lifted();
    event.set_scope(scope);
    event.set_user(2);
    event.set_organisation(1);
    event.set_listener("sftp");
    story.apply(e);
  };
  for (const auto scope :
       {journal::DEPLOYMENT, journal::ONE_USER, journal::ONE_ORGANISATION, journal::ONE_LISTENER}) {
    contain(scope, true);
    contain(scope, true);
  }
  auto now = value_of(catalogue->containment());
  EXPECT_TRUE(now.deployment);
  EXPECT_TRUE(now.keep_receiving);
  EXPECT_THAT(now.users, ElementsAre(UserId{2}));
  EXPECT_THAT(now.organisations, ElementsAre(OrganisationId{1}));
  EXPECT_THAT(now.listeners, ElementsAre("sftp"));
  lift(journal::DEPLOYMENT);
  lift(journal::ONE_LISTENER);
  lift(journal::ONE_LISTENER);
  now = value_of(catalogue->containment());
  EXPECT_FALSE(now.deployment);
  EXPECT_FALSE(now.keep_receiving);
  EXPECT_THAT(now.users, ElementsAre(UserId{2}));
  EXPECT_THAT(now.listeners, IsEmpty());
}

}  // namespace
}  // namespace bulkhead::vault::test
