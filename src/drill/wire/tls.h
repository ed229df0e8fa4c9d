// As much of TLS 1.3 as a server needs for one stock client (RFC 8446): TLS_AES_256_GCM_SHA384,
// x25519 and a key on P-256 that somebody else signs with; nothing else, once a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::drill {

class TlsTransport {
 public:
  explicit TlsTransport(int fd) : fd_(fd) {}

  // What a CertificateVerify covers -> its signature; empty: there is none.
  using Sign = std::function<std::string(const std::string& content)>;
  // `certificates` in DER, the server's first.
  bool shake_hands(const std::vector<std::string>& certificates, const Sign& sign);

  // Application data, a record at a time. Nothing: the other side is gone, or what came is no
  // record.
  bool send(std::string_view content);
  std::optional<std::string> receive();
  // The five bytes before a record that was none, where receive() gave nothing.
  const std::string& not_a_record() const { return not_a_record_; }

 private:
  struct Direction {
    std::string key;  // empty: not yet encrypted
    std::string iv;
    std::uint64_t records = 0;
  };
  struct Record {
    std::uint8_t type = 0;
    std::string content;
  };
  bool send_record(std::uint8_t type, std::string_view content);
  std::optional<Record> receive_record();
  std::string nonce(Direction& direction);
  static Direction direction_of(const std::string& traffic_secret);

  void say(std::uint8_t type, std::string_view body);  // a handshake message, when it is sent
  bool send_said();
  std::string derived(const std::string& secret, std::string_view label) const;
  bool greet(std::string_view client_hello);
  bool prove(const std::vector<std::string>& certificates, const Sign& sign);
  bool hear_finished();

  int fd_;
  Direction sending_;
  Direction receiving_;
  std::string not_a_record_;
  std::string transcript_;
  std::string said_;  // and not yet sent
  std::string handshake_secret_;
  std::string from_client_;  // traffic secrets of the handshake
  std::string from_server_;
};

}  // namespace bulkhead::drill
