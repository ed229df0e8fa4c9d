// The real bulkhead-keeper on the other end of a socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "crypto/random.h"
#include "keeper/local_keeper.h"
#include "keeper/remote_keeper.h"
#include "keeper/root_key_file.h"
#include "keeper/start_keeper.h"
#include "software_tpm.h"

namespace bulkhead::keeper {
namespace {

using testing::HasSubstr;

constexpr vault::KeyEpoch kFirst{vault::OrganisationId{1}, 1};
const std::string kProgram = BULKHEAD_BINARY_DIR "/libexec/bulkhead-keeper";

class KeeperProcess : public testing::Test {
 protected:
  KeeperProcess() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "bulkhead-keeper-XXXXXX").string();
    BH_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    root_key = folder + "/root.key";
    EXPECT_TRUE(RemoteKeeper::connect(start({"--create", "--seal", "file"})));
    reap();
  }
  ~KeeperProcess() override {
    reap();
    std::filesystem::remove_all(folder);
  }
  static void reap() {
    while (::waitpid(-1, nullptr, 0) > 0)
      continue;
  }

  UniqueFd start(std::vector<std::string> more = {}, int passphrase_fd = -1) {
    more.insert(more.begin(), {"--root-key-file", root_key});
    return start_keeper(kProgram, more, passphrase_fd).value();
  }
  static UniqueFd passphrase(const std::string& lines) {
    UniqueFd file(::memfd_create("passphrase", MFD_CLOEXEC));
    EXPECT_TRUE(write_all(file.get(), as_bytes(lines), "test"));
    return file;
  }
  std::unique_ptr<RemoteKeeper> connect(std::vector<std::string> more = {}) {
    return RemoteKeeper::connect(start(std::move(more))).value();
  }
  // What the root key is good for, without the process.
  LocalKeeper local() {
    return LocalKeeper(RootKeyFile::read(root_key)->open({}).value(), crypto::system_random());
  }
  // With an organisation's key loaded, whose wrapped form is `wrapped_organisation_key`.
  std::unique_ptr<RemoteKeeper> loaded(std::vector<std::string> more = {}) {
    auto keeper = connect(std::move(more));
    wrapped_organisation_key = keeper->create_organisation_key(kFirst).value();
    EXPECT_TRUE(keeper->load_organisation_key(kFirst, wrapped_organisation_key));
    return keeper;
  }

  std::string folder;
  std::string root_key;
  Bytes wrapped_organisation_key;
};

std::string end_of_child() {
  int status = 0;
  if (::waitpid(-1, &status, 0) < 0) return "no child";
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                             : "exit " + std::to_string(WEXITSTATUS(status));
}

TEST_F(KeeperProcess, WhatItWrapsTheSameKeysOpenElsewhere) {
  auto keeper = loaded();
  LocalKeeper other = local();
  ASSERT_TRUE(other.load_organisation_key(kFirst, wrapped_organisation_key));
  const Bytes system_key = keeper->create_system_key().value();
  EXPECT_TRUE(equal(keeper->unwrap_system_key(system_key)->view(),
                    other.unwrap_system_key(system_key)->view()));
  std::set<vault::LineageId> lineages;
  for (std::size_t i = 0; i < 3 * kFileKeysAtOnce; ++i) {
    auto fresh = keeper->create_file_key(kFirst);
    ASSERT_TRUE(fresh) << fresh.error().message;
    EXPECT_TRUE(lineages.insert(fresh->lineage).second);
    auto remote = keeper->await_file_key(kFirst, fresh->lineage, fresh->wrapped);
    auto here = other.await_file_key(kFirst, fresh->lineage, fresh->wrapped);
    ASSERT_TRUE(here.get());
    EXPECT_TRUE(equal((*here.get())->view(), fresh->key.view()));
    ASSERT_TRUE(remote.get());
    EXPECT_TRUE(equal((*remote.get())->view(), fresh->key.view()));
  }
  EXPECT_EQ(keeper->file_keys_unwrapped(), 3 * kFileKeysAtOnce);
}

