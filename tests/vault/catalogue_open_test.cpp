// Opening: what is kept, what is lost, and files that are not what they should be.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "catalogue_entries.h"
#include "vault/catalogue/schema.h"

namespace bulkhead::vault::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

void execute(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

void overwrite_at(const std::string& path, std::size_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class CatalogueOpenTest : public CatalogueTest {
 protected:
  void SetUp() override {
    story.begin();
    for (std::uint64_t id = 2; id < 200; ++id)
      story.folder(id, "folder " + std::to_string(id));
    ASSERT_TRUE(catalogue->checkpoint());
    entries = catalogue->applied();
  }
  void close() { catalogue.reset(); }
  void expect_made_anew(std::string_view kept) {
    catalogue = open_or_die(path);
    EXPECT_EQ(catalogue->applied(), 0U);
    EXPECT_FALSE(value_of(catalogue->node(kRootNode)).has_value());
    EXPECT_TRUE(fs::exists(path + std::string(kept)));
    replay();
    EXPECT_EQ(value_of(catalogue->count_children(kRootNode)), 198U);
  }
  void replay() {
    for (std::uint64_t i = catalogue->applied(); i < story.recorded().size(); ++i) {
      const Recorded& recorded = story.recorded()[i];
      ASSERT_TRUE(catalogue->apply(i, recorded.entry, recorded.payload));
    }
    ASSERT_TRUE(catalogue->checkpoint());
  }

  std::uint64_t entries = 0;
};

TEST_F(CatalogueOpenTest, OnlyTheOwnerMayReadTheFile) {
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(CatalogueOpenTest, WhatWasNotCheckpointedIsReplayed) {
  story.folder(500, "late");
  EXPECT_TRUE(value_of(catalogue->node(NodeId{500})).has_value());
  close();
  catalogue = open_or_die(path);
  EXPECT_EQ(catalogue->applied(), entries);
  EXPECT_EQ(catalogue->next_node().value, 200U);
  EXPECT_FALSE(value_of(catalogue->node(NodeId{500})).has_value());
  replay();
  EXPECT_TRUE(value_of(catalogue->node(NodeId{500})).has_value());
  EXPECT_EQ(catalogue->next_node().value, 501U);
}

// The files as they are on disk at that moment are what a kill leaves.
TEST_F(CatalogueOpenTest, AKillLeavesTheLastCheckpoint) {
  story.folder(500, "late");
  const std::string copy = folder.file("copy.db");
  fs::copy_file(path, copy);
  ASSERT_TRUE(fs::exists(path + "-wal"));
  fs::copy_file(path + "-wal", copy + "-wal");
  auto survivor = open_or_die(copy);
  EXPECT_EQ(survivor->applied(), entries);
  EXPECT_EQ(value_of(survivor->count_children(kRootNode)), 198U);
}

// Without the newest part of the write-ahead log, as a power failure may leave it.
TEST_F(CatalogueOpenTest, LosingTheTailGoesBackToAnOlderCheckpoint) {
  const auto wal_before = fs::file_size(path + "-wal");
  story.folder(500, "late");
  ASSERT_TRUE(catalogue->checkpoint());
  const std::string copy = folder.file("copy.db");
  fs::copy_file(path, copy);
  fs::copy_file(path + "-wal", copy + "-wal");
  ASSERT_GT(fs::file_size(copy + "-wal"), wal_before);
  fs::resize_file(copy + "-wal", fs::file_size(copy + "-wal") - 100);
  close();
  catalogue = open_or_die(copy);
  EXPECT_EQ(catalogue->applied(), entries);
  replay();
  EXPECT_TRUE(value_of(catalogue->node(NodeId{500})).has_value());
}

TEST_F(CatalogueOpenTest, ASecondProcessIsToldSoAndTheFileStays) {
  const auto second = open_sqlite_catalogue(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr("in use by another process"));
  EXPECT_FALSE(fs::exists(path + ".damaged-1"));
  story.folder(500, "late");
  EXPECT_TRUE(catalogue->checkpoint());
}

TEST_F(CatalogueOpenTest, SomethingThatIsNoDatabaseIsSetAside) {
  close();
  std::ofstream(path, std::ios::trunc) << std::string(10'000, 'x');
  expect_made_anew(".damaged-1");
  EXPECT_EQ(contents_of(path + ".damaged-1"), std::string(10'000, 'x'));
  close();
  std::ofstream(path, std::ios::trunc) << "again";
  expect_made_anew(".damaged-2");
}

TEST_F(CatalogueOpenTest, ADamagedPageIsNoticed) {
  close();
  const auto size = fs::file_size(path);
  ASSERT_GT(size, 40'960U);
  for (std::size_t page = 2; page < size / 4096; ++page)
    overwrite_at(path, page * 4096 + 8, std::string(64, '\xff'));
  expect_made_anew(".damaged-1");
}

TEST_F(CatalogueOpenTest, ATruncatedFileIsNoticed) {
  close();
  fs::resize_file(path, fs::file_size(path) / 2);
  expect_made_anew(".damaged-1");
}

TEST_F(CatalogueOpenTest, AnotherProgramsDatabaseIsSetAside) {
  close();
  fs::remove(path);
  execute(path, "CREATE TABLE other(x)");
  expect_made_anew(".damaged-1");
}

TEST_F(CatalogueOpenTest, ATriggerThatSomebodyAddedIsNotRun) {
  close();
  execute(path, "CREATE TRIGGER evil AFTER INSERT ON nodes BEGIN DELETE FROM grants; END");
  expect_made_anew(".damaged-1");
}

TEST_F(CatalogueOpenTest, ARowOfAnotherTypeIsAnError) {
  close();
  execute(path, "UPDATE users SET home = -5");
  catalogue = open_or_die(path);
  const auto user = catalogue->user(UserId{1});
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().code, ErrorCode::kCorrupt);
  close();
  execute(path, "UPDATE users SET home = 1, role = 3");
  catalogue = open_or_die(path);
  EXPECT_FALSE(catalogue->user(UserId{1}));
}

TEST_F(CatalogueOpenTest, ANewerFormatIsLeftAlone) {
  close();
  execute(path, fmt::format("UPDATE catalogue_format SET version = {}; CREATE TABLE to_come(x)",
                            kCatalogueFormat + 1));
  const auto opened = open_sqlite_catalogue(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNewerFormat);
  EXPECT_THAT(opened.error().message, HasSubstr("start that release"));
  EXPECT_THAT(opened.error().message, HasSubstr(path));
  EXPECT_FALSE(fs::exists(path + ".damaged-1"));
  execute(path, fmt::format("DROP TABLE to_come; UPDATE catalogue_format SET version = {}",
                            kCatalogueFormat));
  catalogue = open_or_die(path);
  EXPECT_EQ(catalogue->applied(), entries);
}

TEST_F(CatalogueOpenTest, AnOlderFormatIsRebuilt) {
  close();
  execute(path, "UPDATE catalogue_format SET version = 0");
  expect_made_anew(".older-1");
}

TEST_F(CatalogueOpenTest, AnEmptyFileIsAFreshOne) {
  close();
  fs::remove(path);
  std::ofstream(path, std::ios::trunc).flush();
  catalogue = open_or_die(path);
  EXPECT_EQ(catalogue->applied(), 0U);
  EXPECT_FALSE(fs::exists(path + ".damaged-1"));
}

TEST_F(CatalogueOpenTest, AFolderThatIsNotThereIsSaid) {
  const auto opened = open_sqlite_catalogue(folder.file("none/catalogue.db"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(opened.error().message, HasSubstr("none/catalogue.db"));
  EXPECT_FALSE(open_sqlite_catalogue(folder.file("")));
}

TEST_F(CatalogueOpenTest, ClearingForgetsEverythingForGood) {
  ASSERT_TRUE(catalogue->clear());
  EXPECT_EQ(catalogue->applied(), 0U);
  EXPECT_EQ(catalogue->next_node().value, 1U);
  close();
  catalogue = open_or_die(path);
  EXPECT_EQ(catalogue->applied(), 0U);
  EXPECT_FALSE(value_of(catalogue->user(UserId{1})).has_value());
  replay();
  EXPECT_EQ(value_of(catalogue->count_children(kRootNode)), 198U);
}

// SQLite 3.40's quick_check, which every opening asks, finds NULLs that are not there in tables
// WITHOUT ROWID whose key is not made of the first columns, in their order.
TEST_F(CatalogueOpenTest, KeysOfTablesWithoutRowidAreTheirFirstColumns) {
  close();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  sqlite3_stmt* query = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(database,
                               "SELECT tables.name, columns.name, columns.cid, columns.pk FROM "
                               "pragma_table_list AS tables, pragma_table_info(tables.name) AS "
                               "columns WHERE tables.wr = 1 AND columns.pk > 0",
                               -1, &query, nullptr),
            SQLITE_OK);
  int columns = 0;
  for (; sqlite3_step(query) == SQLITE_ROW; ++columns) {
    EXPECT_EQ(sqlite3_column_int(query, 2) + 1, sqlite3_column_int(query, 3))
        << sqlite3_column_text(query, 0) << "." << sqlite3_column_text(query, 1);
  }
  EXPECT_GT(columns, 20);
  sqlite3_finalize(query);
  sqlite3_close(database);
}

}  // namespace
}  // namespace bulkhead::vault::test
