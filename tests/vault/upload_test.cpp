// Property 8 as far as the vault decides it: who sees what when, and that what is committed cannot
// be changed.
#include <fcntl.h>

#include "processes/content/stored_content.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

Bytes contents(std::size_t size, Byte seed = 1) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<Byte>(i * 7 + (i >> 10) + seed);
  return bytes;
}

channel::Request open_for_writing(const std::vector<std::string>& path, bool truncate) {
  channel::Request request;
  *request.mutable_open_file()->mutable_path() = VaultHarness::path(path);
  request.mutable_open_file()->set_write(true);
  request.mutable_open_file()->set_create(true);
  request.mutable_open_file()->set_truncate(truncate);
  return request;
}

channel::Request stat_request(const std::vector<std::string>& path) {
  channel::Request request;
  *request.mutable_stat()->mutable_path() = VaultHarness::path(path);
  return request;
}

TEST(Upload, SmallAndLargeComeBack) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  for (const std::size_t size : {0u, 1u, 65'536u, 65'537u, 1'000'000u}) {
    ASSERT_EQ(h.upload(channel, {"home", "anna", "f"}, contents(size)), "") << size;
    EXPECT_EQ(h.download(channel, {"home", "anna", "f"}), contents(size)) << size;
  }
  h.restart();
  EXPECT_EQ(h.download(h.log_in("anna", anna), {"home", "anna", "f"}), contents(1'000'000));
}