TEST_F(KeeperProcess, ManyUnderWayComeInAnyOrderOfUseAndMayBeAbandoned) {
  auto keeper = loaded();
  std::vector<RemoteKeeper::NewFileKey> fresh;
  for (int i = 0; i < 200; ++i)
    fresh.push_back(keeper->create_file_key(kFirst).value());
  std::vector<vault::AwaitedFileKey> awaited;
  for (const auto& file : fresh)
    awaited.push_back(keeper->await_file_key(kFirst, file.lineage, file.wrapped));
  for (std::size_t i = awaited.size(); i-- > 0;) {
    if (i % 3 == 0) {
      awaited[i] = {};
      continue;
    }
    const auto key = awaited[i].get();
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_TRUE(equal((*key)->view(), fresh[i].key.view()));
  }
  EXPECT_TRUE(keeper->create_system_key());
  EXPECT_EQ(keeper->file_keys_unwrapped(), 200u);
}

TEST_F(KeeperProcess, AKeyOfAnotherPlaceDoesNotOpen) {
  auto keeper = loaded();
  auto fresh = keeper->create_file_key(kFirst).value();
  vault::LineageId other = fresh.lineage;
  other[0] ^= 1;
  const auto expect_no = [&](vault::AwaitedFileKey key, ErrorCode code) {
    const auto got = key.get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, code) << got.error().message;
  };
  expect_no(keeper->await_file_key(kFirst, other, fresh.wrapped), ErrorCode::kCorrupt);
  expect_no(keeper->await_file_key(kFirst, fresh.lineage, Bytes(3, 1)), ErrorCode::kCorrupt);
  expect_no(keeper->await_file_key(kFirst, fresh.lineage, Bytes(100'000, 1)), ErrorCode::kCorrupt);
  expect_no(keeper->await_file_key({vault::OrganisationId{2}, 1}, fresh.lineage, fresh.wrapped),
            ErrorCode::kNotFound);
  EXPECT_EQ(keeper->create_file_key({vault::OrganisationId{2}, 1}).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(keeper->file_keys_unwrapped(), 0u);
}

TEST_F(KeeperProcess, ForgettingIsForEverybodyAndForGood) {
  auto keeper = loaded();
  auto fresh = keeper->create_file_key(kFirst).value();
  auto under_way = keeper->await_file_key(kFirst, fresh.lineage, fresh.wrapped);
  keeper->forget();
  EXPECT_TRUE(keeper->is_sealed());
  EXPECT_EQ(under_way.get().error().code, ErrorCode::kRefused);
  EXPECT_EQ(keeper->create_file_key(kFirst).error().code, ErrorCode::kRefused);
  EXPECT_EQ(keeper->create_system_key().error().code, ErrorCode::kRefused);
  EXPECT_EQ(keeper->load_organisation_key(kFirst, wrapped_organisation_key).error().code,
            ErrorCode::kRefused);
}

// Not the vault's word: the process itself refuses, whoever asks on its socket.
TEST_F(KeeperProcess, TheProcessItselfRefusesAfterForgetting) {
  const UniqueFd socket = start();
  Datagram datagram;
  ASSERT_TRUE(receive(socket.get(), datagram));
  EXPECT_EQ(decode_reply(datagram.view())->number, 0u);
  const auto code_of = [&](RequestType type, std::uint64_t number) {
    encode(Request{.type = type, .number = number}, datagram);
    EXPECT_TRUE(send(socket.get(), datagram));
    EXPECT_TRUE(receive(socket.get(), datagram));
    return decode_reply(datagram.view())->code;
  };
  EXPECT_EQ(code_of(RequestType::kCreateSystemKey, 1), 0);
  EXPECT_EQ(code_of(RequestType::kForget, 2), 0);
  EXPECT_NE(code_of(RequestType::kCreateSystemKey, 3), 0);
}

TEST_F(KeeperProcess, EndsWithTheVault) {
  {
    auto keeper = loaded();
  }
  EXPECT_EQ(end_of_child(), "exit 0");
}

TEST_F(KeeperProcess, WhatMakesNoSenseIsTheEnd) {
  const Bytes garbage(100, 0xee);
  const Bytes too_long(kMaxReplyBytes + 1, 1);
  for (const ByteView bytes : {ByteView(garbage), ByteView(too_long)}) {
    const UniqueFd socket = start();
    Datagram datagram;
    ASSERT_TRUE(receive(socket.get(), datagram));
    ASSERT_GT(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
    EXPECT_EQ(receive(socket.get(), datagram).error().code, ErrorCode::kDisconnected);
    EXPECT_EQ(end_of_child(), "exit 1");
  }
}

TEST_F(KeeperProcess, OfItsDeathTheVaultLearnsAsARefusal) {
  auto keeper = loaded();
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  pid_t pid = -1;
  children >> pid;
  ASSERT_GT(pid, 0);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  EXPECT_EQ(end_of_child(), "signal 9");
  EXPECT_EQ(keeper->create_system_key().error().code, ErrorCode::kRefused);
  EXPECT_TRUE(keeper->is_sealed());
  keeper->forget();  // and nothing worse
}

TEST_F(KeeperProcess, LimitsHowManyItUnwrapsInAMinute) {
  auto keeper = loaded({"--unwraps-per-minute", "5"});
  auto fresh = keeper->create_file_key(kFirst).value();
  for (int i = 0; i < 8; ++i) {
    auto key = keeper->await_file_key(kFirst, fresh.lineage, fresh.wrapped);
    const auto got = key.get();
    EXPECT_EQ(got.has_value(), i < 5) << i;
    if (!got) {
      EXPECT_EQ(got.error().code, ErrorCode::kRefused);
    }
  }
  EXPECT_EQ(keeper->file_keys_unwrapped(), 5u);
}

TEST_F(KeeperProcess, TellsWhatIsWrongWithTheRootKey) {
  std::filesystem::permissions(root_key, std::filesystem::perms(0644));
  EXPECT_THAT(RemoteKeeper::connect(start()).error().message, HasSubstr("chmod 600"));
  std::filesystem::remove(root_key);
  const auto missing = RemoteKeeper::connect(start());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("is missing"));
}

TEST_F(KeeperProcess, WithAPassphraseItStartsSealedAndOpensForTheRightOneOnly) {
  std::filesystem::remove(root_key);
  const UniqueFd lines = passphrase("a long one\n");
  Bytes system_key;
  {
    auto made =
        RemoteKeeper::connect(
            start({"--create", "--seal", "passphrase", "--passphrase-fd", "4"}, lines.get()))
            .value();
    EXPECT_FALSE(made->is_sealed());
    system_key = made->create_system_key().value();
  }
  auto keeper = connect();
  EXPECT_TRUE(keeper->is_sealed());
  EXPECT_EQ(keeper->seal(), "passphrase");
  EXPECT_EQ(keeper->unwrap_system_key(system_key).error().code, ErrorCode::kRefused);
  const auto unseal = [&](std::string_view text) {
    EXPECT_TRUE(keeper->begin_unseal(crypto::seal_to(keeper->unseal_key(), as_bytes(text))));
    return keeper->finish_unseal();
  };
  const auto wrong = unseal("a long two");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kNotAuthenticated);
  EXPECT_TRUE(keeper->begin_unseal(Bytes(60, 1)));  // in no box of its
  EXPECT_FALSE(keeper->finish_unseal());
  EXPECT_TRUE(keeper->is_sealed());
  EXPECT_TRUE(unseal("a long one"));
  EXPECT_TRUE(keeper->unwrap_system_key(system_key));
  EXPECT_FALSE(unseal("a long one"));  // a second time
  // What was forgotten does not come back for a passphrase.
  keeper->forget();
  EXPECT_FALSE(unseal("a long one"));
}

std::string newest_child() {
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::string newest, pid;
  while (children >> pid)
    newest = pid;
  return newest;
}

std::set<std::string> open_descriptors(const std::string& pid) {
  std::set<std::string> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + pid + "/fd"))
    open.insert(entry.path().filename());
  return open;
}

