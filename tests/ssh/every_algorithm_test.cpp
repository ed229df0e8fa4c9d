// Each algorithm that is offered carries a session, inside the sandbox of an sftp-session process:
// libcrypto loads lazily, and what prepare_for_sandbox() did not load is killed here.
#include <gtest/gtest.h>

#include "fixture.h"
#include "sshwire/names.h"
#include "support/in_sandbox.h"

namespace bulkhead::ssh::testing {
namespace {

using Lists = TestClient::Lists;

// Logs in, gets an echo, changes keys, gets another. Says on the standard error what did not.
class SandboxedSession {
 public:
  explicit SandboxedSession(const Lists& lists) : client_(server_) {
    authority_.users["ann"] = {.password = "correct horse", .key_blobs = {}, .needs_both = false};
    client_.lists = lists;
  }

  void run() {
    client_.handshake();
    client_.login("ann", "correct horse");
    const std::uint32_t channel = client_.open_channel();
    client_.subsystem(channel, "echo");
    echo(channel, "before");
    client_.rekey();
    echo(channel, "after");
    EXPECT_FALSE(server_.ended());
  }

 private:
  void echo(std::uint32_t channel, std::string_view text) {
    client_.received.clear();
    client_.send_data(channel, as_bytes(text));
    client_.take_output();
    bool came = false;
    for (const Bytes& message : client_.received)
      came = came || (message[0] == sshwire::kMsgChannelData && as_text(message).ends_with(text));
    EXPECT_TRUE(came) << text;
  }

  ManualClock clock_{1'800'000'000'000'000};
  ReferenceAuthority authority_;
  TestServices services_;
  Options options_;
  Connection server_{authority_, services_, options_, clock_};
  TestClient client_;
};

void expect_session(const Lists& lists) {
  EXPECT_EQ(test::in_sandbox([&] { SandboxedSession(lists).run(); }), 0)
      << lists.kex << " " << lists.host_key << " " << lists.cipher << " " << lists.mac;
}

TEST(EveryAlgorithm, KeyExchangeMethods) {
  for (const auto& row : sshwire::kex_names()) {
    Lists lists;
    lists.kex = std::string(row.name) + ",ext-info-c,kex-strict-c-v00@openssh.com";
    expect_session(lists);
  }
}

TEST(EveryAlgorithm, CiphersAndMacs) {
  for (const auto& cipher : sshwire::cipher_names()) {
    for (const auto& mac : sshwire::mac_names()) {
      Lists lists;
      lists.cipher = cipher.name;
      lists.mac = mac.name;
      expect_session(lists);
      if (cipher_authenticates(cipher.name)) break;
    }
  }
}

TEST(EveryAlgorithm, TheTestNoticesWhatIsNotAllowed) {
  const int status = test::in_sandbox([] {
    ::getppid();
    ::fork();
  });
  EXPECT_TRUE(WIFSIGNALED(status)) << status;
}

}  // namespace
}  // namespace bulkhead::ssh::testing
