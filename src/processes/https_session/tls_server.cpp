#include "processes/https_session/tls_server.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

namespace bulkhead::processes {
namespace {

constexpr const char* kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr const char* kSignatureAlgorithms = "ECDSA+SHA256";
constexpr std::uint64_t kOptions = SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA;
constexpr std::size_t kMaxPointBytes = 256;
constexpr int kSecurityLevel = 2;  // 112 bits

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;

// --- the BIO that libssl reads and writes through

int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
  BIO_clear_retry_flags(bio);
  auto* server = static_cast<TlsServer*>(BIO_get_data(bio));
  *got = server->take_input({reinterpret_cast<Byte*>(into), size});
  if (*got > 0) return 1;
  BIO_set_retry_read(bio);
  return 0;
}

int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  static_cast<TlsServer*>(BIO_get_data(bio))
      ->put_output({reinterpret_cast<const Byte*>(bytes), size});
  *written = size;
  return 1;
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bulkhead");
    BH_ASSERT(made != nullptr && BIO_meth_set_read_ex(made, bio_read) == 1 &&
              BIO_meth_set_write_ex(made, bio_write) == 1 &&
              BIO_meth_set_ctrl(made, bio_control) == 1);
    return made;
  }();
  return method;
}

// ALPN (RFC 7301): who names protocols must know ours.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

CertificatePtr parse(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return certificate;
}

}  // namespace

void TlsServer::Freed::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsServer::Freed::operator()(ssl_st* connection) const {
  SSL_free(connection);
}
TlsServer::~TlsServer() = default;

void TlsServer::prepare() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS |
                       OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
                   nullptr);
  bio_method();
  const std::unique_ptr<ssl_ctx_st, Freed> context(SSL_CTX_new(TLS_server_method()));
  BH_ASSERT(context != nullptr);
}

std::size_t TlsServer::take_input(MutableByteView into) {
  const std::size_t size = std::min(into.size(), input_.size());
  std::ranges::copy(input_.first(size), into.begin());
  input_ = input_.subspan(size);
  return size;
}

void TlsServer::put_output(ByteView bytes) {
  if (output().empty()) {
    output_.clear();
    sent_ = 0;
  }
  output_.insert(output_.end(), bytes.begin(), bytes.end());
}

std::unexpected<Error> TlsServer::failure(const char* doing) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  if (key_ && !key_->last()) return fail(key_->last().error());
  return fail(ErrorCode::kMalformed,
              fmt::format("{}: {}", doing, reason == nullptr ? "the client broke off" : reason));
}

Status TlsServer::add_certificates(const std::vector<std::string>& certificates,
                                   SignRemotely sign) {
  if (certificates.empty()) return fail(ErrorCode::kNotFound, "there is no certificate");
  const CertificatePtr own = parse(certificates.front());
  std::array<Byte, kMaxPointBytes> point;
  std::size_t point_size = 0;
  if (own == nullptr ||
      EVP_PKEY_get_octet_string_param(X509_get0_pubkey(own.get()), OSSL_PKEY_PARAM_PUB_KEY,
                                      point.data(), point.size(), &point_size) != 1)
    return failure("the server's certificate");
  BH_TRY(key_, RemoteKey::create(ByteView(point).first(point_size), std::move(sign)));
  if (SSL_CTX_use_certificate(context_.get(), own.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context_.get(), key_->library_key()) != 1)
    return failure("the server's certificate and its key");
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    CertificatePtr issuer = parse(certificates[i]);
    if (issuer == nullptr || SSL_CTX_add0_chain_cert(context_.get(), issuer.get()) != 1)
      return failure("the certificates of the server's issuers");
    (void)issuer.release();  // the context's
  }
  return {};
}

Status TlsServer::set_up(const std::vector<std::string>& certificates, SignRemotely sign) {
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = context_.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, kCipherSuites) != 1 ||
      SSL_CTX_set1_groups_list(context, kGroups) != 1 ||
      SSL_CTX_set1_sigalgs_list(context, kSignatureAlgorithms) != 1 ||
      SSL_CTX_set_num_tickets(context, 0) != 1 || SSL_CTX_set_max_early_data(context, 0) != 1)
    return failure("setting TLS up");
  SSL_CTX_set_security_level(context, kSecurityLevel);
  SSL_CTX_set_options(context, kOptions);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  BH_CHECK(add_certificates(certificates, std::move(sign)));
  connection_.reset(SSL_new(context));
  BIO* bio = BIO_new(bio_method());
  if (connection_ == nullptr || bio == nullptr) return failure("setting TLS up");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_.get(), bio, bio);
  SSL_set_accept_state(connection_.get());
  return {};
}

Result<std::unique_ptr<TlsServer>> TlsServer::create(const std::vector<std::string>& certificates,
                                                     SignRemotely sign) {
  std::unique_ptr<TlsServer> made(new TlsServer);
  BH_CHECK(made->set_up(certificates, std::move(sign)));
  return made;
}

Status TlsServer::handshake(ByteView& network) {
  input_ = network;
  ERR_clear_error();
  const int result = SSL_accept(connection_.get());
  network = input_;
  if (result == 1) {
    established_ = true;
    return {};
  }
  if (SSL_get_error(connection_.get(), result) == SSL_ERROR_WANT_READ) return {};
  return failure("the TLS handshake");
}

Result<std::size_t> TlsServer::read(ByteView& network, MutableByteView plain) {
  input_ = network;
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(connection_.get(), plain.data(), plain.size(), &got);
  network = input_;
  if (result == 1) return got;
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return 0;
    case SSL_ERROR_ZERO_RETURN:
      return fail(ErrorCode::kDisconnected, "the client closed the connection");
    default:
      return failure("reading from the client");
  }
}

Status TlsServer::write(ByteView plain) {
  while (!plain.empty()) {
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(connection_.get(), plain.data(), plain.size(), &written) != 1)
      return failure("writing to the client");
    plain = plain.subspan(written);
  }
  return {};
}

void TlsServer::close() {
  if (established_) SSL_shutdown(connection_.get());
  ERR_clear_error();
}

}  // namespace bulkhead::processes
