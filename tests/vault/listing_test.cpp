// Listings: by pages, each name once, journalled and charged with what can be seen.
#include <fmt/format.h>

#include <set>

#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using Path = std::vector<std::string>;

std::uint64_t open_directory(VaultHarness& h, ChannelId channel, const Path& path) {
  channel::Request request;
  *request.mutable_open_directory()->mutable_path() = VaultHarness::path(path);
  const auto opened = h.ask(channel, std::move(request));
  return opened ? opened->reply.opened_directory().handle() : 0;
}

channel::DirectoryEntries read_page(VaultHarness& h, ChannelId channel, std::uint64_t handle) {
  channel::Request request;
  request.mutable_read_directory()->set_handle(handle);
  auto page = h.ask(channel, std::move(request));
  EXPECT_TRUE(page && page->reply.code() == 0);
  return page ? page->reply.directory_entries() : channel::DirectoryEntries{};
}

std::multiset<std::string> list(VaultHarness& h, ChannelId channel, const Path& path) {
  std::multiset<std::string> names;
  const std::uint64_t handle = open_directory(h, channel, path);
  for (int pages = 0; pages < 100; ++pages) {
    const channel::DirectoryEntries page = read_page(h, channel, handle);
    EXPECT_LE(page.entry_size(), 200);
    for (const auto& entry : page.entry())
      names.insert(entry.name());
    if (page.end()) return names;
  }
  ADD_FAILURE() << "the listing has no end";
  return names;
}

void make_directory(VaultHarness& h, ChannelId channel, const Path& path) {
  channel::Request request;
  *request.mutable_make_directory()->mutable_path() = VaultHarness::path(path);
  ASSERT_EQ(h.ask(channel, std::move(request))->reply.code(), 0u);
}

void begin_upload(VaultHarness& h, ChannelId channel, const Path& path) {
  channel::Request request;
  auto* wanted = request.mutable_open_file();
  *wanted->mutable_path() = VaultHarness::path(path);
  wanted->set_write(true);
  wanted->set_create(true);
  wanted->set_truncate(true);
  ASSERT_EQ(h.ask(channel, std::move(request))->reply.code(), 0u);
}

std::uint64_t names_journalled(VaultHarness& h) {
  std::uint64_t names = 0;
  for (const journal::Entry& entry : h.journal_entries())
    names += entry.listing_released().names();
  return names;
}

TEST(Listing, EveryNameOnceAlsoWhenTheFolderChangesMeanwhile) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const ChannelId channel = h.log_in("anna", anna);
  std::multiset<std::string> expected;
  const NodeId home_id = h.catalogue().user(UserId{1}).value().value().home;
  const NodeRow home = h.catalogue().node(home_id).value().value();
  for (int i = 0; i < 450; ++i) {  // not by a client, which would wait for each
    const std::string name = fmt::format("d{}", i);
    ASSERT_TRUE(h.vault().make_folder(home.id, name, home.organisation, home.creator, {}, 0755));
    expected.insert(name);
  }
  h.pump();
  EXPECT_EQ(list(h, channel, {"home", "anna"}), expected);
  EXPECT_EQ(names_journalled(h), 450u);

  const std::uint64_t handle = open_directory(h, channel, {"home", "anna"});
  EXPECT_EQ(read_page(h, channel, handle).entry_size(), 200);
  channel::Request remove;
  *remove.mutable_remove_directory()->mutable_path() = VaultHarness::path({"home", "anna", "d5"});
  ASSERT_EQ(h.ask(channel, std::move(remove))->reply.code(), 0u);
  make_directory(h, channel, {"home", "anna", "later"});
  EXPECT_EQ(read_page(h, channel, handle).entry_size(), 200);
  const auto last = read_page(h, channel, handle);
  ASSERT_EQ(last.entry_size(), 51);
  EXPECT_EQ(last.entry(50).name(), "later");
}

TEST(Listing, OnesOwnUploadsAreThereHoweverMany) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  const auto bert = h.add_user("bert");
  admin::Request folder;
  folder.mutable_add_folder()->set_path("/shared");
  for (const char* user : {"anna", "bert"}) {
    auto* member = folder.mutable_add_folder()->add_member();
    member->set_user(user);
    member->set_rights("read,write,list,delete");
  }
  ASSERT_EQ(h.administer(folder).back().code(), 0u);
  const ChannelId first = h.log_in("anna", anna);
  const ChannelId second = h.log_in("anna", anna);
  const ChannelId other = h.log_in("bert", bert);
  ASSERT_EQ(h.upload(first, {"shared", "u7"}, {}), "");  // finished, and begun anew below
  std::multiset<std::string> expected;
  for (int i = 0; i < 210; ++i) {
    const std::string name = fmt::format("u{}", i);
    begin_upload(h, first, {"shared", name});
    expected.insert(name);
  }
  begin_upload(h, second, {"shared", "u9"});  // one name, two uploads
  EXPECT_EQ(list(h, first, {"shared"}), expected);
  EXPECT_EQ(list(h, other, {"shared"}), (std::multiset<std::string>{"u7"}));
}

TEST(Listing, AWayThroughShowsAndCostsOnlyWhatLeadsOn) {
  VaultHarness h;
  const auto anna = h.add_user("anna");
  for (int i = 0; i < 20; ++i)
    h.add_user(fmt::format("other{}", i));
  const ChannelId channel = h.log_in("anna", anna);
  EXPECT_EQ(list(h, channel, {"home"}), (std::multiset<std::string>{"anna"}));
  EXPECT_EQ(list(h, channel, {}), (std::multiset<std::string>{"home"}));
  EXPECT_EQ(names_journalled(h), 2u);
}

}  // namespace
}  // namespace bulkhead::vault
