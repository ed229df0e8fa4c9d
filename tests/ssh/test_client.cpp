#include "test_client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ssh/negotiation.h"
#include "sshwire/exchange_hash.h"
#include "sshwire/kexinit.h"
#include "sshwire/keys.h"

namespace bulkhead::ssh::testing {
using namespace sshwire;  // NOLINT

TestClient::TestClient(Connection& connection, Protection protection)
    : connection_(connection),
      protection_(std::move(protection)),
      output_(4 * 1024 * 1024, crypto::system_random()) {}

void TestClient::feed(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), bytes_per_feed);
    to_server_.insert(to_server_.end(), bytes.begin(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
    const std::size_t taken = connection_.consume(to_server_);
    to_server_.erase(to_server_.begin(), to_server_.begin() + static_cast<std::ptrdiff_t>(taken));
  }
}

Bytes TestClient::seal(ByteView payload) {
  EXPECT_TRUE(output_.send(payload));
  Bytes packet = to_bytes(output_.pending());
  output_.sent(packet.size());
  return packet;
}

void TestClient::send(ByteView payload) {
  feed(seal(payload));
}

void TestClient::take_output(std::size_t limit) {
  for (int rounds = 0; rounds < 1000 && !connection_.output().empty() && limit > 0; ++rounds) {
    const ByteView output =
        connection_.output().first(std::min(limit, connection_.output().size()));
    from_server_.insert(from_server_.end(), output.begin(), output.end());
    limit -= output.size();
    connection_.output_sent(output.size());
  }
  std::size_t done = 0;
  if (server_version.empty()) {
    const auto end = std::ranges::find(from_server_, '\n');
    if (end == from_server_.end()) return;
    done = static_cast<std::size_t>(end - from_server_.begin()) + 1;
    server_version = as_text(ByteView(from_server_).first(done - 2));
  }
  for (;;) {
    const auto packet = input_.next(MutableByteView(from_server_).subspan(done));
    if (!packet) {
      ADD_FAILURE() << "the server's packet does not open: " << packet.error().message;
      break;
    }
    if (!*packet) break;
    done += (*packet)->wire_bytes;
    on_message((*packet)->payload);
  }
  from_server_.erase(from_server_.begin(),
                     from_server_.begin() + static_cast<std::ptrdiff_t>(done));
}

void TestClient::on_message(ByteView payload) {
  if (payload[0] == kMsgKexinit) server_kexinit = to_bytes(payload);
  if (awaiting_reply_ && payload[0] >= kMsgKexFirst && payload[0] <= kMsgKexLast) {
    if (payload[0] == exchange_->reply_message()) {
      on_kex_reply(payload);
    } else if (const Bytes answer = exchange_->on_message(payload); !answer.empty()) {
      answers_.push_back(answer);
      return;
    }
  }
  if (payload[0] == kMsgNewkeys && next_opener_ != nullptr) {
    input_.protect(std::move(next_opener_));
    if (strict) input_.reset_sequence();
  }
  received.push_back(to_bytes(payload));
}

void TestClient::on_kex_reply(ByteView payload) {
  awaiting_reply_ = false;
  Reader reader(payload.subspan(1));
  const ByteView blob = reader.string();
  const ByteView server_public = reader.string();
  const ByteView signature = reader.string();
  ASSERT_TRUE(reader.finish("reply"));
  host_key_blob = to_bytes(blob);
  const auto client = parse_kexinit(kexinit);
  const auto server = parse_kexinit(server_kexinit);
  ASSERT_TRUE(client && server);
  const auto agreed = negotiate(*client, *server);
  ASSERT_TRUE(agreed);
  const Bytes secret = exchange_->shared_secret(server_public);
  ASSERT_FALSE(secret.empty());
  const auto hash =
      sshwire::exchange_hash(agreed->kex, {.client_version = version,
                                           .server_version = server_version,
                                           .client_kexinit = kexinit,
                                           .server_kexinit = server_kexinit,
                                           .host_key_blob = blob,
                                           .client_public = exchange_->client_public(),
                                           .server_public = server_public,
                                           .shared_secret = secret,
                                           .group_request = exchange_->group_request()});
  ASSERT_TRUE(hash);
  exchange_hash = *hash;
  if (session_id.empty()) session_id = *hash;
  const auto key = parse_public_key(blob);
  ASSERT_TRUE(key);
  EXPECT_TRUE(verify_signature("ssh-ed25519", *key, exchange_hash, signature))
      << "the host key did not sign H";

  const KeyMaterial material = {find_kex(agreed->kex)->hash, secret, exchange_hash, session_id};
  const ProtectionNames out = {agreed->client_to_server.cipher, agreed->client_to_server.mac};
  const ProtectionNames in = {agreed->server_to_client.cipher, agreed->server_to_client.mac};
  auto sealer = protection_.sealer(out, material.client_to_server(*protection_sizes(out)));
  auto opener = protection_.opener(in, material.server_to_client(*protection_sizes(in)));
  ASSERT_TRUE(sealer && opener);
  next_sealer_ = std::move(*sealer);
  next_opener_ = std::move(*opener);
}

