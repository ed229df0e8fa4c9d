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
  // With the copybooks that lie beside it.
  static Exposure resolve_file(const std::string& name) {
    static const Rules rules = default_rules();
    static LayoutShelf shelf(rules);
    const Layouts layouts = shelf.for_file((kData / name).string());
    std::vector<NamedFindings> files;
    files.push_back({name, analyse_text(read(name), name, rules, layouts)});
    return resolve(std::move(files), {}, {.as_of = kToday});
  }
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
    if (folder != "x12" && folder != "csv" && folder != "cms_rif" && folder != "cms_synpuf" &&
        folder != "ebcdic" && folder != "hl7v2" && folder != "ncpdp" && folder != "fhir" &&
        folder != "nacha")
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

// One beneficiary: claims and cover name the patient by reference only.
TEST_F(DevData, ThreeFilesOfOneExportAreOneBeneficiary) {
  std::vector<NamedText> files;
  for (const char* name : {"Patient", "Coverage", "ExplanationOfBenefit"}) {
    const std::string file = std::string("fhir/bcda__") + name + ".ndjson";
    files.push_back({file, read(file)});
  }
  const Exposure exposure = resolve_texts(files);
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_TRUE(exposure.persons[0].elements.has(Element::kClaim));
  EXPECT_TRUE(exposure.persons[0].elements.has(Element::kEligibility));
  EXPECT_TRUE(exposure.persons[0].elements.has(Element::kName));
}

// Cards lead to their customers only through the cross-reference file.
TEST_F(DevData, ThreeMainframeFilesAreFiftyCustomers) {
  static const Rules rules = default_rules();
  LayoutShelf shelf(rules);
  std::vector<NamedFindings> files;
  for (const char* name :
       {"carddemo__AWS.M2.CARDDEMO.CARDDATA.PS", "carddemo__AWS.M2.CARDDEMO.CARDXREF.PS",
        "carddemo__AWS.M2.CARDDEMO.CUSTDATA.PS"}) {
    const Layouts layouts = shelf.for_file((kData / "ebcdic" / name).string());
    files.push_back(
        {name, analyse_text(read(std::string("ebcdic/") + name), name, rules, layouts)});
  }
  const Exposure exposure = resolve(std::move(files), {}, {.as_of = kToday});
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, 50U);
  EXPECT_EQ(exposure.found_persons[static_cast<std::size_t>(Element::kPaymentCard)], 50U);
  EXPECT_EQ(exposure.found_persons[static_cast<std::size_t>(Element::kDateOfBirth)], 50U);
}

// One line of looked_at.txt, but for the file's name: what there is to say of a file, in short.
std::string digest(const Exposure& exposure) {
  std::ostringstream text;
  text << exposure.roles[0].count << ' ' << exposure.roles[1].count << ' '
       << exposure.roles[2].count << ' ' << exposure.files[0].report.bytes_not_understood;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (exposure.found_persons[e] > 0)
      text << ' ' << to_string(static_cast<Element>(e)) << '=' << exposure.found_persons[e];
  }
  return text.str();
}

// Looked at by eye, then frozen: members, related persons, providers, bytes not understood, and how
// many persons have which element. Where the expected answers say something, they say the same.
TEST_F(DevData, LookedAt) {
  std::ifstream list(fs::path(BULKHEAD_SOURCE_DIR) / "tests/exposure/looked_at.txt");
  ASSERT_TRUE(list.good());
  std::size_t files = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.find(' ');
    const std::string file = line.substr(0, space);
    EXPECT_EQ(digest(resolve_file(file)), line.substr(space + 1)) << file;
    ++files;
  }
  EXPECT_GT(files, 100U);
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
