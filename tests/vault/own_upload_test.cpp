// What a channel may do with what it is still writing: rename it and remove it, as with a file.
#include "processes/content/stored_content.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using Path = std::vector<std::string>;

struct Writing {
  std::uint64_t handle = 0;
  std::uint32_t code = 0;
};

Writing begin(VaultHarness& h, ChannelId channel, const Path& path) {
  channel::Request request;
  auto* wanted = request.mutable_open_file();
  *wanted->mutable_path() = VaultHarness::path(path);
  wanted->set_write(true);
  wanted->set_create(true);
  wanted->set_truncate(true);
  const auto opened = h.ask(channel, std::move(request));
  return opened ? Writing{opened->reply.opened_file().handle(), opened->reply.code()} : Writing{};
}

// Of small contents, which need no part.
std::uint32_t commit(VaultHarness& h, ChannelId channel, const Writing& writing) {
  channel::Request request;
  auto* message = request.mutable_commit_upload();
  message->set_handle(writing.handle);
  store::VersionDescription empty;
  empty.kind = store::ContentKind::kEmpty;
  message->set_description(to_string(ByteView(empty.serialise())));
  const auto committed = h.ask(channel, std::move(request));
  return committed ? committed->reply.code() : ~0U;
}

std::uint32_t rename(VaultHarness& h, ChannelId channel, const Path& from, const Path& to,
                     bool replace = true) {
  channel::Request request;
  *request.mutable_rename()->mutable_from() = VaultHarness::path(from);
  *request.mutable_rename()->mutable_to() = VaultHarness::path(to);
  request.mutable_rename()->set_replace(replace);
  return h.ask(channel, std::move(request))->reply.code();
}

std::uint32_t remove(VaultHarness& h, ChannelId channel, const Path& path) {
  channel::Request request;
  *request.mutable_remove_file()->mutable_path() = VaultHarness::path(path);
  return h.ask(channel, std::move(request))->reply.code();
}

bool exists(VaultHarness& h, ChannelId channel, const Path& path) {
  channel::Request request;
  *request.mutable_stat()->mutable_path() = VaultHarness::path(path);
  return h.ask(channel, std::move(request))->reply.code() == 0;
}

class OwnUpload : public testing::Test {
 protected:
  OwnUpload() {
    make_directory({"home", "anna", "d"});
    EXPECT_EQ(h.upload(channel, f, as_bytes("old")), "");
  }
  void make_directory(const Path& path) {
    channel::Request request;
    *request.mutable_make_directory()->mutable_path() = VaultHarness::path(path);
    EXPECT_EQ(h.ask(channel, std::move(request))->reply.code(), 0u);
  }

  VaultHarness h;
  crypto::Ed25519KeyPair anna = h.add_user("anna");
  ChannelId channel = h.log_in("anna", anna);
  const Path f{"home", "anna", "f"}, g{"home", "anna", "g"}, n{"home", "anna", "n"};
};

TEST_F(OwnUpload, IsCommittedUnderItsNewName) {
  const Writing writing = begin(h, channel, n);
  EXPECT_EQ(rename(h, channel, n, {"home", "anna", "d", "m"}), 0u);
  EXPECT_EQ(h.count(journal::Entry::kUploadRenamed), 1u);
  EXPECT_EQ(commit(h, channel, writing), 0u);
  EXPECT_FALSE(exists(h, channel, n));
  EXPECT_TRUE(exists(h, channel, {"home", "anna", "d", "m"}));
}

TEST_F(OwnUpload, ReplacesWhatHasItsNewNameWhenItIsCommitted) {
  const Writing writing = begin(h, channel, n);
  EXPECT_NE(rename(h, channel, n, f, false), 0u);
  EXPECT_EQ(rename(h, channel, n, f), 0u);
  EXPECT_EQ(h.download(channel, f), to_bytes(as_bytes("old")));
  EXPECT_EQ(rename(h, channel, f, g), 0u);  // both of them
  EXPECT_EQ(commit(h, channel, writing), 0u);
  EXPECT_EQ(h.download(channel, g), Bytes{});
  EXPECT_FALSE(exists(h, channel, f));
}

TEST_F(OwnUpload, OfAFileFollowsTheFile) {
  const Writing writing = begin(h, channel, f);
  EXPECT_EQ(rename(h, channel, f, g), 0u);
  EXPECT_EQ(h.upload(channel, f, as_bytes("another")), "");
  EXPECT_EQ(commit(h, channel, writing), 0u);
  EXPECT_EQ(h.download(channel, g), Bytes{});
  EXPECT_EQ(h.download(channel, f), to_bytes(as_bytes("another")));
}

TEST_F(OwnUpload, ThatIsRemovedBecomesNoFile) {
  for (const Path& path : {n, f}) {
    const Writing writing = begin(h, channel, path);
    EXPECT_EQ(remove(h, channel, path), 0u);
    EXPECT_NE(commit(h, channel, writing), 0u);
    EXPECT_FALSE(exists(h, channel, path));
  }
  EXPECT_NE(remove(h, channel, n), 0u);
}

TEST_F(OwnUpload, ThatIsReplacedBecomesNoFile) {
  const Writing writing = begin(h, channel, n);
  EXPECT_EQ(rename(h, channel, f, n), 0u);
  EXPECT_NE(commit(h, channel, writing), 0u);
  EXPECT_EQ(h.download(channel, n), to_bytes(as_bytes("old")));
}

TEST_F(OwnUpload, MovesOnlyWhereItsUserMayWriteAndByItsOwnChannel) {
  const Writing writing = begin(h, channel, n);
  EXPECT_NE(rename(h, h.log_in("anna", anna), n, g), 0u);
  h.add_user("bert");
  EXPECT_NE(rename(h, channel, n, {"home", "bert", "n"}), 0u);
  EXPECT_NE(rename(h, channel, n, {"n"}), 0u);
  EXPECT_NE(rename(h, channel, n, {"home", "anna", "d"}), 0u);
  EXPECT_NE(rename(h, channel, n, {"home", "anna", "none", "n"}), 0u);
  EXPECT_EQ(rename(h, channel, n, n), 0u);
  EXPECT_EQ(commit(h, channel, writing), 0u);
  EXPECT_TRUE(exists(h, channel, n));
}

TEST_F(OwnUpload, ThatWasLeftIsResumedUnderItsNewName) {
  begin(h, channel, n);
  EXPECT_EQ(rename(h, channel, n, g), 0u);
  h.restart();
  const ChannelId again = h.log_in("anna", anna);
  EXPECT_TRUE(exists(h, again, g));
  EXPECT_FALSE(exists(h, again, n));
}

}  // namespace
}  // namespace bulkhead::vault
