// One outgoing TLS connection (RFC 5425: TLS 1.2 or newer, the server's certificate is checked).
// Setting up needs files and the network; everything after connect() needs neither, so that it can
// happen in the sandbox. What the server sends is hostile input to libssl.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"

struct ssl_ctx_st;
struct ssl_st;

namespace bulkhead::processes {

struct TlsSettings {
  std::string address;           // "203.0.113.5:6514", "[2001:db8::1]:6514"; nothing is resolved
  std::string server_name;       // in its certificate; empty: the address itself has to be in it
  std::string ca_file;           // who may have signed it (PEM)
  std::string certificate_file;  // ours, for a server that asks; empty: none
  std::string key_file;
};

class TlsConnection {
 public:
  // Reads the files and connects; not a byte is read or written.
  static Result<TlsConnection> connect(const TlsSettings& settings);
  TlsConnection(TlsConnection&&) noexcept = default;
  ~TlsConnection();

  int fd() const { return socket_.get(); }
  Status handshake();
  Status write(ByteView bytes);
  // Whether the peer's TCP has acknowledged all that was written.
  Result<bool> all_acknowledged() const;
  // To be called when the socket is readable: a server of syslog says nothing but good-bye.
  Status read_nothing();
  void close();  // close_notify

 private:
  struct Freed {
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_st* connection) const;
  };
  TlsConnection() = default;
  Status load(const TlsSettings& settings);
  Status until_done(const std::function<int()>& step, std::string_view doing);

  UniqueFd socket_;
  std::unique_ptr<ssl_ctx_st, Freed> context_;
  std::unique_ptr<ssl_st, Freed> connection_;
};

}  // namespace bulkhead::processes
