// Public sample files beside the project (../shared/data): skipped where they are missing. Nothing
// of them is copied.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "helpers.h"
#include "tiny_json.h"

namespace bulkhead::exposure::test {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(BULKHEAD_SOURCE_DIR) / "../shared/data/dev";

class DevData : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kData / "EXPECTED.json"))
      GTEST_SKIP() << "no sample files at ../shared/data/dev: nothing is checked";
    expected_ = JsonParser::parse(read("EXPECTED.json"));
  }
  static std::string read(const std::string& name) {
    std::ifstream in(kData / name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  static Exposure resolve_file(const std::string& name) { return resolve_text(read(name), name); }
  Json expected_;
};

std::string upper(std::string text) {
  for (char& c : text)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

// "ROBERT J SMITH" of the expected answers, as one of our names.
bool is_called(const Person& person, const std::string& wanted) {
  for (const PersonName& name : person.names) {
    std::string text;
    for (const std::string* part : {&name.first, &name.middle, &name.last, &name.suffix}) {
      if (!part->empty()) text += (text.empty() ? "" : " ") + *part;
    }
    if (upper(text) == upper(wanted)) return true;
  }
  return false;
}

void expect_persons(const Json& truth, const Exposure& exposure, const std::string& file) {
  if (truth["persons"].kind == Json::kNumber) {
    EXPECT_EQ(exposure.roles[0].count, static_cast<std::uint64_t>(truth["persons"].number)) << file;
  }
  EXPECT_EQ(exposure.roles[2].count, static_cast<std::uint64_t>(truth["providers"].number)) << file;
  for (const auto& [word, count] : truth["elements"].members) {
    const auto element = element_from(word);
    ASSERT_TRUE(element.has_value()) << word;
    std::uint64_t found = 0;
    for (const Person* person : persons_of(exposure, Role::kMember))
      found += person->elements.has(*element) ? 1 : 0;
    EXPECT_EQ(found, static_cast<std::uint64_t>(count.number)) << file << " " << word;
  }
  for (const Json& person : truth["person_list"].items) {
    if (person.kind != Json::kObject || person["name"].kind != Json::kText) continue;
    const auto at =
        std::find_if(exposure.persons.begin(), exposure.persons.end(),
                     [&](const Person& p) { return is_called(p, person["name"].text); });
    ASSERT_NE(at, exposure.persons.end()) << file << ": somebody is missing";
    if (person.has("dob") && person["dob"].kind == Json::kText) {
      EXPECT_EQ(at->dates_of_birth, std::vector<std::string>{person["dob"].text}) << file;
    }
    if (person.has("ssn")) {
      EXPECT_TRUE(has_identifier(*at, IdentifierType::kSsn, person["ssn"].text)) << file;
    }
    if (!person.has("member_id")) continue;
    for (const Json& id : person["member_id"].items)
      EXPECT_TRUE(has_identifier(*at, IdentifierType::kMemberId, id.text)) << file;
  }
}

TEST_F(DevData, ExpectedAnswers) {
  unsigned checked = 0;
  for (const auto& [file, truth] : expected_.members) {
    const std::string folder = file.substr(0, file.find('/'));
    if (folder != "x12" && folder != "csv" && folder != "cms_rif" && folder != "cms_synpuf")
      continue;
    const Exposure exposure = resolve_file(file);
    ASSERT_EQ(exposure.files.size(), 1U);
    if (!exposure.files[0].report.read) {
      EXPECT_FALSE(exposure.complete()) << file << " is not read and must say so";
      continue;
    }
    expect_persons(truth, exposure, file);
    ++checked;
  }
  EXPECT_GE(checked, 4U);
}

TEST_F(DevData, BeneficiariesOfElevenYearsAreThree) {
  std::vector<NamedText> files;
  for (const auto& entry : fs::directory_iterator(kData / "cms_rif")) {
    const std::string name = entry.path().filename().string();
    if (name.find("beneficiary_") != std::string::npos)
      files.push_back({name, read("cms_rif/" + name)});
  }
  ASSERT_EQ(files.size(), 11U);
  EXPECT_EQ(resolve_texts(files).roles[0].count, 3U);
}

struct Frozen {
  const char* file;
  std::uint64_t members, related, providers;
};

// Looked at by eye, then frozen: where the expected answers are silent.
TEST_F(DevData, LookedAt) {
  const Frozen cases[] = {
      {"x12/pyx12__834_ls_le_ls.txt", 1, 2, 0},
      {"x12/inteligenz__INS__834__5010_Dhcs_Example1.txt", 1, 0, 0},
      {"x12/pyx12__multiple_st_loops.txt", 1, 0, 0},
      {"x12/imsweb__837_5010_x12_many_claims.txt", 2, 0, 0},
      {"x12/imsweb__837_5010_x12_no_isa_line.txt", 1, 0, 0},
      {"x12/imsweb__837_5010_x12_bad_first_line.txt", 2, 0, 0},
      {"x12/imsweb__837_5010_x12_valid_different_separators.txt", 2, 0, 0},
      {"x12/imsweb__837_5010_x223-test.txt", 3, 0, 0},
      {"x12/inteligenz__INS__837D__4010_Spec_4.1.2B_COB.txt", 3, 0, 1},
      {"x12/inteligenz__INS__837I__4010_Spec_4.2.2_WorkersCompensation.txt", 1, 0, 2},
      {"x12/inteligenz__INS__837P__5010_ST1309-XX.txt", 3, 0, 2},
      {"x12/imsweb__x270_271_x270.txt", 1, 0, 0},
      {"x12/inteligenz__Eligibility_TestData__271__5010_ValidationForSourceName.txt", 0, 0, 0},
      {"x12/pyx12__835_mult_loops.txt", 1, 0, 0},
      {"x12/inteligenz__INS__835__4010_Example1_GripElements.txt", 9, 0, 0},
      {"csv/presidio__tests_data_FakeNameGenerator.com_100.csv", 100, 0, 0},
      {"csv/synthea__organizations.csv", 0, 0, 0},
      {"csv/synthea__payers.csv", 0, 0, 0},
      {"csv/synthea__observations.csv", 27, 0, 0},
      {"cms_synpuf/etlcms__DE1_0_2008_Beneficiary_Summary_File_Sample_0.csv", 2, 0, 0},
  };
  for (const Frozen& test : cases) {
    const Exposure exposure = resolve_file(test.file);
    EXPECT_EQ(exposure.roles[0].count, test.members) << test.file;
    EXPECT_EQ(exposure.roles[1].count, test.related) << test.file;
    EXPECT_EQ(exposure.roles[2].count, test.providers) << test.file;
    EXPECT_TRUE(exposure.complete()) << test.file;
  }
}

// Whatever there is in the folder: no crash, no file without a word about it, evidence within the
// file.
TEST_F(DevData, EveryFileHasAnAnswer) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kData)) {
    if (!entry.is_regular_file() || entry.file_size() > 4'000'000) continue;
    const std::string text = read(fs::relative(entry.path(), kData).string());
    const FileFindings findings = analyse_text(text, entry.path().filename().string());
    EXPECT_FALSE(findings.report.format.empty()) << entry.path();
    EXPECT_TRUE(findings.report.read || findings.report.bytes_not_understood > 0) << entry.path();
    for (std::uint32_t i = 0; i < findings.persons.size(); ++i) {
      for (const Evidence& place : findings.persons.evidence(i))
        ASSERT_LE(place.offset + place.length, text.size());
    }
    ++files;
  }
  EXPECT_GT(files, 100U);
}

}  // namespace
}  // namespace bulkhead::exposure::test
