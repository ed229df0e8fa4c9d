// The server's side of one TLS 1.3 connection (RFC 8446), libssl's, without I/O: bytes of the
// network in and out, plaintext out and in.
//
// Nothing but TLS 1.3; no session tickets, so no resumption; no early data; no certificates of
// clients. Each handshake is a whole one, with a signature that is made elsewhere.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "processes/https_session/remote_key.h"

struct ssl_ctx_st;
struct ssl_st;

namespace bulkhead::processes {

class TlsServer {
 public:
  // What libssl looks up once, and can look up without files later. Before the sandbox.
  static void prepare();

  // Certificates in DER, the server's first.
  static Result<std::unique_ptr<TlsServer>> create(const std::vector<std::string>& certificates,
                                                   SignRemotely sign);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // All of them take from the front of `network` what they need. An error ends the connection;
  // output() may then hold an alert for the client.
  Status handshake(ByteView& network);
  bool established() const { return established_; }
  // Plaintext into `plain`; 0: more of the network is needed. kDisconnected: the client said
  // good-bye.
  Result<std::size_t> read(ByteView& network, MutableByteView plain);
  // All of it, into output().
  Status write(ByteView plain);
  void close();  // close_notify

  ByteView output() const { return ByteView(output_).subspan(sent_); }
  void output_sent(std::size_t bytes) { sent_ += bytes; }

  // For the functions of libssl's BIO.
  std::size_t take_input(MutableByteView into);
  void put_output(ByteView bytes);

 private:
  TlsServer() = default;
  Status set_up(const std::vector<std::string>& certificates, SignRemotely sign);
  Status add_certificates(const std::vector<std::string>& certificates, SignRemotely sign);
  std::unexpected<Error> failure(const char* doing);

  struct Freed {
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_st* connection) const;
  };
  std::unique_ptr<RemoteKey> key_;  // before what uses it
  std::unique_ptr<ssl_ctx_st, Freed> context_;
  std::unique_ptr<ssl_st, Freed> connection_;
  ByteView input_;
  Bytes output_;
  std::size_t sent_ = 0;
  bool established_ = false;
};

}  // namespace bulkhead::processes
