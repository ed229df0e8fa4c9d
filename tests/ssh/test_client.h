// The client's side of SSH, as far as tests need it: it can speak correctly, and wrongly wherever a
// test wants. Packets go into and out of a Connection directly; no sockets.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client_exchange.h"
#include "crypto/signature.h"
#include "reference_authority.h"
#include "ssh/connection.h"
#include "ssh/key_exchange.h"
#include "ssh/packet_input.h"
#include "ssh/packet_output.h"
#include "sshwire/numbers.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"
#include "test_services.h"

namespace bulkhead::ssh::testing {

class TestClient {
 public:
  struct Lists {
    std::string kex = "curve25519-sha256,ext-info-c,kex-strict-c-v00@openssh.com";
    std::string host_key = "ssh-ed25519";
    std::string cipher = "aes256-gcm@openssh.com";
    std::string mac = "hmac-sha2-256-etm@openssh.com";
    std::string compression = "none";
    bool first_kex_packet_follows = false;
  };

  // Plain lets packets go on unprotected behind the key exchange (with a server that has the same
  // hook).
  explicit TestClient(Connection& connection, Protection protection = {});

  Lists lists;
  std::string version = "SSH-2.0-TestClient_1";
  std::size_t bytes_per_feed = SIZE_MAX;  // 1: the server gets its input byte by byte

  // Sends bytes as they are / a payload as a packet; the server works on them at once.
  void feed(ByteView bytes);
  void send(ByteView payload);
  void send(const sshwire::Writer& writer) { send(writer.view()); }
  Bytes seal(ByteView payload);  // a packet, not sent
  // Reads what the server has sent so far; its messages pile up in `received`.
  void take_output(std::size_t limit = SIZE_MAX);

  void send_version();
  void send_kexinit();
  void send_kex_init_message();
  void send_newkeys();
  // Reads KEX_ECDH_REPLY and NEWKEYS, checks the host's signature, sends NEWKEYS and switches.
  void finish_kex();
  void handshake();     // all of the above, version and first kex
  void rekey();         // from the client's side
  void answer_rekey();  // the server's KEXINIT is at the front of received
  void request_service();
  void login(const std::string& user, const std::string& password);
  std::uint32_t open_channel(std::uint32_t window = 1 << 20, std::uint32_t max_packet = 32768);
  void subsystem(std::uint32_t channel, std::string_view name);
  void send_data(std::uint32_t channel, ByteView data);

  std::deque<Bytes> received;
  Bytes next();                                      // front of received; empty Bytes if none
  Bytes expect(Byte message);                        // fails the test if the next is another
  std::optional<std::uint32_t> disconnect_reason();  // searches received

  Bytes session_id;
  Bytes exchange_hash;
  Bytes host_key_blob;
  std::string server_version;
  Bytes kexinit;
  Bytes server_kexinit;
  bool strict = true;

 private:
  Connection& connection_;
  Protection protection_;
  PacketOutput output_;
  PacketInput input_;
  Bytes from_server_;
  Bytes to_server_;  // not consumed yet
  std::unique_ptr<ClientExchange> exchange_;
  std::deque<Bytes> answers_;  // to what came before the reply
  bool awaiting_reply_ = false;
  std::unique_ptr<PacketOpener> next_opener_;
  std::unique_ptr<PacketSealer> next_sealer_;

  std::string agreed_kex() const;
  void on_message(ByteView payload);
  void on_kex_reply(ByteView payload);
};

}  // namespace bulkhead::ssh::testing
