// Opening a deployment's folder: what was slipped into it, what is missing from it.
#include "processes/vault/deployment.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "local_keeper_source.h"

namespace bulkhead::processes {
namespace {

class DeploymentFolder : public testing::Test {
 protected:
  DeploymentFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "bulkhead-deployment-XXXXXX").string();
    BH_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    base = pattern;
    const Status created =
        create_deployment({base + "/d", base + "/root.key", "main", {}}, local_keeper(true));
    EXPECT_TRUE(created) << created.error().message;
    reopen();
  }
  ~DeploymentFolder() override { std::filesystem::remove_all(base); }

  // Opens, and closes as a vault that stops does.
  void reopen() {
    auto deployment = Deployment::open(base + "/d", local_keeper());
    ASSERT_TRUE(deployment) << deployment.error().message;
    ASSERT_TRUE((*deployment)->close());
  }
  std::string refusal() { return Deployment::open(base + "/d", local_keeper()).error().message; }
  void sql(const char* statement) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((base + "/d/catalogue.sqlite").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  std::uint64_t rows_of_grants() {
    auto deployment = Deployment::open(base + "/d", local_keeper());
    EXPECT_TRUE(deployment);
    std::uint64_t rows = 0;
    {
      auto pool = vault::WorkerPool::start(1, 1).value();
      struct Nobody final : vault::Outbox, vault::Processes {
        void send(vault::ChannelId, channel::Reply, std::vector<UniqueFd>) override {}
        void end(vault::ChannelId) override {}
        void peer_offended(const std::string&, Offence) override {}
        void start_analyst() override {}
        void start_compactor() override {}
        void kill(std::vector<vault::ChannelId>, std::function<void(std::uint32_t)>) override {}
        void accept_clients(bool) override {}
      } nobody;
      rows =
          (*deployment)->parts(*pool, nobody, nobody).catalogue.grants_on(vault::kRootNode)->size();
    }
    EXPECT_TRUE((*deployment)->close());
    return rows;
  }
  std::string base;
};

TEST_F(DeploymentFolder, ARowThatWasSlippedIntoTheCatalogueGrantsNothing) {
  EXPECT_EQ(rows_of_grants(), 0u);
  sql("INSERT INTO grants(node, user, rights) VALUES (1, 1, 15)");
  EXPECT_EQ(rows_of_grants(), 0u);
}

TEST_F(DeploymentFolder, ACatalogueWithItsOldSealIsNotTakenTwice) {
  const auto seal = base + "/d/catalogue.sqlite.seal";
  const Bytes kept = read_file(seal, 100).value();
  sql("INSERT INTO grants(node, user, rights) VALUES (1, 1, 15)");
  ASSERT_TRUE(replace_file(seal, kept));
  EXPECT_EQ(rows_of_grants(), 0u);
}

TEST_F(DeploymentFolder, AMissingCatalogueIsMadeAnew) {
  std::filesystem::remove(base + "/d/catalogue.sqlite");
  reopen();
}

TEST_F(DeploymentFolder, EachThingThatIsWrongIsOneSentence) {
  std::filesystem::rename(base + "/root.key", base + "/elsewhere.key");
  EXPECT_NE(refusal().find("is missing"), std::string::npos) << refusal();
  ASSERT_TRUE(replace_file(base + "/root.key",
                           as_bytes("bulkhead-root-key-1 " + std::string(64, 'a') + "\n")));
  EXPECT_NE(refusal().find("another deployment's"), std::string::npos) << refusal();
  std::filesystem::rename(base + "/elsewhere.key", base + "/root.key");
  std::filesystem::permissions(base + "/root.key", std::filesystem::perms(0644));
  EXPECT_NE(refusal().find("chmod 600"), std::string::npos) << refusal();
  std::filesystem::permissions(base + "/root.key", std::filesystem::perms(0600));
  ASSERT_TRUE(replace_file(base + "/d/format", as_bytes("bulkhead deployment 2\n")));
  EXPECT_NE(refusal().find("newer release"), std::string::npos) << refusal();
  std::filesystem::remove(base + "/d/format");
  EXPECT_NE(refusal().find("not a Bulkhead deployment"), std::string::npos) << refusal();
}

TEST_F(DeploymentFolder, AJournalThatLostEntriesIsRefused) {
  std::filesystem::remove_all(base + "/d/journal");
  std::filesystem::create_directory(base + "/d/journal");
  EXPECT_NE(refusal().find("empty"), std::string::npos) << refusal();
}

TEST_F(DeploymentFolder, OnlyOneVaultAtATime) {
  const auto first = Deployment::open(base + "/d", local_keeper());
  ASSERT_TRUE(first);
  const auto second = Deployment::open(base + "/d", local_keeper());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace bulkhead::processes
