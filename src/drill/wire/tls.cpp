#include "drill/wire/tls.h"

#include "drill/wire/bytes.h"
#include "drill/wire/secrets.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {
namespace {

// RFC 8446 appendix B.
constexpr std::uint8_t kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23;
constexpr std::uint8_t kClientHello = 1, kServerHello = 2, kEncryptedExtensions = 8,
                       kCertificate = 11, kCertificateVerify = 15, kFinished = 20;
constexpr std::uint16_t kSupportedVersions = 43, kKeyShare = 51;
constexpr std::uint16_t kAes256GcmSha384 = 0x1302, kX25519 = 29, kEcdsaP256Sha256 = 0x0403;
constexpr std::uint16_t kVersion12 = 0x0303, kVersion13 = 0x0304;
constexpr std::size_t kHashBytes = 48, kKeyBytes = 32, kIvBytes = 12, kTagBytes = 16;
constexpr std::size_t kMostRecordBytes = (1 << 14) + 256;
constexpr std::size_t kMostContentBytes = 1 << 14;

void put_u16(std::string& out, std::size_t value) {
  put_u8(out, static_cast<std::uint8_t>(value >> 8));
  put_u8(out, static_cast<std::uint8_t>(value));
}
void put_u24(std::string& out, std::size_t value) {
  put_u8(out, static_cast<std::uint8_t>(value >> 16));
  put_u16(out, value);
}
std::uint16_t u16(Reader& from) {
  const unsigned high = from.u8();
  return static_cast<std::uint16_t>(high << 8 | from.u8());
}

// RFC 5869, RFC 8446 section 7.1.
std::string extract(std::string_view salt, std::string_view input) {
  return hmac_sha384(salt, input);
}
std::string expand_label(std::string_view secret, std::string_view label, std::string_view context,
                         std::size_t bytes) {
  std::string info;
  put_u16(info, bytes);
  put_u8(info, static_cast<std::uint8_t>(6 + label.size()));
  info.append("tls13 ").append(label);
  put_u8(info, static_cast<std::uint8_t>(context.size()));
  info.append(context);
  return hmac_sha384(secret, info + '\x01').substr(0, bytes);  // never more than one block
}

// The client's share for x25519; empty: it sent none.
std::string_view share_in(Reader extensions) {
  while (!extensions.rest().empty()) {
    const std::uint16_t type = u16(extensions);
    Reader body(extensions.raw(u16(extensions)));
    if (type != kKeyShare) continue;
    Reader shares(body.raw(u16(body)));
    while (!shares.rest().empty()) {
      const std::uint16_t group = u16(shares);
      const std::string_view key = shares.raw(u16(shares));
      if (group == kX25519) return key;
    }
  }
  return {};
}

}  // namespace

// --- records (section 5)

std::string TlsTransport::nonce(Direction& direction) {
  std::string number(kIvBytes - 8, '\0');
  put_u64(number, direction.records++);
  for (std::size_t i = 0; i < kIvBytes; ++i)
    number[i] = static_cast<char>(number[i] ^ direction.iv[i]);
  return number;
}

bool TlsTransport::send_record(std::uint8_t type, std::string_view content) {
  const bool encrypted = !sending_.key.empty();
  std::string header;
  put_u8(header, encrypted ? kApplicationData : type);
  put_u16(header, kVersion12);
  put_u16(header, content.size() + (encrypted ? 1 + kTagBytes : 0));
  if (!encrypted) return write_all(fd_, header + std::string(content));
  std::string inner(content);
  put_u8(inner, type);
  return write_all(fd_, header + gcm_seal(sending_.key, nonce(sending_), header, inner));
}

std::optional<TlsTransport::Record> TlsTransport::receive_record() {
  while (true) {
    const auto header = read_exactly(fd_, 5);
    if (!header) return std::nullopt;
    Reader fields(*header);
    const std::uint8_t type = fields.u8();
    u16(fields);
    const std::size_t bytes = u16(fields);
    if (type < kChangeCipherSpec || type > kApplicationData || bytes > kMostRecordBytes) {
      not_a_record_ = *header;
      return std::nullopt;
    }
    auto body = read_exactly(fd_, bytes);
    if (!body) return std::nullopt;
    if (type == kChangeCipherSpec) continue;  // says nothing (appendix D.4)
    if (receiving_.key.empty()) return Record{type, std::move(*body)};
    auto inner = gcm_open(receiving_.key, nonce(receiving_), *header, *body);
    if (!inner) return std::nullopt;
    while (!inner->empty() && inner->back() == '\0')
      inner->pop_back();
    if (inner->empty()) return std::nullopt;
    const auto inner_type = static_cast<std::uint8_t>(inner->back());
    inner->pop_back();
    return Record{inner_type, std::move(*inner)};
  }
}

bool TlsTransport::send(std::string_view content) {
  while (!content.empty()) {
    const std::string_view now = content.substr(0, kMostContentBytes);
    if (!send_record(kApplicationData, now)) return false;
    content.remove_prefix(now.size());
  }
  return true;
}

