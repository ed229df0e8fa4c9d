// A real process on a real disk, killed in the middle of what it does, fifty times over the same
// data.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "journal/committer.h"
#include "store/upload_catalogue.h"

namespace bulkhead::store {
namespace {

constexpr int kNames = 4;
constexpr int kRounds = 50;
constexpr std::uint32_t kEnough = 50;  // acknowledged commits without which nothing was tried

// Contents say who they are: the number first, then what follows from it.
Bytes contents_of(int name, std::uint32_t number) {
  const std::size_t sizes[] = {2'000, 300'000, 70'000, 1'200'000};
  Bytes bytes = pattern(sizes[(static_cast<std::uint32_t>(name) + number) % 4] + number % 1000,
                        name * 1'000'000ull + number);
  store_le<std::uint32_t>(bytes.data(), number);
  return bytes;
}

// The child: uploads to all names, round robin, through a committer; writes "<name> <number>\n" for
// each one that is acknowledged. Never returns.
[[noreturn]] void work(const std::string& folder, int pipe) {
  FileKeySource keys(test_file_key(), test_lineage());
  auto vault = TinyVault::open(real_disk(), folder, crypto::system_random());
  if (!vault) ::_exit(2);
  std::uint32_t number[kNames] = {};
  for (int name = 0; name < kNames; ++name) {
    if (!vault->rows.contains(std::to_string(name))) continue;
    const auto contents = vault->contents(std::to_string(name), keys);
    if (!contents) ::_exit(3);
    number[name] = load_le<std::uint32_t>(contents->data());
  }
  auto committer = journal::Committer::start(*vault->journal);
  if (!committer) ::_exit(4);
  bool busy[kNames] = {};
  for (int turn = 0;; turn = (turn + 1) % kNames) {
    // One upload of a name at a time: a small one does not wait for blobs and would overtake.
    while ((*committer)->under_way() >= 3 || busy[turn]) {
      pollfd poll{(*committer)->event_fd(), POLLIN, 0};
      ::poll(&poll, 1, 1000);
      (*committer)->drain();
    }
    const std::string name = std::to_string(turn);
    const std::uint32_t next = ++number[turn];
    auto upload = Upload::begin(*vault, name, false, keys, crypto::system_random());
    if (!upload || !upload->writer->write(0, contents_of(turn, next))) ::_exit(5);
    journal::Commit commit;
    auto ready = upload->finish(*vault, &commit.blobs);
    if (!ready) ::_exit(6);
    commit.append = [&vault, ready = std::move(*ready)]() -> Status {
      BH_CHECK(vault->journal->append(ready.entry, ready.payload));
      return {};
    };
    busy[turn] = true;
    commit.done = [pipe, still = &busy[turn],
                   line = name + " " + std::to_string(next) + "\n"](const Status& status) {
      *still = false;
      if (!status || ::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        ::_exit(7);
    };
    (*committer)->submit(std::move(commit));
    (*committer)->drain();
  }
}

std::string read_to_end(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

std::uint32_t sum(const std::uint32_t (&acknowledged)[kNames]) {
  std::uint32_t total = 0;
  for (const std::uint32_t newest : acknowledged)
    total += newest;
  return total;
}

void note_acknowledged(const std::string& lines, std::uint32_t* acknowledged) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    std::uint32_t number = 0;
    std::from_chars(lines.data() + at + 2, lines.data() + end, number);
    auto& newest = acknowledged[lines[at] - '0'];
    newest = std::max(newest, number);
    at = end + 1;
  }
}

TEST(Kill, WhatWasAcknowledgedIsThereWhole) {
  const std::string folder = ::testing::TempDir() + "bulkhead-kill-" + std::to_string(::getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  std::mt19937_64 random(2024);
  std::uint32_t acknowledged[kNames] = {};
  FileKeySource keys(test_file_key(), test_lineage());
  // A busy machine gets less done before each kill: then there are more of them.
  for (int round = 0; round < kRounds || (sum(acknowledged) <= kEnough && round < 10 * kRounds);
       ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      work(folder, ends[1]);
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(1000 + random() % 60'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    note_acknowledged(read_to_end(ends[0]), acknowledged);
    ::close(ends[0]);

    auto vault = TinyVault::open(real_disk(), folder, crypto::system_random());
    ASSERT_TRUE(vault) << vault.error().message;
    for (int name = 0; name < kNames; ++name) {
      if (!vault->rows.contains(std::to_string(name))) {
        ASSERT_EQ(acknowledged[name], 0u);
        continue;
      }
      const auto contents = vault->contents(std::to_string(name), keys);
      ASSERT_TRUE(contents) << "round " << round << " name " << name << ": "
                            << contents.error().message;
      const auto number = load_le<std::uint32_t>(contents->data());
      ASSERT_GE(number, acknowledged[name]) << "round " << round;
      ASSERT_EQ(*contents, contents_of(name, number)) << "round " << round << " name " << name;
    }
  }
  RecordProperty("acknowledged", static_cast<int>(sum(acknowledged)));
  EXPECT_GT(sum(acknowledged), kEnough);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bulkhead::store
