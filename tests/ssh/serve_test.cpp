// The loop around a connection, over a socket pair.
#include "ssh/serve.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "base/fd.h"
#include "reference_authority.h"
#include "sshwire/numbers.h"
#include "test_services.h"

namespace bulkhead::ssh::testing {
namespace {

class ServeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    client_.reset(ends[0]);
    server_.reset(ends[1]);
  }
  // Serves in the background; how it ended.
  Ending serve_while(const std::function<void()>& client) {
    std::optional<Ending> ending;
    std::thread thread([&] {
      Connection connection(authority_, services_, {}, system_clock());
      ending =
          serve(server_.get(), connection, system_clock(), {.receive_bytes = 0, .linger_ms = 500});
    });
    client();
    thread.join();
    return *ending;
  }
  Bytes read_to_end() {
    Bytes all;
    Byte buffer[4096];
    for (ssize_t got = 0; (got = ::recv(client_.get(), buffer, sizeof buffer, 0)) > 0;) {
      all.insert(all.end(), buffer, buffer + got);
    }
    return all;
  }
  UniqueFd client_;
  UniqueFd server_;
  ReferenceAuthority authority_;
  TestServices services_;
};

TEST_F(ServeTest, AClientThatLeaves) {
  const Ending ending = serve_while([&] { client_.reset(); });
  EXPECT_EQ(ending.by, Ending::By::kNetwork);
  EXPECT_EQ(ending.reason, DisconnectReason::kConnectionLost);
}

TEST_F(ServeTest, AStrangerGetsTheVersionAndADisconnect) {
  Bytes all;
  const Ending ending = serve_while([&] {
    ASSERT_TRUE(write_all(client_.get(), as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                          "the test's socket"));
    all = read_to_end();
  });
  EXPECT_EQ(ending.reason, DisconnectReason::kProtocolError);
  EXPECT_TRUE(as_text(all).starts_with("SSH-2.0-Bulkhead_test\r\n"));
  EXPECT_NE(as_text(all).find("The client does not speak SSH"), std::string_view::npos);
}

TEST_F(ServeTest, ALoginThatTakesTooLong) {
  authority_.greeting.login_grace_ms = 200;
  Bytes all;
  const Ending ending = serve_while([&] {
    ASSERT_TRUE(write_all(client_.get(), as_bytes("SSH-2.0-slow\r\n"), "the test's socket"));
    all = read_to_end();
  });
  EXPECT_EQ(ending.reason, DisconnectReason::kByApplication);
  EXPECT_NE(as_text(all).find("The login took too long"), std::string_view::npos);
}

TEST_F(ServeTest, AnAuthorityThatIsGoneEndsItBeforeTheGreeting) {
  class Gone final : public Authority {
    Result<Greeting> greet() override {
      return fail(ErrorCode::kDisconnected, "The server is stopping");
    }
    Result<Bytes> fresh_kexinit() override { return fail(ErrorCode::kDisconnected, ""); }
    Result<SignedExchange> sign_exchange(const ExchangeInputs&) override {
      return fail(ErrorCode::kDisconnected, "");
    }
    Result<AuthAnswer> authenticate(const AuthRequest&) override {
      return fail(ErrorCode::kDisconnected, "");
    }
    Result<std::vector<Bytes>> prove_host_keys(const std::vector<Bytes>&) override {
      return fail(ErrorCode::kDisconnected, "");
    }
  } gone;
  Connection connection(gone, services_, {}, system_clock());
  const Ending ending =
      serve(server_.get(), connection, system_clock(), {.receive_bytes = 0, .linger_ms = 10});
  EXPECT_EQ(ending.by, Ending::By::kServer);
  EXPECT_EQ(ending.message, "The server is stopping");
  EXPECT_TRUE(read_to_end().empty()) << "a packet without a greeting would not be understood";
}

}  // namespace
}  // namespace bulkhead::ssh::testing