std::optional<std::string> TlsTransport::receive() {
  while (auto record = receive_record()) {
    if (record->type == kApplicationData) return std::move(record->content);
    if (record->type == kAlert) return std::nullopt;
  }
  return std::nullopt;
}

// --- the handshake (section 2)

void TlsTransport::say(std::uint8_t type, std::string_view body) {
  std::string message;
  put_u8(message, type);
  put_u24(message, body.size());
  message.append(body);
  transcript_ += message;
  said_ += message;
}

bool TlsTransport::send_said() {
  std::string_view rest = said_;
  bool sent = true;
  while (sent && !rest.empty()) {
    sent = send_record(kHandshake, rest.substr(0, kMostContentBytes));
    rest.remove_prefix(std::min(rest.size(), kMostContentBytes));
  }
  said_.clear();
  return sent;
}

std::string TlsTransport::derived(const std::string& secret, std::string_view label) const {
  return expand_label(secret, label, sha384(transcript_), kHashBytes);
}

TlsTransport::Direction TlsTransport::direction_of(const std::string& traffic_secret) {
  return {.key = expand_label(traffic_secret, "key", "", kKeyBytes),
          .iv = expand_label(traffic_secret, "iv", "", kIvBytes)};
}

bool TlsTransport::greet(std::string_view client_hello) {
  Reader message(client_hello);
  if (message.u8() != kClientHello) return false;
  message.raw(3 + 2 + 32);  // length, version, random
  const std::string_view session = message.raw(message.u8());
  message.raw(u16(message));  // cipher suites: the client is told to have ours
  message.raw(message.u8());
  const std::string_view theirs = share_in(Reader(message.raw(u16(message))));
  const PrivateKey key = PrivateKey::x25519();
  const std::string shared = theirs.empty() ? "" : key.agree(theirs);
  if (shared.empty()) return false;
  transcript_.append(client_hello);

  std::string extensions;
  put_u16(extensions, kSupportedVersions);
  put_u16(extensions, 2);
  put_u16(extensions, kVersion13);
  put_u16(extensions, kKeyShare);
  put_u16(extensions, 4 + kKeyBytes);
  put_u16(extensions, kX25519);
  put_u16(extensions, kKeyBytes);
  extensions += key.public_key();
  std::string hello;
  put_u16(hello, kVersion12);
  hello += random_bytes(32);
  put_u8(hello, static_cast<std::uint8_t>(session.size()));
  hello.append(session);
  put_u16(hello, kAes256GcmSha384);
  put_u8(hello, 0);
  put_u16(hello, extensions.size());
  say(kServerHello, hello + extensions);
  if (!send_said() || !send_record(kChangeCipherSpec, "\x01")) return false;

  const std::string zeros(kHashBytes, '\0');
  const std::string early = extract("", zeros);
  handshake_secret_ = extract(expand_label(early, "derived", sha384(""), kHashBytes), shared);
  from_client_ = derived(handshake_secret_, "c hs traffic");
  from_server_ = derived(handshake_secret_, "s hs traffic");
  receiving_ = direction_of(from_client_);
  sending_ = direction_of(from_server_);
  return true;
}

bool TlsTransport::prove(const std::vector<std::string>& certificates, const Sign& sign) {
  say(kEncryptedExtensions, std::string(2, '\0'));
  std::string list;
  for (const std::string& certificate : certificates) {
    put_u24(list, certificate.size());
    list += certificate;
    put_u16(list, 0);
  }
  std::string body;
  put_u8(body, 0);
  put_u24(body, list.size());
  say(kCertificate, body + list);
  // Section 4.4.3.
  const std::string signature =
      sign(std::string(64, ' ') + "TLS 1.3, server CertificateVerify" + '\0' + sha384(transcript_));
  if (signature.empty()) return false;
  std::string verify;
  put_u16(verify, kEcdsaP256Sha256);
  put_u16(verify, signature.size());
  say(kCertificateVerify, verify + signature);
  say(kFinished,
      hmac_sha384(expand_label(from_server_, "finished", "", kHashBytes), sha384(transcript_)));
  return send_said();
}

bool TlsTransport::hear_finished() {
  const auto finished = receive_record();
  std::string expected;
  put_u8(expected, kFinished);
  put_u24(expected, kHashBytes);
  expected +=
      hmac_sha384(expand_label(from_client_, "finished", "", kHashBytes), sha384(transcript_));
  return finished && finished->type == kHandshake && finished->content == expected;
}

bool TlsTransport::shake_hands(const std::vector<std::string>& certificates, const Sign& sign) {
  const auto hello = receive_record();
  if (!hello || hello->type != kHandshake || !greet(hello->content) || !prove(certificates, sign))
    return false;
  const std::string zeros(kHashBytes, '\0');
  const std::string main_secret =
      extract(expand_label(handshake_secret_, "derived", sha384(""), kHashBytes), zeros);
  const std::string of_client = derived(main_secret, "c ap traffic");
  sending_ = direction_of(derived(main_secret, "s ap traffic"));
  if (!hear_finished()) return false;
  receiving_ = direction_of(of_client);
  return true;
}

}  // namespace bulkhead::drill
