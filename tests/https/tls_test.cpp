// TLS 1.3 with a key that is elsewhere, against libssl's own client; each algorithm inside an
// edge's sandbox, where libcrypto can load nothing any more.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "crypto/x509.h"
#include "processes/https_session/tls_server.h"
#include "support/in_sandbox.h"

namespace bulkhead::processes {
namespace {

constexpr std::string_view kFrame = "TLS 1.3, server CertificateVerify";

// The vault's half: the key, and what it was asked to sign.
struct Signer {
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::SigningKeyKind::kEcdsaP256);
  std::vector<std::string> contents;
  bool refuses = false;

  SignRemotely function() {
    return [this](ByteView content) -> Result<Bytes> {
      contents.push_back(to_string(content));
      if (refuses) return fail(ErrorCode::kRefused, "not this one");
      return key.sign_der(crypto::HashAlgorithm::kSha256, content);
    };
  }
  std::string certificate() const {
    return to_string(
        crypto::self_signed_certificate(key, {"files.example"}, system_clock().now(), 1));
  }
};

class Client {
 public:
  explicit Client(int version = TLS1_3_VERSION) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION*) {
      ++static_cast<Client*>(SSL_get_app_data(ssl))->tickets;
      return 0;
    });
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  SSL_CTX* context() { return context_; }
  SSL* start() {
    ssl_ = SSL_new(context_);
    SSL_set_app_data(ssl_, this);
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_, in_, out_);
    SSL_set_connect_state(ssl_);
    return ssl_;
  }
  void hears(ByteView bytes) {
    if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
  }
  Bytes says() {
    Bytes bytes(BIO_ctrl_pending(out_));
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  int tickets = 0;

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

// Both ends until they are done, or one breaks off. `portion`: of what the server is given at a
// time.
Status handshake(TlsServer& server, Client& client, SSL* ssl, std::size_t portion = SIZE_MAX) {
  for (int turn = 0; turn < 20; ++turn) {
    const int done = SSL_do_handshake(ssl);
    const Bytes said = client.says();
    ByteView rest = said;
    while (!rest.empty()) {
      ByteView now = rest.first(std::min(portion, rest.size()));
      rest = rest.subspan(now.size());
      while (!now.empty() && !server.established()) {
        const std::size_t before = now.size();
        if (Status going = server.handshake(now); !going) {
          client.hears(server.output());
          (void)SSL_do_handshake(ssl);
          return going;
        }
        if (now.size() == before) break;
      }
    }
    client.hears(server.output());
    server.output_sent(server.output().size());
    if (done == 1 && server.established()) return {};
    if (done != 1 && SSL_get_error(ssl, done) == SSL_ERROR_SSL)
      return fail(ErrorCode::kMalformed, "the client broke off");
  }
  return fail(ErrorCode::kTimeout, "no end");
}

void expect_echo(TlsServer& server, Client& client, SSL* ssl, const std::string& text) {
  ASSERT_EQ(SSL_write(ssl, text.data(), static_cast<int>(text.size())),
            static_cast<int>(text.size()));
  const Bytes said = client.says();
  ByteView network = said;
  std::string got;
  Bytes plain(1000);
  while (got.size() < text.size()) {
    const auto read = server.read(network, plain);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_GT(*read, 0u);
    got += as_text(ByteView(plain).first(*read));
  }
  EXPECT_EQ(got, text);
  ASSERT_TRUE(server.write(as_bytes(got)));
  client.hears(server.output());
  server.output_sent(server.output().size());
  std::string back(text.size(), '\0');
  std::size_t at = 0;
  while (at < back.size()) {
    const int read = SSL_read(ssl, back.data() + at, static_cast<int>(back.size() - at));
    ASSERT_GT(read, 0);
    at += static_cast<std::size_t>(read);
  }
  EXPECT_EQ(back, text);
}

std::unique_ptr<TlsServer> server_with(Signer& signer) {
  TlsServer::prepare();
  auto server = TlsServer::create({signer.certificate()}, signer.function());
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

TEST(Tls, TheKeyElsewhereSeesWhatItSignsAndIsAskedOnce) {
  for (const std::size_t portion : {SIZE_MAX, std::size_t{1}}) {
    Signer signer;
    const auto server = server_with(signer);
    Client client;
    SSL* ssl = client.start();
    const Status done = handshake(*server, client, ssl, portion);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(signer.contents.size(), 1u);
    const std::string& content = signer.contents.front();
    EXPECT_TRUE(content.size() == 130 || content.size() == 146) << content.size();
    EXPECT_EQ(content.substr(0, 64), std::string(64, ' '));
    EXPECT_EQ(content.substr(64, kFrame.size()), kFrame);
    EXPECT_EQ(content[97], '\0');
    expect_echo(*server, client, ssl, std::string(100'000, 'x'));
    // New keys, both ways, without another signature.
    ASSERT_EQ(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    expect_echo(*server, client, ssl, "after");
    EXPECT_EQ(signer.contents.size(), 1u);
    server->close();
    client.hears(server->output());
    char byte;
    EXPECT_LE(SSL_read(ssl, &byte, 1), 0);
    EXPECT_EQ(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
  }
}

TEST(Tls, NothingButTls13AndItsOneSignatureAlgorithm) {
  const auto refused = [](const std::function<void(Client&)>& change,
                          int version = TLS1_3_VERSION) {
    Signer signer;
    const auto server = server_with(signer);
    Client client(version);
    change(client);
    const bool done = handshake(*server, client, client.start()).has_value();
    EXPECT_TRUE(signer.contents.empty());
    ERR_clear_error();
    return !done;
  };
  EXPECT_TRUE(refused([](Client&) {}, TLS1_2_VERSION));
  EXPECT_TRUE(refused([](Client& c) { SSL_CTX_set1_sigalgs_list(c.context(), "RSA-PSS+SHA256"); }));
  EXPECT_TRUE(refused([](Client& c) { SSL_CTX_set1_groups_list(c.context(), "P-521"); }));
  EXPECT_TRUE(
      refused([](Client& c) { SSL_CTX_set_ciphersuites(c.context(), "TLS_AES_128_CCM_SHA256"); }));
  EXPECT_TRUE(refused([](Client& c) {
    SSL_CTX_set_alpn_protos(c.context(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  }));
}

TEST(Tls, ApplicationsThatNameOursGetIt) {
  Signer signer;
  const auto server = server_with(signer);
  Client client;
  SSL_CTX_set_alpn_protos(client.context(),
                          reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  SSL* ssl = client.start();
  ASSERT_TRUE(handshake(*server, client, ssl));
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), "http/1.1");
}

TEST(Tls, NothingIsResumed) {
  Signer signer;
  const std::string certificate = signer.certificate();
  TlsServer::prepare();
  SSL_SESSION* session = nullptr;
  for (int round = 0; round < 2; ++round) {
    auto server = TlsServer::create({certificate}, signer.function());
    ASSERT_TRUE(server);
    Client client;
    SSL* ssl = client.start();
    if (session != nullptr) SSL_set_session(ssl, session);
    ASSERT_TRUE(handshake(**server, client, ssl));
    expect_echo(**server, client, ssl, "hello");
    EXPECT_EQ(client.tickets, 0);
    EXPECT_EQ(SSL_session_reused(ssl), 0);
    EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get_session(ssl)), 0);
    if (session != nullptr) SSL_SESSION_free(session);
    session = SSL_get1_session(ssl);
  }
  SSL_SESSION_free(session);
  EXPECT_EQ(signer.contents.size(), 2u) << "each handshake is a whole one";
}

TEST(Tls, ARefusedSignatureEndsTheHandshakeAndSaysWhy) {
  Signer signer;
  signer.refuses = true;
  const auto server = server_with(signer);
  Client client;
  const Status done = handshake(*server, client, client.start());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kRefused);
  ERR_clear_error();
}

TEST(Tls, CertificatesThatAreNoneOrOfAnotherKind) {
  Signer signer;
  TlsServer::prepare();
  EXPECT_FALSE(TlsServer::create({}, signer.function()));
  EXPECT_FALSE(TlsServer::create({"no certificate"}, signer.function()));
  const auto rsa = crypto::SigningKey::generate(crypto::SigningKeyKind::kEd25519);
  EXPECT_FALSE(TlsServer::create(
      {to_string(crypto::self_signed_certificate(rsa, {"x"}, system_clock().now(), 1))},
      signer.function()));
  EXPECT_FALSE(TlsServer::create({signer.certificate(), "no issuer"}, signer.function()));
  EXPECT_TRUE(TlsServer::create({signer.certificate(), signer.certificate()}, signer.function()));
}

TEST(Tls, GarbageIsAnError) {
  for (const std::string& bytes :
       {std::string(100, 'x'), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x')}) {
    Signer signer;
    const auto server = server_with(signer);
    ByteView network = as_bytes(bytes);
    Status status;
    while (status && !network.empty())
      status = server->handshake(network);
    EXPECT_FALSE(status);
    EXPECT_LE(server->output().size(), 1000u);
  }
}

// --- in the sandbox

TEST(TlsInSandbox, EachAlgorithmThatIsNegotiated) {
  for (const char* suite :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    for (const char* group : {"X25519", "P-256", "P-384"}) {
      // The last one is a group that the client did not offer a share of: HelloRetryRequest.
      const std::string groups = group == std::string("P-384") ? "P-521:P-384" : group;
      EXPECT_EQ(test::in_sandbox(
                    [&] {
                      Signer signer;
                      auto server = TlsServer::create({signer.certificate()}, signer.function());
                      ASSERT_TRUE(server) << server.error().message;
                      Client client;
                      SSL_CTX_set_ciphersuites(client.context(), suite);
                      SSL_CTX_set1_groups_list(client.context(), groups.c_str());
                      SSL* ssl = client.start();
                      const Status done = handshake(**server, client, ssl);
                      ASSERT_TRUE(done) << done.error().message;
                      EXPECT_STREQ(SSL_get_cipher_name(ssl), suite);
                      expect_echo(**server, client, ssl, "hello");
                    },
                    TlsServer::prepare),
                0)
          << suite << " " << group;
    }
  }
}

}  // namespace
}  // namespace bulkhead::processes