void TestClient::send_version() {
  feed(as_bytes(version + "\r\n"));
}

void TestClient::send_kexinit() {
  Writer writer(kMsgKexinit);
  writer.raw(crypto::system_random().array<16>());
  for (const std::string& list :
       {lists.kex, lists.host_key, lists.cipher, lists.cipher, lists.mac, lists.mac,
        lists.compression, lists.compression, std::string(), std::string()}) {
    writer.string(std::string_view(list));
  }
  writer.boolean(lists.first_kex_packet_follows).uint32(0);
  kexinit = to_bytes(writer.view());
  strict = has_name(lists.kex, kStrictKexClient);
  send(kexinit);
}

void TestClient::send_kex_init_message() {
  exchange_ = make_client_exchange(agreed_kex());
  awaiting_reply_ = true;
  send(exchange_->first_message());
}

// What our list says, until the server's is there: the first of it then.
std::string TestClient::agreed_kex() const {
  const auto client = parse_kexinit(kexinit);
  const auto server = parse_kexinit(server_kexinit);
  if (client && server) {
    if (const auto agreed = negotiate(*client, *server)) return agreed->kex;
  }
  return "curve25519-sha256";  // for tests that go wrong on purpose
}

void TestClient::send_newkeys() {
  send(Writer(kMsgNewkeys));
  if (next_sealer_ == nullptr) return;
  output_.protect(std::move(next_sealer_));
  if (strict) output_.reset_sequence();
}

void TestClient::finish_kex() {
  take_output();
  while (!answers_.empty()) {
    const Bytes answer = std::move(answers_.front());
    answers_.pop_front();
    send(answer);
    take_output();
  }
  const Byte reply = exchange_ == nullptr ? Byte{kMsgKexEcdhReply} : exchange_->reply_message();
  while (!received.empty() && received.front()[0] != reply)
    received.pop_front();
  expect(reply);
  expect(kMsgNewkeys);
  send_newkeys();
}

void TestClient::handshake() {
  connection_.start();
  send_version();
  take_output();
  send_kexinit();
  send_kex_init_message();
  finish_kex();
}

void TestClient::rekey() {
  send_kexinit();
  take_output();
  send_kex_init_message();
  finish_kex();
}

void TestClient::answer_rekey() {
  send_kexinit();
  send_kex_init_message();
  finish_kex();
}

void TestClient::request_service() {
  send(Writer(kMsgServiceRequest).string(std::string_view("ssh-userauth")));
  take_output();
  while (!received.empty() && received.front()[0] == kMsgExtInfo)
    received.pop_front();
  expect(kMsgServiceAccept);
}

void TestClient::login(const std::string& user, const std::string& password) {
  request_service();
  Writer request(kMsgUserauthRequest);
  request.string(std::string_view(user)).string(std::string_view("ssh-connection"));
  request.string(std::string_view("password")).boolean(false).string(std::string_view(password));
  send(request);
  take_output();
  while (!received.empty() && received.front()[0] == kMsgUserauthBanner)
    received.pop_front();
  expect(kMsgUserauthSuccess);
}

std::uint32_t TestClient::open_channel(std::uint32_t window, std::uint32_t max_packet) {
  Writer open(kMsgChannelOpen);
  send(open.string(std::string_view("session")).uint32(7).uint32(window).uint32(max_packet));
  take_output();
  const Bytes answer = expect(kMsgChannelOpenConfirmation);
  Reader reader(answer);
  reader.byte();
  reader.uint32();
  return reader.uint32();
}

void TestClient::subsystem(std::uint32_t channel, std::string_view name) {
  Writer request(kMsgChannelRequest);
  send(request.uint32(channel).string(std::string_view("subsystem")).boolean(true).string(name));
  take_output();
  expect(kMsgChannelSuccess);
}

void TestClient::send_data(std::uint32_t channel, ByteView data) {
  send(Writer(kMsgChannelData).uint32(channel).string(data));
}

Bytes TestClient::next() {
  if (received.empty()) return {};
  Bytes message = std::move(received.front());
  received.pop_front();
  return message;
}

Bytes TestClient::expect(Byte message) {
  Bytes got = next();
  if (got.empty()) {
    ADD_FAILURE() << "expected message " << int(message) << ", got nothing";
    return Bytes(64);
  }
  EXPECT_EQ(int(got[0]), int(message)) << as_text(got);
  return got;
}

std::optional<std::uint32_t> TestClient::disconnect_reason() {
  take_output();
  for (const Bytes& message : received) {
    if (message[0] == kMsgDisconnect) return load_be<std::uint32_t>(message.data() + 1);
  }
  return std::nullopt;
}

}  // namespace bulkhead::ssh::testing