TEST(Upload, AWritableDescriptorThatIsStillHeldMakesTheCommitFail) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  auto opened = h.ask(channel, open_for_writing({"home", "anna", "f"}, true));
  ASSERT_TRUE(opened && opened->reply.code() == 0);
  ASSERT_EQ(opened->descriptors.size(), 1u);
  // A hostile edge writes what it should, and keeps a descriptor to change the bytes afterwards.
  const UniqueFd kept(::fcntl(opened->descriptors[0].get(), F_DUPFD_CLOEXEC, 3));
  AskedKeys keys(h, channel, opened->reply.opened_file().handle(), true);
  auto content =
      processes::opened_content(opened->reply.opened_file(), std::move(opened->descriptors))
          .value();
  store::FinishedVersion finished;
  {
    auto writer =
        store::BlobWriter::create(content.lineage, content.staging, keys, crypto::system_random())
            .value();
    content.staging.file.reset();
    ASSERT_TRUE(writer.write(0, contents(200'000)));
    finished = writer.finish().value();
  }
  channel::Request commit;
  commit.mutable_commit_upload()->set_handle(opened->reply.opened_file().handle());
  commit.mutable_commit_upload()->set_size(finished.description.size);
  commit.mutable_commit_upload()->set_description(
      to_string(ByteView(finished.description.serialise())));
  const auto refused = h.ask(channel, commit);
  ASSERT_TRUE(refused);
  EXPECT_EQ(channel::error_code_from_wire(refused->reply.code()), ErrorCode::kConflict)
      << refused->reply.message();
  EXPECT_EQ(h.count(journal::Entry::kUploadCommitted), 0u);
}

// Uploads all of it but the commit, whose answer shows how much was on disk when it was sent.
channel::Request prepared_commit(VaultHarness& h, ChannelId channel,
                                 const std::vector<std::string>& path, ByteView bytes) {
  auto opened = h.ask(channel, open_for_writing(path, true));
  BH_ASSERT(opened && opened->reply.code() == 0);
  const auto handle = opened->reply.opened_file().handle();
  AskedKeys keys(h, channel, handle, true);
  auto content =
      processes::opened_content(opened->reply.opened_file(), std::move(opened->descriptors))
          .value();
  auto writer =
      store::BlobWriter::create(content.lineage, content.staging, keys, crypto::system_random())
          .value();
  content.staging.file.reset();
  BH_ASSERT(writer.write(0, bytes).has_value());
  const store::FinishedVersion finished = writer.finish().value();
  channel::Request commit;
  auto* message = commit.mutable_commit_upload();
  message->set_handle(handle);
  message->set_size(finished.description.size);
  message->set_description(to_string(ByteView(finished.description.serialise())));
  message->set_inline_box(to_string(ByteView(finished.inline_box)));
  return commit;
}

void set_durability(VaultHarness& h, const std::string& path, const std::string& durability) {
  admin::Request request;
  request.mutable_set_durability()->set_path(path);
  request.mutable_set_durability()->set_durability(durability);
  const auto replies = h.administer(request);
  EXPECT_EQ(replies.back().code(), 0u) << replies.back().message();
  EXPECT_EQ(replies.back().folder().durability(), durability);
}

TEST(Upload, WhereDurabilityIsCrashTheAnswerWaitsForTheWriteAndAKeyForTheDisk) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  set_durability(h, "/home", "crash");
  const ChannelId channel = h.log_in("anna", anna);
  for (const std::size_t size : {5'000u, 300'000u}) {
    auto commit = prepared_commit(h, channel, {"home", "anna", "f"}, contents(size));
    h.pump();  // everything before is on disk
    const std::uint64_t index = h.journal().size();
    const auto committed = h.ask_quickly(channel, commit);
    ASSERT_TRUE(committed && committed->reply.code() == 0);
    EXPECT_LE(committed->durable_entries, index) << "nobody waited for the disk";
    EXPECT_GT(h.journal().written_size(), index) << "no process's death loses it";

    // Log before release: with the grant everything before it is on disk.
    channel::Request open;
    *open.mutable_open_file()->mutable_path() = VaultHarness::path({"home", "anna", "f"});
    open.mutable_open_file()->set_read(true);
    const auto opened = h.ask_quickly(channel, open);
    ASSERT_TRUE(opened && opened->reply.code() == 0);
    channel::Request grant;
    grant.mutable_grant_extents()->set_handle(opened->reply.opened_file().handle());
    grant.mutable_grant_extents()->set_count(1);
    const std::uint64_t release = h.journal().size();
    const auto granted = h.ask_quickly(channel, grant);
    ASSERT_TRUE(granted && granted->reply.granted_extents().key_size() == 1);
    EXPECT_GT(granted->durable_entries, release) << "the key left before its entry was on disk";
    EXPECT_EQ(h.download(channel, {"home", "anna", "f"}), contents(size));
  }
  h.restart();
  EXPECT_EQ(h.download(h.log_in("anna", anna), {"home", "anna", "f"}), contents(300'000));
}

TEST(Upload, DurabilityIsInheritedAndAClientThatAsksForASyncGetsIt) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  const auto waits_for_the_disk = [&](bool sync) {
    auto commit = prepared_commit(h, channel, {"home", "anna", "f"}, contents(100));
    commit.mutable_commit_upload()->set_sync(sync);
    h.pump();
    const std::uint64_t index = h.journal().size();
    const auto committed = h.ask_quickly(channel, commit);
    EXPECT_TRUE(committed && committed->reply.code() == 0);
    return committed->durable_entries > index;
  };
  EXPECT_TRUE(waits_for_the_disk(false)) << "as long as nobody says otherwise";
  set_durability(h, "/", "crash");
  EXPECT_FALSE(waits_for_the_disk(false));
  EXPECT_TRUE(waits_for_the_disk(true));
  set_durability(h, "/home", "power-loss");
  EXPECT_TRUE(waits_for_the_disk(false));
  set_durability(h, "/home/anna", "crash");
  EXPECT_FALSE(waits_for_the_disk(false));
  set_durability(h, "/home/anna", "inherited");
  EXPECT_TRUE(waits_for_the_disk(false));
  admin::Request wrong;
  wrong.mutable_set_durability()->set_path("/home");
  wrong.mutable_set_durability()->set_durability("some");
  EXPECT_NE(h.administer(wrong).back().code(), 0u);
}

TEST(Upload, TwoWritersOfOneNameDoNotMeet) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId one = h.log_in("anna", anna);
  const ChannelId two = h.log_in("anna", anna);
  ASSERT_EQ(h.upload(one, {"home", "anna", "f"}, contents(100, 1)), "");
  const auto first = h.ask(one, open_for_writing({"home", "anna", "f"}, true));
  const auto second = h.ask(two, open_for_writing({"home", "anna", "f"}, true));
  EXPECT_NE(first->reply.opened_file().staging_blob(), second->reply.opened_file().staging_blob());
  EXPECT_NE(first->reply.opened_file().lineage(), second->reply.opened_file().lineage());
  EXPECT_EQ(h.download(h.log_in("anna", anna), {"home", "anna", "f"}), contents(100, 1));
}

TEST(Upload, ALostUploadIsSeenByItsUploaderOnlyAndCanBeTakenUp) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  admin::Request share;
  share.mutable_set_rights()->set_path("/home/anna");
  share.mutable_set_rights()->add_member()->set_user("bert");
  share.mutable_set_rights()->mutable_member(0)->set_rights("read,write,list,delete");
  ASSERT_EQ(h.administer(share).back().code(), 0u);
  const ChannelId lost = h.log_in("anna", anna);
  ASSERT_TRUE(h.ask(lost, open_for_writing({"home", "anna", "f"}, true)));
  h.vault().channel_ended(lost, "signal 9");
  h.pump();
  const ChannelId annas = h.log_in("anna", anna);
  const auto seen = h.ask(annas, stat_request({"home", "anna", "f"}));
  EXPECT_EQ(seen->reply.code(), 0u);
  EXPECT_TRUE(seen->reply.opened_file().attributes().size_unknown());
  const ChannelId berts = h.log_in("bert", bert);
  EXPECT_EQ(channel::error_code_from_wire(
                h.ask(berts, stat_request({"home", "anna", "f"}))->reply.code()),
            ErrorCode::kNotFound);
  const auto resumed = h.ask(annas, open_for_writing({"home", "anna", "f"}, false));
  ASSERT_EQ(resumed->reply.code(), 0u) << resumed->reply.message();
  EXPECT_TRUE(resumed->reply.opened_file().resumed());
  // What the earlier connection wrote is existing content: its key is granted like any, and
  // journalled.
  channel::Request grant;
  grant.mutable_grant_extents()->set_handle(resumed->reply.opened_file().handle());
  grant.mutable_grant_extents()->set_count(1);
  grant.mutable_grant_extents()->set_for_writing(true);
  ASSERT_EQ(h.ask(annas, grant)->reply.code(), 0u);
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 1u);
}

