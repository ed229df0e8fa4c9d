// Archives are read by a process that has taken everything from itself, and that may end badly.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "packed.h"
#include "sandbox/sandbox.h"

namespace bulkhead::exposure::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kJane =
    "Member ID,Last Name,First Name,DOB,SSN\nM1,DOE,JANE,1974-03-09,212-34-1234\n";

Status confine(const std::vector<int>& keep) {
  sandbox::Policy policy = sandbox::analyst_policy(9, 1ULL << 30);
  policy.keep = keep;
  BH_CHECK(sandbox::enter(policy));
  return {};
}

class Confined : public testing::Test {
 protected:
  Confined() {
    std::string pattern = (fs::temp_directory_path() / "bulkhead-confined-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directory(folder_ / "in");
  }
  ~Confined() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / "in" / name, std::ios::binary) << bytes;
  }
  std::string get(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  ScanOptions options(unsigned jobs) const {
    ScanOptions with;
    with.paths = {(folder_ / "in").string()};
    with.outputs = {.persons = (folder_ / "persons.ndjson").string(),
                    .summary = (folder_ / "summary.json").string()};
    with.as_of = kToday;
    with.jobs = jobs;
    return with;
  }
  // persons.ndjson and summary.json.
  std::string outputs_of(const ScanOptions& with) {
    std::ostringstream table, messages;
    const auto outcome = scan(with, table, messages);
    EXPECT_TRUE(outcome.has_value());
    exit_code_ = outcome ? outcome->exit_code() : 1;
    return get("persons.ndjson") + get("summary.json");
  }

  fs::path folder_;
  int exit_code_ = -1;
};

// Every kind, and names that are converted: nothing of it may need what the sandbox takes.
TEST_F(Confined, ReadsInASandboxWhatItReadsWithout) {
  const std::string umlaut = "\xC3\xBC.csv";
  put("a.zip", packed({{umlaut, kJane}, {"a.csv", kJane}}));
  put("a.7z",
      packed({{umlaut, kJane}, {"a.csv", kJane}}, {.format = archive_write_set_format_7zip}));
  put("b.7z", packed({{umlaut, kJane}}, {.format = archive_write_set_format_7zip,
                                         .options = "7zip:compression=ppmd"}));
  put("a.tar", packed({{umlaut, kJane}}, {.format = archive_write_set_format_pax}));
  const std::pair<const char*, int> filters[] = {{"gz", ARCHIVE_FILTER_GZIP},
                                                 {"bz2", ARCHIVE_FILTER_BZIP2},
                                                 {"xz", ARCHIVE_FILTER_XZ},
                                                 {"zst", ARCHIVE_FILTER_ZSTD}};
  for (const auto& [suffix, filter] : filters) {
    put(std::string("t.tar.") + suffix,
        packed({{umlaut, kJane}}, {.format = archive_write_set_format_pax, .filter = filter}));
    put(std::string("s.csv.") + suffix, compressed(kJane, filter));
  }
  put("nested.zip", packed({{"x.zip", packed({{umlaut, kJane}})}}));
  put("cut.zip", packed({{umlaut, kJane}}).substr(0, 60));
  put("plain.csv", kJane);
  const std::string without = outputs_of(options(1));
  EXPECT_EQ(exit_code_, 3);
  ScanOptions with = options(1);
  with.confine = confine;
  EXPECT_EQ(outputs_of(with), without);
  with.jobs = 4;
  EXPECT_EQ(outputs_of(with), without);
  EXPECT_THAT(without, HasSubstr("nested.zip!x.zip!" + umlaut));
  EXPECT_EQ(without.find("not read"), std::string::npos) << without;
}

TEST_F(Confined, AReaderThatDiesEndsItsFileOnly) {
  put("a.zip", packed({{"a.csv", kJane}}));
  put("b.csv", kJane);
  ScanOptions with = options(2);
  with.confine = [](const std::vector<int>&) -> Status { ::_exit(3); };
  EXPECT_THAT(outputs_of(with), HasSubstr("ended before it was done"));
  EXPECT_EQ(exit_code_, 3);
  EXPECT_THAT(get("persons.ndjson"), HasSubstr("JANE"));
  with.confine = [](const std::vector<int>&) { return fail(ErrorCode::kInternal, "no sandbox"); };
  EXPECT_THAT(outputs_of(with), HasSubstr("not read: no sandbox"));
}

// What would be an attack on the reader's process is the end of it.
TEST_F(Confined, NothingCanBeOpenedOrWritten) {
  put("a.zip", packed({{"a.csv", kJane}}));
  ScanOptions with = options(1);
  with.confine = [](const std::vector<int>& keep) -> Status {
    BH_CHECK(confine(keep));
    (void)::open("/tmp", O_TMPFILE | O_RDWR, 0600);
    return {};
  };
  EXPECT_THAT(outputs_of(with), HasSubstr("ended before it was done"));
}

TEST_F(Confined, StoppedIsSaid) {
  put("a.zip", packed({{"a.csv", kJane}}));
  std::atomic<bool> stop = false;
  ScanOptions with = options(1);
  with.stop = &stop;
  with.confine = [](const std::vector<int>&) -> Status {
    ::pause();
    return {};
  };
  std::thread later([&] { stop = true; });
  later.join();
  EXPECT_THAT(outputs_of(with), HasSubstr("not read: the scan was stopped"));
}

}  // namespace
}  // namespace bulkhead::exposure::test
