#include "drill/wire/ssh.h"

#include "drill/wire/bytes.h"
#include "drill/wire/secrets.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {
namespace {

constexpr std::size_t kMaxPacketBytes = 1 << 18;
constexpr std::size_t kLongestLine = 1024;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kFixedNonceBytes = 4;

// RFC 5647 section 7.1: the last eight bytes count packets.
void count_up(std::string& nonce) {
  for (std::size_t i = kNonceBytes; i-- > kFixedNonceBytes;) {
    nonce[i] = static_cast<char>(nonce[i] + 1);
    if (nonce[i] != 0) return;
  }
}

}  // namespace

bool SshTransport::send_version(std::string_view version) {
  return write_all(fd_, std::string(version) + "\r\n");
}

std::optional<std::string> SshTransport::receive_version() {
  std::string line;
  while (line.size() < kLongestLine) {
    const auto byte = read_exactly(fd_, 1);
    if (!byte) return std::nullopt;
    if (*byte == "\n") break;
    line += *byte;
  }
  while (!line.empty() && line.back() == '\r')
    line.pop_back();
  return line;
}

bool SshTransport::send(std::string_view payload) {
  const bool encrypted = !sending_.key.empty();
  // Without its length field in the modulus where that is not encrypted (RFC 5647 section 7.2).
  const std::size_t block = encrypted ? 16 : 8;
  const std::size_t counted = 1 + payload.size() + (encrypted ? 0 : 4);
  std::size_t padding = block - counted % block;
  if (padding < 4) padding += block;
  std::string body;
  put_u8(body, static_cast<std::uint8_t>(padding));
  body.append(payload);
  body.append(random_bytes(padding));
  std::string packet;
  put_u32(packet, static_cast<std::uint32_t>(body.size()));
  if (!encrypted) return write_all(fd_, packet + body);
  const std::string box = gcm_seal(sending_.key, sending_.nonce, packet, body);
  count_up(sending_.nonce);
  return write_all(fd_, packet + box);
}

std::optional<std::string> SshTransport::receive() {
  const auto field = read_exactly(fd_, 4);
  if (!field) return std::nullopt;
  return receive_body(*field);
}

std::optional<std::string> SshTransport::receive_body(std::string_view length_field) {
  const std::uint32_t length = Reader(length_field).u32();
  if (length < 5 || length > kMaxPacketBytes) {
    not_a_packet_ = length_field;
    return std::nullopt;
  }
  const bool encrypted = !receiving_.key.empty();
  auto body = read_exactly(fd_, length + (encrypted ? kTagBytes : 0));
  if (body && encrypted) {
    body = gcm_open(receiving_.key, receiving_.nonce, length_field, *body);
    count_up(receiving_.nonce);
  }
  if (!body) return std::nullopt;
  const std::size_t padding = static_cast<unsigned char>((*body)[0]);
  if (padding + 1 >= body->size()) return std::nullopt;
  return body->substr(1, body->size() - 1 - padding);
}

SshTransport::Direction SshTransport::derive(char iv, char key, std::string_view secret,
                                             std::string_view hash,
                                             std::string_view session_id) const {
  const auto letter = [&](char which) {
    std::string input;
    put_mpint(input, secret);
    input.append(hash);
    input.push_back(which);
    input.append(session_id);
    return sha256(input);
  };
  return {.key = letter(key), .nonce = letter(iv).substr(0, kNonceBytes)};
}

void SshTransport::use_keys(std::string_view secret, std::string_view hash,
                            std::string_view session_id) {
  Direction from_client = derive('A', 'C', secret, hash, session_id);
  Direction from_server = derive('B', 'D', secret, hash, session_id);
  sending_ = side_ == Side::kClient ? from_client : from_server;
  receiving_ = side_ == Side::kClient ? from_server : from_client;
}

std::string ssh_client_kexinit() {
  std::string payload;
  put_u8(payload, ssh_number::kKexinit);
  payload += random_bytes(16);
  for (const char* names :
       {"curve25519-sha256", "ssh-ed25519", "aes256-gcm@openssh.com", "aes256-gcm@openssh.com",
        "hmac-sha2-256-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "none", "none", "", ""})
    put_string(payload, names);
  put_u8(payload, 0);
  put_u32(payload, 0);
  return payload;
}

}  // namespace bulkhead::drill
