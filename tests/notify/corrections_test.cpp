// The file of corrections: who may what, that nothing can be taken out of it, and what a crash
// leaves.
#include "notify/review/corrections_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace bulkhead::review {
namespace {

using exposure::Correction;
using exposure::CorrectionKind;
using testing::HasSubstr;

std::string person(unsigned number) {
  return fmt::format("p-{:032x}", number);
}

class Corrections : public testing::Test {
 protected:
  Corrections() {
    std::string name = (std::filesystem::temp_directory_path() / "bulkhead-review.XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Corrections() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "corrections.ndjson").string(); }
  std::string text() const {
    std::ifstream file(path(), std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }
  void put(const std::string& text) const { std::ofstream(path(), std::ios::binary) << text; }
  static NewEntry by(const std::string& name) {
    return {.by = name, .why = "looked at", .at = 1'700'000'000'000'000};
  }
  Result<std::uint64_t> add(CorrectionKind kind, const std::string& who = "Anna") const {
    Correction correction{.kind = kind};
    correction.persons.push_back({person(1), {{"a.csv", 12}}});
    if (kind == CorrectionKind::kMerge) correction.persons.push_back({person(2), {{"b.csv", 0}}});
    if (kind == CorrectionKind::kSplit) correction.others.push_back({"a.csv", 40});
    if (kind == CorrectionKind::kAddElement || kind == CorrectionKind::kRemoveElement)
      correction.elements.add(exposure::Element::kSsn);
    correction.address = {{"1 ELM ST"}, "ROLLA", "MO", "65401"};
    correction.addressee = "RITA ROE";
    return append_correction(path(), correction, by(who));
  }

  std::filesystem::path folder_;
};

TEST_F(Corrections, AreReadAsTheyWereWritten) {
  for (std::size_t i = 0; i < exposure::kCorrectionKinds; ++i)
    ASSERT_TRUE(add(static_cast<CorrectionKind>(i))) << i;
  const auto file = read_corrections(path());
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->records.size(), exposure::kCorrectionKinds);
  for (std::size_t i = 0; i < exposure::kCorrectionKinds; ++i) {
    const CorrectionRecord& record = file->records[i];
    EXPECT_EQ(record.correction.kind, static_cast<CorrectionKind>(i));
    EXPECT_EQ(record.correction.number, i + 1);
    EXPECT_EQ(record.by, "Anna");
    EXPECT_EQ(record.at, "2023-11-14T22:13:20Z");
    ASSERT_FALSE(record.correction.persons.empty());
    EXPECT_EQ(record.correction.persons[0].person, person(1));
    EXPECT_EQ(record.correction.persons[0].places[0],
              (exposure::CorrectionPlace{"a.csv", std::uint64_t{12}}));
  }
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Corrections, HighStakesNeedASecondPerson) {
  ASSERT_TRUE(add(CorrectionKind::kExclude));
  ASSERT_TRUE(add(CorrectionKind::kSplit));
  auto loaded = load_corrections(path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->waiting, 1U);
  ASSERT_EQ(loaded->in_force.size(), 1U);
  EXPECT_EQ(loaded->in_force[0].kind, CorrectionKind::kSplit);
  for (const char* same : {"Anna", "anna", " ANNA "}) {
    const Status refused = confirm_correction(path(), 1, by(same));
    ASSERT_FALSE(refused) << same;
    EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  }
  ASSERT_TRUE(confirm_correction(path(), 1, by("Ben")));
  loaded = load_corrections(path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->waiting, 0U);
  EXPECT_EQ(loaded->in_force.size(), 2U);
  EXPECT_FALSE(confirm_correction(path(), 1, by("Cleo")));  // not twice
  EXPECT_FALSE(confirm_correction(path(), 3, by("Cleo")));  // a confirmation is no correction
  EXPECT_FALSE(confirm_correction(path(), 9, by("Cleo")));
}

TEST_F(Corrections, WhatProtectsIsUndoneByTwoOnly) {
  ASSERT_TRUE(add(CorrectionKind::kProtectedAddress));
  ASSERT_TRUE(withdraw_correction(path(), 1, by("Anna")));
  EXPECT_EQ(load_corrections(path())->in_force.size(), 1U);
  EXPECT_FALSE(confirm_correction(path(), 1, by("Anna")));
  ASSERT_TRUE(confirm_correction(path(), 1, by("Ben")));
  EXPECT_EQ(load_corrections(path())->in_force.size(), 0U);
  EXPECT_EQ(load_corrections(path())->withdrawn, 1U);
  // The other way round: what takes somebody from the list is put back by one.
  ASSERT_TRUE(add(CorrectionKind::kExclude));
  ASSERT_TRUE(confirm_correction(path(), 4, by("Ben")));
  ASSERT_TRUE(withdraw_correction(path(), 4, by("Ben")));
  EXPECT_EQ(load_corrections(path())->in_force.size(), 0U);
  EXPECT_FALSE(withdraw_correction(path(), 4, by("Ben")));
}

TEST_F(Corrections, SenselessOnesAreRefused) {
  EXPECT_FALSE(append_correction(path(), {.kind = CorrectionKind::kExclude}, by("Anna")));
  Correction merge{.kind = CorrectionKind::kMerge};
  merge.persons = {{person(1), {}}, {person(1), {}}};
  EXPECT_FALSE(append_correction(path(), merge, by("Anna")));
  Correction address{.kind = CorrectionKind::kAddress};
  address.persons = {{person(1), {}}};
  address.address = {{"1 ELM ST"}, "", "MO", "65401"};
  EXPECT_FALSE(append_correction(path(), address, by("Anna")));
  EXPECT_FALSE(add(CorrectionKind::kExclude, ""));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Corrections, ALineThatWasChangedOrTakenOutShows) {
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(add(CorrectionKind::kSplit));
  const std::string whole = text();
  std::string changed = whole;
  changed.replace(changed.find("Anna"), 4, "Emma");
  put(changed);
  auto read = read_corrections(path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(read.error().message, HasSubstr(":2:"));
  const std::size_t second = whole.find('\n') + 1;
  const std::size_t third = whole.find('\n', second) + 1;
  put(whole.substr(0, second) + whole.substr(third));
  read = read_corrections(path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(add(CorrectionKind::kSplit));  // nothing is put behind such a file
}

// Whatever part of an append reached the disk: the entries before it are there, and the next one
// goes behind them.
TEST_F(Corrections, ACutLineIsNotAnEntry) {
  ASSERT_TRUE(add(CorrectionKind::kSplit));
  ASSERT_TRUE(add(CorrectionKind::kAddElement));
  const std::string whole = text();
  const std::size_t first = whole.find('\n') + 1;
  for (std::size_t length = first; length < whole.size(); ++length) {
    put(whole.substr(0, length));
    const auto read = read_corrections(path());
    ASSERT_TRUE(read) << length;
    EXPECT_EQ(read->records.size(), 1U) << length;
    EXPECT_EQ(read->unfinished, length > first);
    const auto number = add(CorrectionKind::kAddElement);
    ASSERT_TRUE(number) << length;
    EXPECT_EQ(*number, 2U);
    EXPECT_EQ(text(), whole) << length;
  }
}

// No run goes on without what the line may have decided.
TEST_F(Corrections, ACutLineIsNoRunsBusinessToLeaveOut) {
  ASSERT_TRUE(add(CorrectionKind::kSplit));
  ASSERT_TRUE(add(CorrectionKind::kProtectedAddress));
  const std::string whole = text();
  for (const std::size_t length : {whole.size() - 1, whole.size() - 20, whole.find('\n') + 2}) {
    put(whole.substr(0, length));
    const auto loaded = load_corrections(path());
    ASSERT_FALSE(loaded) << length;
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(loaded.error().message, HasSubstr("corrections.ndjson:2: "));
  }
  put(whole);
  EXPECT_EQ(load_corrections(path())->in_force.size(), 2U);
}

TEST_F(Corrections, NewerAndBrokenFilesSayWhere) {
  put("{\"version\":2,\"entry\":1,\"previous\":\"\"}\n");
  EXPECT_EQ(read_corrections(path()).error().code, ErrorCode::kNewerFormat);
  put("no json\n");
  EXPECT_THAT(read_corrections(path()).error().message, HasSubstr(":1: is no JSON object"));
  std::filesystem::remove(path());
  EXPECT_EQ(load_corrections(path()).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace bulkhead::review