// Neither has a version yet; the release of one must not stand for the other's.
TEST(Upload, TwoUploadsTakenUpInOneSessionAreTwoReleases) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId lost = h.log_in("anna", anna);
  for (const char* name : {"f", "g"}) {
    ASSERT_TRUE(h.ask(lost, open_for_writing({"home", "anna", name}, true)));
  }
  h.vault().channel_ended(lost, "signal 9");
  h.pump();
  const ChannelId again = h.log_in("anna", anna);
  for (const char* name : {"f", "g"}) {
    const auto resumed = h.ask(again, open_for_writing({"home", "anna", name}, false));
    ASSERT_TRUE(resumed->reply.opened_file().resumed());
    channel::Request grant;
    grant.mutable_grant_extents()->set_handle(resumed->reply.opened_file().handle());
    grant.mutable_grant_extents()->set_count(1);
    grant.mutable_grant_extents()->set_for_writing(true);
    ASSERT_EQ(h.ask(again, grant)->reply.granted_extents().key_size(), 1);
  }
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), 2u);
}

TEST(Upload, RefusedWhenTheDiskIsNearlyFull) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  h.free_bytes = 1000;
  EXPECT_NE(h.upload(channel, {"home", "anna", "f"}, contents(10)).find("full"), std::string::npos);
  h.free_bytes = 1ULL << 40;
  EXPECT_EQ(h.upload(channel, {"home", "anna", "f"}, contents(10)), "");
}

TEST(Upload, TheCatalogueRebuiltFromTheJournalAnswersTheSame) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  ASSERT_EQ(h.upload(channel, {"home", "anna", "small"}, contents(100)), "");
  ASSERT_EQ(h.upload(channel, {"home", "anna", "large"}, contents(300'000)), "");
  ASSERT_TRUE(h.download(channel, {"home", "anna", "large"}));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(h.folder + "/deployment/catalogue.sqlite" + suffix);
  }
  h.restart();
  const ChannelId again = h.log_in("anna", anna);
  EXPECT_EQ(h.download(again, {"home", "anna", "small"}), contents(100));
  EXPECT_EQ(h.download(again, {"home", "anna", "large"}), contents(300'000));
  EXPECT_EQ(h.catalogue().spent_since({1}, 0)->files, 3u);
}

TEST(Upload, AfterItAnAnalystIsAskedForAndItsReadingIsJournalled) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  ASSERT_EQ(h.upload(h.log_in("anna", anna), {"home", "anna", "f"}, contents(100)), "");
  EXPECT_EQ(h.analysts_started, 1);
  const ChannelId analyst = h.start_analyst_channel();
  channel::Request take;
  take.mutable_take_analysis();
  const auto job = h.ask(analyst, take);
  ASSERT_TRUE(job && job->reply.has_analysis_job());
  EXPECT_EQ(job->reply.analysis_job().name(), "f");
  channel::Request grant;
  grant.mutable_grant_extents()->set_handle(job->reply.analysis_job().handle());
  grant.mutable_grant_extents()->set_count(1);
  ASSERT_EQ(h.ask(analyst, grant)->reply.code(), 0u);
  const auto entries = h.journal_entries();
  ASSERT_TRUE(entries.back().has_extents_released());
  EXPECT_EQ(entries.back().extents_released().purpose(), journal::ANALYSIS);
  // It has one file and nothing else.
  channel::Request list;
  list.mutable_open_directory()->mutable_path();
  EXPECT_FALSE(h.ask(analyst, list));
}

TEST(Upload, NothingOfNamesOrContentsIsOnTheDisk) {
  VaultHarness h;
  const auto anna = h.add_user("anna-maria-secretname");
  const ChannelId channel = h.log_in("anna-maria-secretname", anna);
  const std::string words = "HUSH HUSH contents that nobody reads ";
  std::string large;
  while (large.size() < 200'000)
    large += words;
  ASSERT_EQ(
      h.upload(channel, {"home", "anna-maria-secretname", "quiet-file-name.txt"}, as_bytes(words)),
      "");
  ASSERT_EQ(
      h.upload(channel, {"home", "anna-maria-secretname", "quiet-file-two.txt"}, as_bytes(large)),
      "");
  h.pump();
  h.restart();
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(h.folder + "/deployment")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const Bytes bytes = read_file(entry.path(), 1 << 28).value();
    for (const std::string_view secret : {"HUSH HUSH", "quiet-file", "secretname", "203.0.113.7"}) {
      EXPECT_EQ(as_text(bytes).find(secret), std::string_view::npos)
          << secret << " in " << entry.path();
      EXPECT_EQ(entry.path().string().find(secret), std::string::npos);
    }
  }
  EXPECT_GT(files, 3u);
}

}  // namespace
}  // namespace bulkhead::vault