// A TPM and its PIN: the chip's process is there while it is needed, and no longer.
TEST_F(KeeperProcess, APinIsTriedByAProcessOfItsOwnWhichEndsWhenTheRootKeyIsThere) {
  if (!SoftwareTpm::is_there()) GTEST_SKIP() << "swtpm is not installed";
  const SoftwareTpm tpm;
  std::filesystem::remove(root_key);
  const UniqueFd lines = passphrase("4711\na long one\n");
  EXPECT_TRUE(RemoteKeeper::connect(start(
      {"--create", "--seal", "tpm,passphrase", "--seal-setting", "tpm-device=" + tpm.path(),
       "--seal-setting", "tpm-pcrs=16", "--seal-setting", "tpm-pin=asked", "--passphrase-fd", "4"},
      lines.get())));
  ::waitpid(std::stoi(newest_child()), nullptr, 0);
  auto keeper = connect();
  EXPECT_TRUE(keeper->is_sealed());
  EXPECT_EQ(keeper->seal(), "passphrase, tpm");
  const std::string pid = newest_child();
  const auto children_of = [](const std::string& parent) {
    std::string found;
    std::ifstream("/proc/" + parent + "/task/" + parent + "/children") >> found;
    return found;
  };
  const std::string device = children_of(pid);
  ASSERT_FALSE(device.empty());
  if (::geteuid() == 0) {
    EXPECT_EQ(open_descriptors(pid).size(), 5u);
    // Its first act, for which nobody waits, is to close what it was forked with.
    const std::set<std::string> its_own = {"0", "1", "2", "3"};
    for (int i = 0; i < 1000 && open_descriptors(device) != its_own; ++i)
      ::usleep(10'000);
    EXPECT_EQ(open_descriptors(device), its_own);
  }
  const auto unseal = [&](std::string_view text) {
    EXPECT_TRUE(keeper->begin_unseal(crypto::seal_to(keeper->unseal_key(), as_bytes(text))));
    return keeper->finish_unseal();
  };
  EXPECT_EQ(unseal("tpm\n4712").error().code, ErrorCode::kNotAuthenticated);
  EXPECT_EQ(unseal("tpm\n").error().code, ErrorCode::kRefused);
  EXPECT_EQ(unseal("moon\n4711").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(unseal("file\n4711").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(keeper->is_sealed());
  // A TPM that takes its time: who waits for it can do nothing else.
  ASSERT_EQ(::kill(tpm.pid(), SIGSTOP), 0);
  EXPECT_TRUE(keeper->begin_unseal(crypto::seal_to(keeper->unseal_key(), as_bytes("tpm\n4711"))));
  std::string status;
  for (int i = 0; i < 1000 && status.find("Seccomp:\t2") == std::string::npos; ++i) {
    ::usleep(10'000);
    std::stringstream text;
    text << std::ifstream("/proc/" + children_of(device) + "/status").rdbuf();
    status = text.str();
  }
  EXPECT_THAT(status, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(status, HasSubstr("CapEff:\t0000000000000000"));
  ASSERT_EQ(::kill(tpm.pid(), SIGCONT), 0);
  const Status opened = keeper->finish_unseal();
  EXPECT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(keeper->create_system_key());
  if (::geteuid() == 0) {
    EXPECT_EQ(open_descriptors(pid), (std::set<std::string>{"0", "1", "2", "3"}));
  }
  for (int i = 0; i < 1000 && !children_of(pid).empty(); ++i)
    ::usleep(10'000);
  EXPECT_EQ(children_of(pid), "");
}

// In its sandbox it cannot start the chip's process again, and must not try.
TEST_F(KeeperProcess, AChipThatRefusedAtTheStartIsNotAskedAgain) {
  if (!SoftwareTpm::is_there()) GTEST_SKIP() << "swtpm is not installed";
  SoftwareTpm tpm;
  std::filesystem::remove(root_key);
  const UniqueFd lines = passphrase("a long one\n");
  EXPECT_TRUE(RemoteKeeper::connect(
      start({"--create", "--seal", "tpm,passphrase", "--seal-setting", "tpm-device=" + tpm.path(),
             "--seal-setting", "tpm-pcrs=16", "--passphrase-fd", "4"},
            lines.get())));
  ::waitpid(std::stoi(newest_child()), nullptr, 0);
  {
    const auto alone = connect();
    EXPECT_FALSE(alone->is_sealed());
    EXPECT_TRUE(alone->warnings().size() <= 1) << "of memory that is not locked at most";
  }
  ASSERT_EQ(tpm.extend_pcr(16), 0u);
  auto keeper = connect();
  ASSERT_TRUE(keeper->is_sealed());
  EXPECT_THAT(keeper->warnings(), testing::Contains(HasSubstr("PCR 16 is another now")));
  const auto unseal = [&](std::string_view text) {
    EXPECT_TRUE(keeper->begin_unseal(crypto::seal_to(keeper->unseal_key(), as_bytes(text))));
    return keeper->finish_unseal();
  };
  EXPECT_THAT(unseal("tpm\n").error().message, HasSubstr("at a start only"));
  EXPECT_TRUE(unseal("a long one"));
}

// What it can do is what the kernel lets it: nothing but its socket.
TEST_F(KeeperProcess, IsConfinedAndCannotBeReadByItsOwnUser) {
  auto keeper = loaded();
  const std::string pid = newest_child();
  std::stringstream status;
  status << std::ifstream("/proc/" + pid + "/status").rdbuf();
  EXPECT_THAT(status.str(), HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(status.str(), HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(status.str(), HasSubstr("CapEff:\t0000000000000000"));
  if (::geteuid() != 0) {
    EXPECT_FALSE(std::ifstream("/proc/" + pid + "/environ").good());
    return;
  }
  EXPECT_EQ(open_descriptors(pid), (std::set<std::string>{"0", "1", "2", "3"}));
  std::ifstream limits("/proc/" + pid + "/limits");
  std::string line, core;
  while (std::getline(limits, line))
    if (line.starts_with("Max core file size")) core = line;
  EXPECT_THAT(core, testing::ContainsRegex("size +0 +0"));
}

// The next root key is made by one process, and comes to the one that serves in a box.
TEST_F(KeeperProcess, AnotherRootKeyWrapsWhatTheOldOneHadWrapped) {
  auto keeper = loaded();
  constexpr vault::KeyEpoch kDropped{vault::OrganisationId{2}, 1};
  const Bytes dropped = keeper->create_organisation_key(kDropped).value();
  ASSERT_TRUE(keeper->load_organisation_key(kDropped, dropped));
  const Bytes system_key = keeper->create_system_key().value();
  auto fresh = keeper->create_file_key(kFirst).value();
  ASSERT_TRUE(keeper->create_file_key(kDropped));

  const auto next = fresh_key(crypto::system_random());
  crypto::SealedBoxPublicKey to{};
  std::ranges::copy(keeper->root_key()->box_key, to.begin());
  EXPECT_EQ(keeper->root_key()->id, root_key_id(RootKeyFile::read(root_key)->open({}).value()));
  EXPECT_FALSE(keeper->rewrap_system_key(system_key)) << "with no next root key";
  EXPECT_FALSE(keeper->adopt_root_key(Bytes(80, Byte{1})));
  const auto adopted = keeper->adopt_root_key(crypto::seal_to(to, next.view()));
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(*adopted, root_key_id(next));
  const auto system_again = keeper->rewrap_system_key(system_key);
  const auto organisation_again = keeper->rewrap_organisation_key(kFirst, wrapped_organisation_key);
  ASSERT_TRUE(system_again && organisation_again);
  keeper->forget_organisation_key(kDropped);
  ASSERT_TRUE(keeper->settle_root_key());
  EXPECT_EQ(keeper->root_key()->id, root_key_id(next));

  EXPECT_FALSE(keeper->create_file_key(kDropped)) << "one that was made ahead";
  EXPECT_FALSE(keeper->load_organisation_key(kDropped, dropped)) << "by the old root key";
  EXPECT_FALSE(keeper->unwrap_system_key(system_key));
  auto still = keeper->await_file_key(kFirst, fresh.lineage, fresh.wrapped);
  EXPECT_TRUE(still.get());
  LocalKeeper other(next.clone(), crypto::system_random());
  EXPECT_TRUE(other.unwrap_system_key(*system_again));
  ASSERT_TRUE(other.load_organisation_key(kFirst, *organisation_again));
  auto there = other.await_file_key(kFirst, fresh.lineage, fresh.wrapped);
  ASSERT_TRUE(there.get());
  EXPECT_TRUE(equal((*there.get())->view(), fresh.key.view()));
}

TEST_F(KeeperProcess, FileKeysGoFromOneKeyOfTheirOrganisationToAnother) {
  auto keeper = loaded();
  constexpr vault::KeyEpoch kSecond{vault::OrganisationId{1}, 2};
  constexpr vault::KeyEpoch kOther{vault::OrganisationId{2}, 1};
  for (const auto& which : {kSecond, kOther})
    ASSERT_TRUE(
        keeper->load_organisation_key(which, keeper->create_organisation_key(which).value()));
  auto fresh = keeper->create_file_key(kFirst).value();
  EXPECT_FALSE(keeper->rewrap_file_key(kFirst, kOther, fresh.lineage, fresh.wrapped));
  EXPECT_FALSE(
      keeper->rewrap_file_key(kFirst, {kFirst.organisation, 3}, fresh.lineage, fresh.wrapped));
  const auto again = keeper->rewrap_file_key(kFirst, kSecond, fresh.lineage, fresh.wrapped);
  ASSERT_TRUE(again) << again.error().message;
  keeper->forget_organisation_key(kFirst);
  auto older = keeper->await_file_key(kFirst, fresh.lineage, fresh.wrapped);
  EXPECT_FALSE(older.get());
  auto newer = keeper->await_file_key(kSecond, fresh.lineage, *again);
  ASSERT_TRUE(newer.get());
  EXPECT_TRUE(equal((*newer.get())->view(), fresh.key.view()));
  EXPECT_EQ(keeper->file_keys_unwrapped(), 1u) << "no key left the keeper for the rewrapping";
}

// An interrupted change leaves two files; the system key tells which root key it is.
TEST_F(KeeperProcess, OfTwoRootKeysItKeepsTheOneThatOpensTheSystemKey) {
  for (const bool changed : {false, true}) {
    auto before = connect();
    Bytes system_key = before->create_system_key().value();
    const auto next = fresh_key(crypto::system_random());
    const auto text = RootKeyFile::write(next, Seal::kFile, {}, crypto::system_random()).value();
    ASSERT_TRUE(create_root_key_file(next_root_key_path(root_key), text));
    if (changed) {
      crypto::SealedBoxPublicKey to{};
      std::ranges::copy(before->root_key()->box_key, to.begin());
      ASSERT_TRUE(before->adopt_root_key(crypto::seal_to(to, next.view())));
      system_key = before->rewrap_system_key(system_key).value();
      ASSERT_TRUE(before->settle_root_key());
    }
    before.reset();
    auto keeper = connect();
    ASSERT_TRUE(keeper->unwrap_system_key(system_key));
    const Bytes id = keeper->root_key()->id;
    EXPECT_EQ(id == root_key_id(next), changed);
    ASSERT_TRUE(keeper->create_organisation_key(kFirst));
    const auto finished = finish_root_key_change(root_key, id);
    ASSERT_TRUE(finished) << finished.error().message;
    EXPECT_EQ(*finished, changed);
    EXPECT_FALSE(std::filesystem::exists(next_root_key_path(root_key)));
    EXPECT_EQ(RootKeyFile::read(root_key)->key_id(), id);
    EXPECT_FALSE(finish_root_key_change(root_key, id).value());
  }
}

}  // namespace
}  // namespace bulkhead::keeper
