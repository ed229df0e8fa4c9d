#include "processes/forwarder/tls_connection.h"

#include <fmt/format.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

namespace bulkhead::processes {
namespace {

constexpr int kEstablished = 1;     // tcpi_state, as <netinet/tcp.h> counts
constexpr int kSilenceMs = 30'000;  // what was sent and is not acknowledged for so long ends it

std::unexpected<Error> fail_tls(std::string_view doing, ErrorCode code = ErrorCode::kIo) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return fail(code,
              fmt::format("{}: {}", doing, reason == nullptr ? "the connection ended" : reason));
}

struct HostAndPort {
  std::string host;
  std::string port;
};

Result<HostAndPort> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not ADDRESS:PORT, such as 203.0.113.5:6514", address));
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return HostAndPort{host, address.substr(colon + 1)};
}

Result<UniqueFd> connect_tcp(const HostAndPort& to, const std::string& shown) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is not an address: write the number, names are not resolved", shown));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> freed(found, ::freeaddrinfo);
  UniqueFd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("making a socket");
  const unsigned silence = kSilenceMs;
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0)
    return fail_errno(fmt::format("connecting to {}", shown));
  // From here on nothing blocks: a server that stops in the middle of a record must not hold us.
  BH_CHECK(set_nonblocking(socket.get(), true));
  return socket;
}

}  // namespace

void TlsConnection::Freed::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsConnection::Freed::operator()(ssl_st* connection) const {
  SSL_free(connection);
}
TlsConnection::~TlsConnection() = default;

Status TlsConnection::load(const TlsSettings& settings) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1)
    return fail_tls("setting TLS up");
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(context_.get(), settings.ca_file.c_str()) != 1)
    return fail_tls(fmt::format("reading {}", settings.ca_file));
  if (settings.certificate_file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context_.get(), settings.certificate_file.c_str()) != 1)
    return fail_tls(fmt::format("reading {}", settings.certificate_file));
  if (SSL_CTX_use_PrivateKey_file(context_.get(), settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_tls(fmt::format("reading {}", settings.key_file));
  return {};
}

Result<TlsConnection> TlsConnection::connect(const TlsSettings& settings) {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS |
                       OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
                   nullptr);
  TlsConnection made;
  BH_CHECK(made.load(settings));
  BH_TRY(const HostAndPort to, split(settings.address));
  BH_TRY(made.socket_, connect_tcp(to, settings.address));
  made.connection_.reset(SSL_new(made.context_.get()));
  if (!made.connection_ || SSL_set_fd(made.connection_.get(), made.socket_.get()) != 1)
    return fail_tls("setting TLS up");
  SSL* const ssl = made.connection_.get();
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
  const bool named = settings.server_name.empty()
                         ? X509_VERIFY_PARAM_set1_ip_asc(expected, to.host.c_str()) == 1
                         : SSL_set1_host(ssl, settings.server_name.c_str()) == 1 &&
                               SSL_set_tlsext_host_name(ssl, settings.server_name.c_str()) == 1;
  if (!named) return fail_tls("setting TLS up");
  return made;
}

Status TlsConnection::handshake() {
  const Status done = until_done([this] { return SSL_connect(connection_.get()); },
                                 "the TLS handshake with the syslog server");
  if (done) return {};
  const long verified = SSL_get_verify_result(connection_.get());
  if (verified == X509_V_OK) return done;
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("the syslog server's certificate is not accepted: {}",
                          X509_verify_cert_error_string(verified)));
}

Status TlsConnection::write(ByteView bytes) {
  std::size_t written = 0;
  return until_done(
      [&] { return SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &written); },
      "sending to the syslog server");
}

// Calls again when the socket is ready for what TLS wants next.
Status TlsConnection::until_done(const std::function<int()>& step, std::string_view doing) {
  while (true) {
    ERR_clear_error();
    const int result = step();
    if (result == 1) return {};
    const int wants = SSL_get_error(connection_.get(), result);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return fail_tls(doing);
    pollfd ready{socket_.get(), static_cast<short>(wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT),
                 0};
    const int found = ::poll(&ready, 1, kSilenceMs);
    if (found < 0 && errno != EINTR) return fail_errno(doing);
    if (found == 0)
      return fail(ErrorCode::kIo,
                  fmt::format("{}: the server is silent for {} s", doing, kSilenceMs / 1000));
  }
}

Result<bool> TlsConnection::all_acknowledged() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return fail_errno("asking what was acknowledged");
  if (info.tcpi_state != kEstablished)
    return fail(ErrorCode::kDisconnected, "the syslog server closed the connection");
  // Bytes that were not even sent count among the segments of the queue once they are.
  return info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0;
}

// Session tickets and key updates come unasked (RFC 8446, section 4.6): they are taken and
// forgotten.
Status TlsConnection::read_nothing() {
  Byte byte = 0;
  std::size_t read = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(connection_.get(), &byte, sizeof byte, &read);
  if (result == 1) return fail(ErrorCode::kMalformed, "the syslog server sent something");
  const int wants = SSL_get_error(connection_.get(), result);
  if (wants == SSL_ERROR_WANT_READ || wants == SSL_ERROR_WANT_WRITE) return {};
  return fail_tls("the syslog server ended the connection", ErrorCode::kDisconnected);
}

void TlsConnection::close() {
  SSL_shutdown(connection_.get());
}

}  // namespace bulkhead::processes
