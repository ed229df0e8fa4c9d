#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/fd.h"
#include "exposure/progress.h"
#include "generate/generate.h"
#include "helpers.h"
#include "tiny_json.h"

namespace bulkhead::exposure::test {
namespace {

namespace fs = std::filesystem;

class Scan : public testing::Test {
 protected:
  Scan() {
    std::string pattern = (fs::temp_directory_path() / "bulkhead-scan-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Scan() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string put(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  static std::string get(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  ScanOptions options(std::vector<std::string> paths) const {
    ScanOptions options;
    options.paths = std::move(paths);
    options.outputs = {.persons = path("persons.ndjson"),
                       .summary = path("summary.json"),
                       .csv = path("persons.csv")};
    options.manifest = path("manifest.json");
    options.as_of = kToday;
    options.program_version = "test";
    return options;
  }

  fs::path folder_;
};

TEST_F(Scan, ExplainsAPerson) {
  const std::string text =
      x834("INS*Y*18*021~REF*0F*M1~NM1*IL*1*DOE*JANE****34*212341234~DMG*D8*19740309*F~");
  put("in/a.834", text);
  ScanOptions with = options({path("in")});
  std::ostringstream table, messages;
  const auto outcome = scan(with, table, messages);
  ASSERT_TRUE(outcome.has_value());
  ASSERT_EQ(outcome->resolution.size(), 1U);
  const Person person = outcome->resolution.person(0);
  with.explain = person.id.substr(0, 10);
  std::ostringstream explained;
  ASSERT_TRUE(scan(with, explained, messages).has_value());
  const std::string shown = explained.str();
  EXPECT_NE(shown.find(person.id), std::string::npos);
  EXPECT_NE(shown.find("a.834: read as x12-834 by guide 005010X220A1"), std::string::npos) << shown;
  const std::size_t line = shown.find("  ssn ");
  ASSERT_NE(line, std::string::npos);
  EXPECT_NE(shown.find(fmt::format("{}, ", text.find("212341234")), line), std::string::npos);
  EXPECT_NE(shown.find("NM109", line), std::string::npos);
  EXPECT_EQ(shown.find("212341234"), std::string::npos) << "no values in an explanation";
  with.explain = "p-nobody";
  const auto nobody = scan(with, table, messages);
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().code, ErrorCode::kNotFound);
}

// Whoever stops a scan gets what was read by then, and a word about what was not.
TEST_F(Scan, StoppedIsAPartialResult) {
  std::string text = "Member ID,Last Name,First Name,DOB\n";
  for (int i = 0; i < 60'000; ++i)
    text += fmt::format("M{:05},DOE,JANE{},1974-03-09\n", i, i);
  put("in/a.csv", text);
  put("in/b.csv", "Member ID,Last Name,First Name,DOB\nM1,ROE,ED,1975-01-02\n");
  std::atomic<bool> stop = true;
  ScanOptions with = options({path("in")});
  with.stop = &stop;
  std::ostringstream table, messages;
  const auto outcome = scan(with, table, messages);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->exit_code(), 3);
  EXPECT_EQ(outcome->resolution.size(), 0U);
  EXPECT_NE(get(path("summary.json")).find("not read: the scan was stopped"), std::string::npos);

  MemorySource bytes(as_bytes(text));
  Progress progress(false, 1, 0, messages);
  stop = false;
  WatchedSource source(bytes, progress, &stop);
  Bytes buffer(1000);
  EXPECT_EQ(*source.read_at(0, buffer), 1000U);
  stop = true;
  EXPECT_EQ(*source.read_at(500, buffer), 500U);  // what was read once may be read again
  EXPECT_EQ(*source.read_at(1000, buffer), 0U);
  EXPECT_TRUE(source.stopped());
  EXPECT_EQ(source.reached(), 1000U);
}

TEST(Progress, RateAndTimeLeft) {
  EXPECT_EQ(progress_text(0, 3'400'000'000, 0), "0.0 of 3.4 GB");
  EXPECT_EQ(progress_text(1'000'000'000, 3'000'000'000, 2), "1.0 of 3.0 GB, 500 MB/s, 4 s left");
  EXPECT_EQ(progress_text(5'000'000, 10'000'000, 1), "5.0 of 10.0 MB, 5 MB/s, 1 s left");
}

TEST_F(Scan, WritesEverythingAndNamesFiles) {
  put("in/b/second.834", x834("INS*Y*18*021~REF*0F*M1~NM1*IL*1*DOE*JANE~DMG*D8*19740309*F~"));
  put("in/a.csv",
      "Member ID,Last Name,First Name,DOB\nM1,DOE,JANE,1974-03-09\nM2,\"=2+2\",ED,1975-01-02\n");
  std::ostringstream table, messages;
  const auto outcome = scan(options({path("in")}), table, messages);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code(), 0);
  EXPECT_EQ(outcome->resolution.size(), 2U);
  ASSERT_EQ(outcome->resolution.totals().files.size(), 2U);
  EXPECT_EQ(outcome->resolution.totals().files[0].file, "a.csv");
  EXPECT_EQ(outcome->resolution.totals().files[1].file, "b/second.834");
  EXPECT_NE(table.str().find("none found (2 files read wholly"), std::string::npos);
  struct stat info{};
  ASSERT_EQ(::stat(path("persons.ndjson").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_NE(get(path("persons.csv")).find("'=2+2"), std::string::npos);  // no spreadsheet runs it
  // The outputs are what the contract says.
  std::istringstream lines(get(path("persons.ndjson")));
  int persons = 0;
  for (std::string line; std::getline(lines, line); ++persons) {
    const Json person = JsonParser::parse(line);
    for (const char* member :
         {"person", "role", "identifiable", "names", "dates_of_birth", "identifiers", "addresses",
          "address_status", "phones", "emails", "minor_on", "deceased", "related_to", "sensitive",
          "elements", "possible", "masked", "exposures"}) {
      EXPECT_TRUE(person.has(member)) << member;
    }
    EXPECT_EQ(person["person"].text.size(), 34U);
    EXPECT_TRUE(std::is_sorted(person["elements"].items.begin(), person["elements"].items.end(),
                               [](const Json& a, const Json& b) { return a.text < b.text; }));
  }
  EXPECT_EQ(persons, 2);
  const Json summary = JsonParser::parse(get(path("summary.json")));
  EXPECT_EQ(summary["persons"]["member"]["count"].number, 2);
  EXPECT_EQ(summary["negative_findings"]["ssn"]["read_wholly"].items.size(), 2U);
  const Json manifest = JsonParser::parse(get(path("manifest.json")));
  EXPECT_EQ(manifest["inputs"].items.size(), 2U);
  EXPECT_EQ(manifest["inputs"].items[0]["sha256"].text.size(), 64U);
  EXPECT_EQ(manifest["outputs"].items.size(), 3U);
}

TEST_F(Scan, SeveralArgumentsAreNumbered) {
  const std::string a = put("x/list.csv", "Member ID,Last Name,First Name\nM1,DOE,JANE\n");
  put("y/list.csv", "Member ID,Last Name,First Name\nM2,ROE,ANN\n");
  std::ostringstream table, messages;
  const auto outcome = scan(options({a, path("y")}), table, messages);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->resolution.totals().files[0].file, "1:list.csv");
  EXPECT_EQ(outcome->resolution.totals().files[1].file, "2:list.csv");
}

TEST_F(Scan, TheNumberOfThreadsChangesNothing) {
  for (int i = 0; i < 12; ++i) {
    std::string text;
    const generate::Options people{.people = 60, .seed = static_cast<std::uint64_t>(i / 2)};
    const auto into = [&text](std::string_view part) { text.append(part); };
    if (i % 2 == 0)
      generate::write_834(people, into);
    else
      generate::write_837(people, into);
    put("in/" + std::to_string(i), text);
  }
  std::string first;
  for (const unsigned jobs : {1U, 2U, 8U}) {
    ScanOptions with = options({path("in")});
    with.jobs = jobs;
    std::ostringstream table, messages;
    ASSERT_TRUE(scan(with, table, messages).has_value());
    const std::string all = get(path("persons.ndjson")) + get(path("summary.json")) +
                            get(path("persons.csv")) + table.str();
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << jobs;
  }
}

TEST_F(Scan, OneBadFileNeverStopsIt) {
  put("in/good.csv", "Member ID,Last Name,First Name\nM1,DOE,JANE\n");
  put("in/empty", "");
  put("in/page.pdf", "%PDF-1.7 ...");
  put("in/half.834", x834("INS*Y*18*021~REF*0F*M7~NM1*IL*1*ROE*ANN~").substr(0, 260));
  fs::create_symlink("/etc/passwd", folder_ / "in/link");
  ASSERT_EQ(::mkfifo(path("in/pipe").c_str(), 0600), 0);
  std::ostringstream table, messages;
  const auto outcome = scan(options({path("in")}), table, messages);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->exit_code(), 3);
  EXPECT_TRUE(holds_named(outcome->resolution, "JANE", "DOE"));
  const Json summary = JsonParser::parse(get(path("summary.json")));
  std::map<std::string, Json> files;
  for (const Json& file : summary["files"].items)
    files[file["file"].text] = file;
  EXPECT_EQ(files.size(), 6U);
  EXPECT_EQ(files["page.pdf"]["format"].text, "pdf");
  EXPECT_FALSE(files["page.pdf"]["read"].truth);
  EXPECT_TRUE(files["empty"]["read"].truth);
  EXPECT_FALSE(files["link"]["read"].truth);
  EXPECT_FALSE(files["pipe"]["read"].truth);
}

TEST_F(Scan, ErrorsAreOneSentence) {
  std::ostringstream table, messages;
  const auto missing = scan(options({path("nowhere")}), table, messages);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  put("in/a.csv", "Member ID,Last Name,First Name\nM1,DOE,JANE\n");
  ScanOptions unwritable = options({path("in")});
  unwritable.outputs.persons = path("no/such/folder/persons.ndjson");
  EXPECT_FALSE(scan(unwritable, table, messages).has_value());
  ScanOptions config = options({path("in")});
  config.config = put("rules.toml", "[[identifier]]\n");
  EXPECT_FALSE(scan(config, table, messages).has_value());
}

TEST_F(Scan, RandomBytesHoldNobody) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 40; ++i) {
    std::string bytes(static_cast<std::size_t>(random() % 200'000), '\0');
    for (char& c : bytes)
      c = static_cast<char>(i % 2 == 0 ? random() : ' ' + random() % 95);
    if (i % 5 == 0 && bytes.size() > 4) bytes.replace(0, 4, "ISA*");
    put("in/" + std::to_string(i), bytes);
  }
  std::ostringstream table, messages;
  const auto outcome = scan(options({path("in")}), table, messages);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->resolution.size(), 0U);
  EXPECT_EQ(outcome->exit_code(), 3);
}

// For the schema check, which another program does (check_schemas.py): outputs of a scan with
// something of everything.
TEST(ScanForSchemas, WritesTo) {
  const char* folder = std::getenv("BULKHEAD_SCHEMA_OUTPUTS");
  if (folder == nullptr) GTEST_SKIP() << "only run by check_schemas.py";
  const std::string in = std::string(folder) + "/in";
  ASSERT_TRUE(generate::generate({.folder = in, .people = 200, .seed = 2}).has_value());
  std::ofstream(in + "/page.pdf") << "%PDF-1.7";
  std::ofstream(in + "/damaged.834")
      << x834("INS*Y*18*021~REF*0F*M1~REF*F6*212341234A~NM1*IL*1*D\"OE\x01*J\xFF~*BAD~");
  std::ofstream(in + "/masked.csv")
      << "Last Name,First Name,DOB,SSN,Wibble\nDOE,JANE,2015-01-02,XXX-XX-1234,212341234\n";
  ScanOptions options;
  options.paths = {in};
  options.outputs = {.persons = std::string(folder) + "/persons.ndjson",
                     .summary = std::string(folder) + "/summary.json",
                     .html = std::string(folder) + "/report.html"};
  options.manifest = std::string(folder) + "/manifest.json";
  options.as_of = kToday;
  std::ostringstream table, messages;
  ASSERT_TRUE(scan(options, table, messages).has_value());
}

}  // namespace
}  // namespace bulkhead::exposure::test
