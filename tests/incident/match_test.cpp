// From a line to a file: how sure, and why; and what must not be matched.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "incident/answers.h"
#include "incident/incident.h"
#include "incident/match.h"

namespace bulkhead::incident {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  Folder()
      : path_(fs::temp_directory_path() / fmt::format("incident-{}-{}", ::getpid(), count_++)) {
    fs::create_directories(path_ / "files");
  }
  ~Folder() override { fs::remove_all(path_); }

  std::string put(const std::string& name, const std::string& contents) {
    const fs::path path = path_ / "files" / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << contents;
    return contents;
  }
  HeldFiles held() { return *HeldFiles::under((path_ / "files").string()); }
  std::string log(const std::string& name, const std::string& contents) {
    std::ofstream(path_ / name, std::ios::binary) << contents;
    return (path_ / name).string();
  }

  fs::path path_;
  static inline int count_ = 0;
};

// Text that compresses as tables do.
std::string table(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes)
    text += fmt::format("{:08},NAME {},19{:02}-0{}-1{}\n", random() % 100'000'000, random() % 5000,
                        random() % 100, random() % 9 + 1, random() % 10);
  text.resize(bytes);
  return text;
}

std::uint64_t pressed(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  const std::uint64_t size = stream.total_out;
  deflateEnd(&stream);
  return size;
}

LogAccess named(std::string path, std::optional<std::uint64_t> bytes) {
  LogAccess access;
  access.path = std::move(path);
  access.bytes = bytes;
  return access;
}

Answer answer(std::uint64_t bytes, std::uint64_t line) {
  LogAccess access = named("/human2.aspx", bytes);
  access.kind = LogAccess::Kind::kUnnamed;
  access.of_web_server = true;
  return {access, fmt::format("log:{}", line)};
}

struct Matched : AnswersMatched {
  std::vector<LoggedRelease> releases;
};

Matched match_all(const std::vector<Answer>& answers, HeldFiles& held, unsigned threads) {
  Matched matched;
  static_cast<AnswersMatched&>(matched) = match_answers(
      answers, held, threads, [&](const Answer&, std::vector<LoggedRelease> releases) {
        std::move(releases.begin(), releases.end(), std::back_inserter(matched.releases));
      });
  return matched;
}

TEST_F(Folder, NameAndSizeMakeItCertain) {
  put("claims/a.csv", std::string(100, 'a'));
  HeldFiles files = held();
  const auto one = [&](const LogAccess& access) {
    const auto releases = match(access, files);
    EXPECT_EQ(releases.size(), 1U);
    return releases.at(0);
  };
  EXPECT_EQ(one(named("/srv/claims/A.csv", 100)).certainty, Certainty::kCertain);
  EXPECT_EQ(one(named("D:\\data\\claims\\a.csv", std::nullopt)).certainty, Certainty::kCertain);
  EXPECT_EQ(one(named("/other/a.csv", 100)).certainty, Certainty::kCertain);
  // A name alone, from another folder: not more than likely.
  EXPECT_EQ(one(named("/other/a.csv", std::nullopt)).certainty, Certainty::kLikely);
  EXPECT_THAT(one(named("/other/a.csv", std::nullopt)).why, HasSubstr("folder"));
  EXPECT_EQ(one(named("/claims/a.csv", 60)).certainty, Certainty::kLikely);
  EXPECT_EQ(one(named("/claims/a.csv", 600)).certainty, Certainty::kLikely);
  EXPECT_THAT(one(named("/claims/a.csv", 600)).why, HasSubstr("replaced"));
  LogAccess cut = named("/claims/a.csv", 100);
  cut.complete = false;
  EXPECT_EQ(one(cut).certainty, Certainty::kLikely);
}

TEST_F(Folder, WhatIsNotHeldIsKept) {
  put("a.csv", "a");
  HeldFiles files = held();
  const auto releases = match(named("/x/secret.csv", 5), files);
  ASSERT_EQ(releases.size(), 1U);
  EXPECT_FALSE(releases[0].held);
  EXPECT_EQ(releases[0].file, "/x/secret.csv");
  LogAccess page = named("/style.css", 5);
  page.of_web_server = true;
  EXPECT_TRUE(match(page, files).empty());
}

