// As much of SSH as an attacker needs at either end (RFC 4253): curve25519-sha256, ssh-ed25519 and
// aes256-gcm@openssh.com, nothing else, once a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::drill {

namespace ssh_number {
constexpr std::uint8_t kDisconnect = 1, kIgnore = 2, kUnimplemented = 3, kDebug = 4,
                       kServiceRequest = 5, kServiceAccept = 6, kExtInfo = 7, kKexinit = 20,
                       kNewkeys = 21, kKexEcdhInit = 30, kKexEcdhReply = 31, kUserauthRequest = 50,
                       kUserauthFailure = 51, kUserauthSuccess = 52, kUserauthBanner = 53,
                       kUserauthPkOk = 60, kUserauthInfoRequest = 60, kUserauthInfoResponse = 61,
                       kGlobalRequest = 80, kRequestFailure = 82, kChannelOpen = 90,
                       kChannelOpenConfirmation = 91, kChannelWindowAdjust = 93, kChannelData = 94,
                       kChannelEof = 96, kChannelClose = 97, kChannelRequest = 98,
                       kChannelSuccess = 99, kChannelFailure = 100;
}  // namespace ssh_number

class SshTransport {
 public:
  enum class Side { kClient, kServer };
  SshTransport(int fd, Side side) : fd_(fd), side_(side) {}

  // The lines before everything else, without CR LF.
  bool send_version(std::string_view version);
  std::optional<std::string> receive_version();

  // Payloads. Nothing: the other side is gone, or what came is no packet.
  bool send(std::string_view payload);
  std::optional<std::string> receive();
  // The four bytes before a packet that was none, where receive() gave nothing.
  const std::string& not_a_packet() const { return not_a_packet_; }

  // From the next packet in either direction on (RFC 4253 section 7.2). `secret` is big-endian.
  void use_keys(std::string_view secret, std::string_view hash, std::string_view session_id);

 private:
  struct Direction {
    std::string key;  // empty: not yet encrypted
    std::string nonce;
  };
  Direction derive(char iv, char key, std::string_view secret, std::string_view hash,
                   std::string_view session_id) const;
  std::optional<std::string> receive_body(std::string_view length_field);

  int fd_;
  Side side_;
  Direction sending_;
  Direction receiving_;
  std::string not_a_packet_;
};

// SSH_MSG_KEXINIT of a client with the algorithms above.
std::string ssh_client_kexinit();

}  // namespace bulkhead::drill
