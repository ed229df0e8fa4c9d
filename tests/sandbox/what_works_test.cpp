// What an edge and an analyst need still works inside: cryptography, the channel with descriptors,
// files, the clock.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "channel/client.h"
#include "channel/codec.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/prepare.h"
#include "crypto/random.h"
#include "crypto/x25519.h"
#include "sandbox/sandbox.h"

namespace bulkhead::sandbox {
namespace {

// As a process main does it: prepare, enter, work. A body returns nullptr, or what did not work.
std::string run_prepared(Kind kind, std::vector<int> keep,
                         const std::function<const char*()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    crypto::prepare_for_sandbox();
    Policy policy = kind == Kind::kSftpSession ? sftp_session_policy(9)
                    : kind == Kind::kAnalyst   ? analyst_policy(9, 1ULL << 30)
                                               : keeper_policy();
    policy.keep = std::move(keep);
    policy.keep.push_back(STDERR_FILENO);
    if (!enter(policy)) ::_exit(99);
    const char* wrong = body();
    if (wrong != nullptr) log_error(wrong);
    ::_exit(wrong == nullptr ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit {}", WEXITSTATUS(status));
}

const char* cryptography() {
  crypto::Random& random = crypto::system_random();
  crypto::Aes256Gcm cipher{crypto::AeadKey(random.array<32>())};
  const auto nonce = random.array<12>();
  Bytes text(65536, 0x41), sealed(text.size()), opened(text.size());
  crypto::AeadTag tag;
  cipher.seal(nonce, as_bytes("associated"), text, sealed, tag);
  if (!cipher.open(nonce, as_bytes("associated"), sealed, tag, opened) || opened != text)
    return "AES-GCM";

  const auto ours = crypto::X25519KeyPair::generate(random);
  const auto theirs = crypto::X25519KeyPair::generate(random);
  const auto one = ours.agree(theirs.public_key);
  const auto other = theirs.agree(ours.public_key);
  if (!one || !other || !equal(one->view(), other->view())) return "X25519";

  for (const auto algorithm : {crypto::HashAlgorithm::kSha1, crypto::HashAlgorithm::kSha256,
                               crypto::HashAlgorithm::kSha384, crypto::HashAlgorithm::kSha512}) {
    if (crypto::digest(algorithm, text).size() != crypto::digest_size(algorithm)) return "SHA";
  }
  Bytes key(32);
  crypto::hkdf_sha256(text, {}, as_bytes("info"), key);
  if (std::all_of(key.begin(), key.end(), [](Byte byte) { return byte == 0; })) return "HKDF";
  return nullptr;
}

TEST(InsideTheSandbox, CryptographyWorks) {
  EXPECT_EQ(run_prepared(Kind::kSftpSession, {}, cryptography), "exit 0");
  EXPECT_EQ(run_prepared(Kind::kAnalyst, {}, cryptography), "exit 0");
  EXPECT_EQ(run_prepared(Kind::kKeeper, {}, cryptography), "exit 0");
}

TEST(InsideTheSandbox, TheChannelBringsAFileThatCanBeReadAndWritten) {
  std::string path = testing::TempDir() + "bulkhead-inside-XXXXXX";
  const UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
  ASSERT_TRUE(file);
  ::unlink(path.c_str());
  ASSERT_TRUE(write_all_at(file.get(), as_bytes("ciphertext"), 0, "the file"));

  for (const Kind kind : {Kind::kSftpSession, Kind::kAnalyst}) {
    auto pair = channel::MessageSocket::make_pair();
    ASSERT_TRUE(pair);
    channel::MessageSocket vault(std::move(pair->first), channel::Descriptors::kRefuse);
    // The answer is there before the question, which needs no second thread; the first id is 1.
    channel::Reply reply;
    reply.set_id(1);
    reply.set_descriptors(1);
    std::vector<UniqueFd> descriptors;
    descriptors.emplace_back(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
    ASSERT_TRUE(vault.send(*channel::encode(reply), descriptors));
    const int edge = pair->second.get();

    EXPECT_EQ(run_prepared(kind, {edge},
                           [edge]() -> const char* {
                             channel::Client client{UniqueFd(edge)};
                             channel::Request request;
                             request.mutable_capacity();
                             std::vector<UniqueFd> got;
                             if (!client.call(request, &got) || got.size() != 1) return "the call";
                             const auto disk_file = wrap_fd(std::move(got[0]), "the part");
                             if (disk_file->size().value_or(0) != 10) return "the size";
                             Bytes bytes(10);
                             if (!read_exactly_at(*disk_file, bytes, 0, "the part"))
                               return "reading";
                             if (as_text(bytes) != "ciphertext") return "what was read";
                             if (!disk_file->write_at(bytes, 10)) return "writing";
                             disk_file->start_writeback(0, 10);
                             disk_file->expect_sequential_reads();
                             if (!disk_file->sync_data()) return "syncing";
                             return disk_file->truncate(10) ? nullptr : "truncating";
                           }),
              "exit 0");
    auto question = vault.try_receive();
    ASSERT_TRUE(question && *question);
    EXPECT_TRUE(channel::decode_request((*question)->bytes));
  }
}

TEST(InsideTheSandbox, TheClientsSocketCanBeServed) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd client(ends[0]), server(ends[1]);
  ASSERT_EQ(::send(client.get(), "hello", 5, 0), 5);
  const int fd = server.get();
  EXPECT_EQ(run_prepared(Kind::kSftpSession, {fd},
                         [fd]() -> const char* {
                           pollfd waiting{fd, POLLIN, 0};
                           if (::poll(&waiting, 1, 1000) != 1) return "poll";
                           char text[8];
                           if (::recv(fd, text, sizeof text, MSG_DONTWAIT) != 5) return "recv";
                           if (::send(fd, text, 5, MSG_NOSIGNAL | MSG_DONTWAIT) != 5) return "send";
                           return ::shutdown(fd, SHUT_WR) == 0 ? nullptr : "shutdown";
                         }),
            "exit 0");
  char text[8];
  EXPECT_EQ(::recv(client.get(), text, sizeof text, 0), 5);
}

TEST(InsideTheSandbox, ClockLogAndMemoryWork) {
  EXPECT_EQ(
      run_prepared(Kind::kAnalyst, {},
                   []() -> const char* {
                     if (system_clock().now() <= 0 || system_clock().monotonic_ms() < 0)
                       return "the clock";
                     configure_log("inside", LogFormat::kJson, LogLevel::kInfo);
                     log_info("a line from inside", {{"number", 1}, {"at", to_rfc3339(0)}});
                     log_info(fail_errno("trying", EACCES).error().message);
                     std::vector<Bytes> pieces;
                     for (int i = 0; i < 200; ++i)
                       pieces.emplace_back(static_cast<std::size_t>(i) * 5000);
                     pieces[150].resize(10 << 20);  // beyond mmap's threshold, grown by mremap
                     pieces[150].resize(30 << 20);
                     try {
                       throw std::runtime_error("unwinding reads no file");
                     } catch (const std::exception&) {
                       return nullptr;
                     }
                   }),
      "exit 0");
}

}  // namespace
}  // namespace bulkhead::sandbox
