// The session's loop over a real socket and real TLS: what a client would wait for in vain.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <thread>

#include "base/fd.h"
#include "crypto/x509.h"
#include "harness.h"
#include "processes/https_session/serve.h"
#include "processes/https_session/tls_server.h"

namespace bulkhead::processes {
namespace {

constexpr int kPatienceSeconds = 20;  // a client that hears nothing for so long waits in vain

class Server {
 public:
  explicit Server(int socket) : socket_(socket) {
    TlsServer::prepare();
    thread_ = std::thread([this] {
      const auto key = crypto::SigningKey::generate(crypto::SigningKeyKind::kEcdsaP256);
      const std::string certificate = to_string(
          crypto::self_signed_certificate(key, {"files.example"}, system_clock().now(), 1));
      auto tls = TlsServer::create({certificate}, [&](ByteView content) -> Result<Bytes> {
        return key.sign_der(crypto::HashAlgorithm::kSha256, content);
      });
      BH_ASSERT(tls.has_value());
      ended_ = serve_https(socket_.get(), **tls, harness.connection, system_clock(), 10'000);
      socket_ = UniqueFd();
    });
  }
  // After the client has gone.
  Status join() {
    thread_.join();
    return ended_;
  }

  https::test::Harness harness;

 private:
  UniqueFd socket_;
  Status ended_;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(int socket) : socket_(socket), context_(SSL_CTX_new(TLS_client_method())) {
    const timeval patience{kPatienceSeconds, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket);
    connected = SSL_connect(ssl_) == 1;
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  void say(std::string_view text) {
    ASSERT_EQ(SSL_write(ssl_, text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }
  // Up to the end of `until`, or to the end of all patience.
  std::string hear(std::string_view until) {
    std::string heard;
    char some[4096];
    while (heard.find(until) == std::string::npos) {
      const int got = SSL_read(ssl_, some, sizeof some);
      if (got <= 0) return heard + " and no more";
      heard.append(some, static_cast<std::size_t>(got));
    }
    return heard;
  }

  bool connected = false;

 private:
  UniqueFd socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

class Serving : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server.emplace(ends[0]);
    client.emplace(ends[1]);
    ASSERT_TRUE(client->connected);
    client->say(
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nContent-Length: 32\r\n\r\n"
        "user=anna&password=p%26ss+w%25rd");
    ASSERT_NE(client->hear("}\n").find("\"user\":\"anna\""), std::string::npos);
  }
  void TearDown() override {
    client.reset();
    if (server) (void)server->join();
  }
  std::optional<Server> server;
  std::optional<Client> client;
};

TEST_F(Serving, WhoExpectsToContinueIsToldSoAndHeard) {
  client->say(
      "PUT /api/v1/files/home/anna/new HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(client->hear("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client->say("abc");
  EXPECT_TRUE(client->hear("\r\n\r\n").starts_with("HTTP/1.1 201 "));
}

// Some clients send all at once and do not wait; the content then lies behind what is to be said.
TEST_F(Serving, WhoDoesNotWaitIsHeardToo) {
  client->say(
      "PUT /api/v1/files/home/anna/new HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\n\r\nabc");
  EXPECT_EQ(client->hear("201 ").substr(0, 25), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(Serving, NothingToSendIsNothingToWaitFor) {
  for (const char* request :
       {"GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
        "PUT /api/v1/files/home/anna/none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        "Content-Length: 0\r\n\r\n"}) {
    client->say(request);
    EXPECT_TRUE(client->hear("X-Content-Type-Options: nosniff").starts_with("HTTP/1.1 20"))
        << request;
    client->say("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(client->hear("}\n").find("HTTP/1.1 404"), std::string::npos);
  }
}

}  // namespace
}  // namespace bulkhead::processes