TEST_F(Folder, SameNamesInSeveralFolders) {
  put("may/a.csv", std::string(100, 'a'));
  put("june/a.csv", std::string(200, 'b'));
  HeldFiles files = held();
  EXPECT_EQ(match(named("/x/june/a.csv", std::nullopt), files).size(), 1U);
  const auto by_size = match(named("/a.csv", 100), files);
  ASSERT_EQ(by_size.size(), 1U);
  EXPECT_EQ(by_size[0].file, "may/a.csv");
  const auto any = match(named("/a.csv", 5), files);
  ASSERT_EQ(any.size(), 2U);
  EXPECT_EQ(any[0].certainty, Certainty::kPossible);
}

TEST_F(Folder, WebServersCompressAndWritePlusForSpace) {
  const std::string contents = put("a b.csv", table(50'000, 1));
  HeldFiles files = held();
  LogAccess access = named("/a+b.csv", pressed(contents) + 300);
  access.of_web_server = true;
  const auto releases = match(access, files);
  ASSERT_EQ(releases.size(), 1U);
  EXPECT_EQ(releases[0].certainty, Certainty::kCertain);
  EXPECT_THAT(releases[0].why, HasSubstr("compressed"));
}

TEST_F(Folder, HashesAndLists) {
  put("a.csv", "abc");
  put("b.csv", "abd");
  HeldFiles files = held();
  LogAccess hash;
  hash.kind = LogAccess::Kind::kHash;
  for (const char* each :
       {"900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}) {
    hash.hash = each;
    const auto releases = match(hash, files);
    ASSERT_EQ(releases.size(), 1U);
    EXPECT_EQ(releases[0].file, "a.csv");
    EXPECT_EQ(releases[0].certainty, Certainty::kCertain);
  }
  LogAccess listed = named("leak/b.csv", std::nullopt);
  listed.kind = LogAccess::Kind::kListed;
  EXPECT_EQ(match(listed, files).at(0).certainty, Certainty::kLikely);
  listed.bytes = 3;
  EXPECT_EQ(match(listed, files).at(0).certainty, Certainty::kCertain);
  listed.bytes = 4;
  EXPECT_EQ(match(listed, files).at(0).certainty, Certainty::kLikely);
  EXPECT_THAT(match(listed, files).at(0).why, HasSubstr("the list says 4 bytes"));
}

// Files that are close in size: only the header fields, alike in all answers, tell them apart.
TEST_F(Folder, AnswersAgreeOnTheirHeaders) {
  std::vector<std::uint64_t> sizes;
  for (unsigned i = 0; i < 40; ++i)
    sizes.push_back(pressed(put(fmt::format("f{:02}.csv", i), table(60'000 + i * 400, i))));
  HeldFiles files = held();
  std::vector<Answer> answers;
  for (std::uint64_t i = 0; i < 10; ++i)
    answers.push_back(answer(sizes[i * 3] + 413 + i % 3, i + 1));
  answers.push_back(answer(77'777'777, 99));
  const Matched matched = match_all(answers, files, 2);
  EXPECT_EQ(matched.fit_nothing, 1U);
  EXPECT_EQ(matched.first_that_fits_nothing, "log:99");
  std::set<std::string> found;
  for (const LoggedRelease& release : matched.releases)
    found.insert(release.file);
  for (unsigned i = 0; i < 10; ++i)
    EXPECT_TRUE(found.contains(fmt::format("f{:02}.csv", i * 3))) << i;
  EXPECT_LE(found.size(), 12U);  // two bodies may differ by less than what header fields vary
}

TEST_F(Folder, OneAnswerThatFitsSeveralIsPossible) {
  put("a.csv", std::string(5000, 'a'));
  put("b.csv", std::string(5100, 'b'));
  put("c.csv", std::string(50'000, 'c'));
  HeldFiles files = held();
  const Matched matched = match_all({answer(5400, 1)}, files, 1);
  ASSERT_EQ(matched.releases.size(), 2U);
  for (const LoggedRelease& release : matched.releases) {
    EXPECT_EQ(release.certainty, Certainty::kPossible);
    EXPECT_THAT(release.why, HasSubstr("2 files at hand fit"));
  }
}

// A file has two bodies that may fit, plain and compressed: counted twice, half of the files would
// be left out and nobody told.
TEST_F(Folder, MoreFilesThanAreListedAreNoticed) {
  std::mt19937 random(1);
  for (std::size_t i = 0; i < kOfOneLineMost + 100; ++i) {
    std::string text(100 + i % 300, ' ');
    for (char& c : text)
      c = static_cast<char>('0' + random() % 64);
    put(fmt::format("{}.csv", i), text);
  }
  HeldFiles files = held();
  EXPECT_EQ(match_all({answer(700, 1)}, files, 1).releases.size(), kOfOneLineMost + 1);
}

TEST_F(Folder, AnswersWithoutSizesMayBeAnything) {
  put("a.csv", "a");
  put("b.csv", "b");
  HeldFiles files = held();
  Answer none = answer(0, 1);
  none.access.bytes.reset();
  EXPECT_EQ(match_all({none, none, none}, files, 1).releases.size(), 2U);
}

TEST_F(Folder, OneBadLogStopsOnlyItself) {
  put("a.csv", "abc");
  FindOptions options;
  options.settings.local_time = [](const std::string&) { return std::optional<UnixMicros>(); };
  options.files = (path_ / "files").string();
  options.logs = {log("story.txt", "once\nupon\n"),
                  log("hashes", "900150983cd24fb0d6963f7d28e17f72  x\n"), "/nowhere/log"};
  const auto found = find_releases(options);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(found->complete);
  EXPECT_THAT(found->warnings,
              testing::ElementsAre(HasSubstr("story.txt"), HasSubstr("/nowhere/log")));
  EXPECT_THAT(found->files(), testing::ElementsAre("a.csv"));
  EXPECT_THAT(releases_ndjson(*found), HasSubstr("\"source\":\"hashes:1\""));
  options.logs = {options.logs.front()};
  EXPECT_FALSE(find_releases(options));  // nothing at all could be read
}

TEST_F(Folder, WindowUserAndAddress) {
  put("a.csv", "abc");
  put("b.csv", "abd");
  FindOptions options;
  options.settings.local_time = [](const std::string&) { return std::optional<UnixMicros>(); };
  options.files = (path_ / "files").string();
  options.logs = {log(
      "web",
      "203.0.113.5 - bob [28/May/2023:01:00:00 +0000] \"GET /a.csv HTTP/1.1\" 200 300 \"-\" \"-\"\n"
      "203.0.113.6 - eve [29/May/2023:01:00:00 +0000] \"GET /b.csv HTTP/1.1\" 200 300 \"-\" "
      "\"-\"\n")};
  const auto names = [&] { return find_releases(options)->files(); };
  EXPECT_THAT(names(), testing::ElementsAre("a.csv", "b.csv"));
  options.addresses = {"203.0.113.6"};
  EXPECT_THAT(names(), testing::ElementsAre("b.csv"));
  options.addresses.clear();
  options.users = {"bob"};
  EXPECT_THAT(names(), testing::ElementsAre("a.csv"));
  options.users.clear();
  options.since = 1685318400LL * kMicrosPerSecond;  // 29 May 2023
  EXPECT_THAT(names(), testing::ElementsAre("b.csv"));
}

// Nothing that is cut is cut in silence.
TEST_F(Folder, ReleasesThatAreLeftOutAreTold) {
  for (unsigned i = 0; i < 5; ++i)
    put(fmt::format("{}.csv", i), "abc");
  FindOptions options;
  options.settings.local_time = [](const std::string&) { return std::optional<UnixMicros>(); };
  options.files = (path_ / "files").string();
  options.logs = {log("list", "0.csv\n1.csv\n2.csv\n3.csv\n")};
  options.leaked = {log("more", "4.csv\n")};
  options.log_format = "list";
  ASSERT_TRUE(find_releases(options)->complete);
  options.releases_most = 3;
  const auto found = find_releases(options);
  EXPECT_EQ(found->releases.size(), 3U);
  EXPECT_FALSE(found->complete);
  EXPECT_THAT(found->warnings, testing::ElementsAre(HasSubstr("list:4: 2 releases")));
}

TEST_F(Folder, LinesThatFitVeryManyFilesAreCutAndTold) {
  put("0/a.csv", std::string(5000, 'a'));
  for (unsigned i = 1; i < 1100; ++i) {
    fs::create_directory(path_ / fmt::format("files/{}", i));
    fs::create_hard_link(path_ / "files/0/a.csv", path_ / fmt::format("files/{}/a.csv", i));
  }
  FindOptions options;
  options.settings.local_time = [](const std::string&) { return std::optional<UnixMicros>(); };
  options.files = (path_ / "files").string();
  options.logs = {log("web",
                      "203.0.113.5 - bob [28/May/2023:01:00:00 +0000] \"GET /a.csv HTTP/1.1\" 200 "
                      "5300 \"-\" \"-\"\n"
                      "203.0.113.5 - - [28/May/2023:01:00:00 +0000] \"GET /human2.aspx HTTP/1.1\" "
                      "200 5300 \"-\" \"-\"\n")};
  const auto found = find_releases(options);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->releases.size(), 2000U);
  EXPECT_FALSE(found->complete);
  EXPECT_THAT(found->releases.front().why, HasSubstr("1100 files have it"));
  EXPECT_THAT(found->releases.back().why, HasSubstr("more than 1000 files at hand fit"));
  EXPECT_THAT(found->warnings,
              testing::ElementsAre(HasSubstr("web:1: 2 lines fit more than 1000 files each")));
}

// A session that was opened before the log was rotated: nobody knows whose its reads were.
TEST_F(Folder, WhoIsNotSaidLeavesNothingOut) {
  put("a.csv", "abc");
  put("b.csv", "abd");
  FindOptions options;
  options.settings.local_time = [](const std::string&) { return std::optional<UnixMicros>(); };
  options.files = (path_ / "files").string();
  options.logs = {
      log("auth.log",
          "2023-05-28T01:00:00+00:00 host internal-sftp[7]: close \"/a.csv\" bytes read 3 "
          "written 0\n"
          "2023-05-28T01:00:01+00:00 host internal-sftp[8]: session opened for local user bob "
          "from [203.0.113.5]\n"
          "2023-05-28T01:00:02+00:00 host internal-sftp[8]: close \"/b.csv\" bytes read 3 "
          "written 0\n")};
  for (const bool by_user : {true, false}) {
    options.users = by_user ? std::set<std::string>{"eve"} : std::set<std::string>();
    options.addresses = by_user ? std::set<std::string>() : std::set<std::string>{"203.0.113.9"};
    const auto found = find_releases(options);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->releases.size(), 1U);
    EXPECT_EQ(found->releases[0].file, "a.csv");
    EXPECT_EQ(found->releases[0].certainty, Certainty::kPossible);
    EXPECT_THAT(found->releases[0].why, HasSubstr(by_user ? "not say by whom" : "from where"));
    EXPECT_THAT(found->warnings, testing::ElementsAre(HasSubstr("auth.log:1: 1 ")));
  }
}

// Whoever may read everything is somebody else for a while.
template <typename Do>
void as_nobody(const Do& act) {
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  act();
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
}

TEST_F(Folder, AnUnreadableFolderCostsOnlyItself) {
  put("a/1.csv", "a");
  put("b/locked/2.csv", "b");
  put("b/z.csv", "b");
  put("c/3.csv", "c");
  fs::permissions(path_ / "files/b/locked", fs::perms::none);
  as_nobody([&] {
    const auto files = HeldFiles::under((path_ / "files").string());
    ASSERT_TRUE(files);
    std::vector<std::string> names;
    for (const HeldFile& each : files->all())
      names.push_back(each.name);
    EXPECT_THAT(names, testing::ElementsAre("a/1.csv", "b/z.csv", "c/3.csv"));
    EXPECT_THAT(files->problems(), testing::ElementsAre(HasSubstr("b/locked")));
  });
  fs::permissions(path_ / "files/b/locked", fs::perms::owner_all);
}

// Files that another compressor may have made so are many and smaller: they must not hide the one
// that fits.
TEST_F(Folder, LooseCandidatesDoNotHideAnExactOne) {
  std::mt19937 random(7);
  const auto noise = [&](std::size_t bytes) {
    std::string text(bytes, '\0');
    for (char& c : text)
      c = static_cast<char>(random());
    return text;
  };
  put("zz_exact.csv", noise(29'600));
  put("loose.csv", noise(27'500));  // compressed as large as it is; 2,500 are no header fields
  for (unsigned i = 0; i < 1100; ++i)
    fs::create_hard_link(path_ / "files/loose.csv", path_ / fmt::format("files/loose{}.csv", i));
  HeldFiles files = held();
  const Matched matched = match_all({answer(30'000, 1)}, files, 2);
  ASSERT_EQ(matched.releases.size(), 1U);
  EXPECT_EQ(matched.releases[0].file, "zz_exact.csv");
}

}  // namespace
}  // namespace bulkhead::incident
