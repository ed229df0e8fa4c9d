// Versions, key exchange, strict key exchange, re-exchange: what a connection does before and
// beside the login.
#include <algorithm>

#include "fixture.h"
#include "sshwire/kexinit.h"

namespace bulkhead::ssh::testing {
namespace {
using namespace sshwire;  // NOLINT

class VersionExchange : public SshTest {};

TEST_F(VersionExchange, TheServerSpeaksFirst) {
  server().start();
  client().take_output();
  EXPECT_EQ(client().server_version, "SSH-2.0-Bulkhead_test");
  EXPECT_EQ(client().expect(kMsgKexinit)[0], kMsgKexinit);
}

TEST_F(VersionExchange, LinesThatAreTaken) {
  for (const std::string_view line :
       {"SSH-2.0-x\n", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH-1.99-Old\r\n"}) {
    Connection connection(authority, services, options, clock);
    connection.start();
    Bytes bytes = to_bytes(as_bytes(line));
    EXPECT_EQ(connection.consume(bytes), bytes.size());
    EXPECT_FALSE(connection.ended()) << line;
  }
}

TEST_F(VersionExchange, LinesThatAreRefused) {
  const std::string long_line = "SSH-2.0-" + std::string(300, 'x') + "\r\n";
  const struct {
    std::string line;
    DisconnectReason reason;
  } kCases[] = {
      {"GET / HTTP/1.1\r\n", DisconnectReason::kProtocolError},
      {"\r\n", DisconnectReason::kProtocolError},
      {"SSH-1.5-ancient\r\n", DisconnectReason::kProtocolVersionNotSupported},
      {"SSH-3.0-future\r\n", DisconnectReason::kProtocolVersionNotSupported},
      {"SSH-2.0-\r\n", DisconnectReason::kProtocolError},
      {std::string("SSH-2.0-a\0b\r\n", 13), DisconnectReason::kProtocolError},
      {"SSH-2.0-\x80\r\n", DisconnectReason::kProtocolError},
      {long_line, DisconnectReason::kProtocolError},
      {std::string(255, 'S'), DisconnectReason::kProtocolError},
  };
  for (const auto& each : kCases) {
    Connection connection(authority, services, options, clock);
    connection.start();
    Bytes bytes = to_bytes(as_bytes(each.line));
    connection.consume(bytes);
    ASSERT_TRUE(connection.ended()) << each.line;
    EXPECT_EQ(connection.ending()->reason, each.reason) << each.line;
  }
}

TEST_F(VersionExchange, NeverMoreThan255BytesAreWaitedFor) {
  server().start();
  Bytes bytes(254, 'S');
  EXPECT_EQ(server().consume(bytes), 0u);
  EXPECT_FALSE(server().ended());
  bytes.push_back('S');
  server().consume(bytes);
  EXPECT_TRUE(server().ended());
}

class KeyExchangeTest : public SshTest {
 protected:
  void start_and_send_version() {
    server().start();
    client().send_version();
    client().take_output();
  }
};

TEST_F(KeyExchangeTest, WorksByteByByte) {
  client().bytes_per_feed = 1;
  client().handshake();
  ASSERT_FALSE(server().ended()) << server().ending()->message;
  EXPECT_EQ(client().session_id, authority.session_id());
  client().login("ann", "correct horse");
  EXPECT_TRUE(server().logged_in());
}

TEST_F(KeyExchangeTest, ExtInfoIsTheFirstPacketBehindNewkeysForThoseWhoAsk) {
  client().handshake();
  client().take_output();
  const Bytes message = client().expect(kMsgExtInfo);
  EXPECT_NE(as_text(message).find("server-sig-algs"), std::string_view::npos);
  EXPECT_NE(as_text(message).find("rsa-sha2-512"), std::string_view::npos);
}

TEST_F(KeyExchangeTest, NoExtInfoForThoseWhoDoNot) {
  client().lists.kex = "curve25519-sha256";
  client().handshake();
  client().take_output();
  EXPECT_TRUE(client().received.empty());
  client().login("ann", "correct horse");  // and the old sequence numbers go on
  EXPECT_TRUE(server().logged_in());
}

TEST_F(KeyExchangeTest, EveryCipherAndMacCarriesALogin) {
  for (const auto& cipher : cipher_names()) {
    for (const auto& mac : mac_names()) {
      if (cipher_authenticates(cipher.name) && mac.name != mac_names().front().name) continue;
      ReferenceAuthority own;
      own.users["ann"] = authority.users["ann"];
      Connection connection(own, services, options, clock);
      TestClient tester(connection);
      tester.lists.cipher = cipher.name;
      tester.lists.mac = mac.name;
      tester.handshake();
      tester.login("ann", "correct horse");
      EXPECT_TRUE(connection.logged_in()) << cipher.name << " " << mac.name;
    }
  }
}

TEST_F(KeyExchangeTest, NothingInCommonIsToldBefore) {
  start_and_send_version();
  client().lists.cipher = "3des-cbc";
  client().send_kexinit();
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
}

TEST_F(KeyExchangeTest, MalformedKexinit) {
  start_and_send_version();
  Bytes payload = client().server_kexinit;
  payload.resize(payload.size() - 3);
  client().send(payload);
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(KeyExchangeTest, BytesBehindKexinit) {
  start_and_send_version();
  Bytes payload = client().server_kexinit;
  payload.push_back(0);
  client().send(payload);
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(KeyExchangeTest, LowOrderPointIsRefused) {
  start_and_send_version();
  client().send_kexinit();
  client().send(Writer(kMsgKexEcdhInit).string(ByteView(Bytes(32, 0))));
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
}

TEST_F(KeyExchangeTest, KeyOfAnotherSizeIsRefused) {
  start_and_send_version();
  client().send_kexinit();
  client().send(Writer(kMsgKexEcdhInit).string(ByteView(Bytes(31, 9))));
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
}

TEST_F(KeyExchangeTest, AuthorityIsToldWhatElseWasNegotiated) {
  client().lists.cipher = "aes128-ctr";
  client().lists.mac = "hmac-sha2-512-etm@openssh.com";
  client().handshake();
  for (const auto* direction : {&authority.client_to_server, &authority.server_to_client}) {
    EXPECT_EQ(direction->cipher, "aes128-ctr");
    EXPECT_EQ(direction->mac, "hmac-sha2-512-etm@openssh.com");
  }
}

class HybridExchangeTest : public KeyExchangeTest {
 protected:
  void send_init(const Bytes& client_init) {
    client().lists.kex = "mlkem768x25519-sha256";
    start_and_send_version();
    client().send_kexinit();
    client().send(Writer(kMsgKexEcdhInit).string(ByteView(client_init)));
  }
  // A well-formed C_INIT.
  static Bytes good() { return make_client_exchange("mlkem768x25519-sha256")->client_public(); }
};

TEST_F(HybridExchangeTest, AWellFormedOneIsAnswered) {
  send_init(good());
  EXPECT_FALSE(server().ended());
  EXPECT_EQ(authority.exchanges, 1);
}

TEST_F(HybridExchangeTest, AMissingByteIsRefused) {
  Bytes init = good();
  init.pop_back();
  send_init(init);
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
}

TEST_F(HybridExchangeTest, AnMlKemKeyThatIsNotReducedIsRefused) {
  Bytes init = good();
  init[0] = init[1] = 0xff;
  send_init(init);
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
}

TEST_F(HybridExchangeTest, ALowOrderPointBehindAGoodMlKemKeyIsRefused) {
  Bytes init = good();
  std::fill(init.end() - 32, init.end(), 0);
  send_init(init);
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
  EXPECT_EQ(authority.exchanges, 0);
}

TEST_F(KeyExchangeTest, APublicKeyOutOfRangeIsRefused) {
  const struct {
    const char* method;
    Bytes message;
  } kCases[] = {
      {"ecdh-sha2-nistp256",
       std::move(Writer(kMsgKexEcdhInit).string(ByteView(Bytes(65, 4)))).take()},
      {"diffie-hellman-group14-sha256", std::move(Writer(kMsgKexDhInit).mpint(Bytes{1})).take()},
      {"diffie-hellman-group14-sha256", std::move(Writer(kMsgKexDhInit).mpint({})).take()},
      {"diffie-hellman-group14-sha256",
       std::move(Writer(kMsgKexDhInit).mpint(Bytes(257, 0x11))).take()},
      {"diffie-hellman-group-exchange-sha256",
       std::move(Writer(kMsgKexDhGexRequest).uint32(512).uint32(1024).uint32(1536)).take()},
  };
  for (const auto& each : kCases) {
    Connection connection(authority, services, options, clock);
    TestClient stranger(connection);
    stranger.lists.kex = each.method;
    connection.start();
    stranger.send_version();
    stranger.take_output();
    stranger.send_kexinit();
    stranger.send(each.message);
    ASSERT_TRUE(connection.ended()) << each.method;
    EXPECT_EQ(connection.ending()->reason, DisconnectReason::kKeyExchangeFailed) << each.method;
  }
  EXPECT_EQ(authority.exchanges, 0);
}

TEST_F(KeyExchangeTest, GroupExchangeKeepsItsOrder) {
  const Bytes request =
      std::move(Writer(kMsgKexDhGexRequest).uint32(2048).uint32(2048).uint32(8192)).take();
  const Bytes init = std::move(Writer(kMsgKexDhGexInit).mpint(Bytes{2})).take();
  for (const auto& messages : {std::vector<Bytes>{init}, std::vector<Bytes>{request, request},
                               std::vector<Bytes>{{kMsgKexDhInit}}}) {
    Connection connection(authority, services, options, clock);
    TestClient stranger(connection);
    stranger.lists.kex = "diffie-hellman-group-exchange-sha256";
    connection.start();
    stranger.send_version();
    stranger.take_output();
    stranger.send_kexinit();
    for (const Bytes& message : messages)
      stranger.send(message);
    ASSERT_TRUE(connection.ended());
    EXPECT_EQ(connection.ending()->reason, DisconnectReason::kProtocolError);
  }
}

TEST_F(KeyExchangeTest, AuthorityThatRefusesEndsTheConnection) {
  authority.refuse_to_sign = true;
  start_and_send_version();
  client().send_kexinit();
  client().send_kex_init_message();
  expect_disconnect(DisconnectReason::kByApplication);
}

TEST_F(KeyExchangeTest, MessagesBeforeTheirTime) {
  const struct {
    const char* what;
    Bytes payload;
  } kCases[] = {
      {"service request",
       to_bytes(Writer(kMsgServiceRequest).string(std::string_view("ssh-userauth")).view())},
      {"login", {kMsgUserauthRequest, 0, 0, 0, 0}},
      {"channel data", {kMsgChannelData, 0, 0, 0, 0, 0, 0, 0, 0}},
      {"newkeys", {kMsgNewkeys}},
      {"key exchange method", {kMsgKexEcdhInit, 0, 0, 0, 0}},
      {"ext info", {kMsgExtInfo, 0, 0, 0, 0}},
  };
  for (const auto& each : kCases) {
    Connection connection(authority, services, options, clock);
    TestClient tester(connection);
    connection.start();
    tester.send_version();
    tester.send(each.payload);
    EXPECT_EQ(tester.disconnect_reason(), 2u) << each.what;
  }
}

TEST_F(KeyExchangeTest, NewkeysBeforeTheMethodIsDone) {
  start_and_send_version();
  client().send_kexinit();
  client().send(Writer(kMsgNewkeys));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(KeyExchangeTest, TwoKexinits) {
  start_and_send_version();
  client().send_kexinit();
  client().send_kexinit();
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(KeyExchangeTest, WrongGuessIsIgnoredOnce) {
  start_and_send_version();
  client().lists.kex = "curve25519-sha256@libssh.org,curve25519-sha256";
  client().lists.first_kex_packet_follows = true;
  client().send_kexinit();
  client().send(Writer(kMsgKexEcdhInit).string(std::string_view("a guess for another method")));
  ASSERT_FALSE(server().ended());
  client().send_kex_init_message();
  client().take_output();
  EXPECT_NE(std::ranges::find_if(client().received,
                                 [](const Bytes& m) { return m[0] == kMsgKexEcdhReply; }),
            client().received.end());
}

TEST_F(KeyExchangeTest, UnknownMessagesAreAnsweredWithTheirNumber) {
  client().handshake();
  client().take_output();
  client().received.clear();
  client().send(
      Bytes{192, 1, 2, 3});  // the first packet behind NEWKEYS: strict, so sequence number 0
  client().take_output();
  EXPECT_EQ(client().expect(kMsgUnimplemented), (Bytes{kMsgUnimplemented, 0, 0, 0, 0}));
  client().send(Bytes{255});
  client().take_output();
  EXPECT_EQ(client().expect(kMsgUnimplemented), (Bytes{kMsgUnimplemented, 0, 0, 0, 1}));
}

TEST_F(KeyExchangeTest, IgnoreAndDebugChangeNothing) {
  client().handshake();
  client().send(Writer(kMsgIgnore).string(std::string_view("noise")));
  client().send(
      Writer(kMsgDebug).boolean(true).string(std::string_view("a")).string(std::string_view("en")));
  client().login("ann", "correct horse");
  EXPECT_TRUE(server().logged_in());
}

TEST_F(KeyExchangeTest, TheClientsDisconnectEndsItWithoutAnAnswer) {
  client().handshake();
  client().take_output();
  Writer message(kMsgDisconnect);
  client().send(message.uint32(11).string(std::string_view("bye")).string(std::string_view("")));
  ASSERT_TRUE(server().ended());
  EXPECT_EQ(server().ending()->by, Ending::By::kClient);
  EXPECT_TRUE(server().output().empty());
}

TEST_F(KeyExchangeTest, FlippedBitIsAMacError) {
  client().handshake();
  Bytes packet = client().seal(Writer(kMsgIgnore).string(std::string_view("x")).view());
  packet[8] ^= 1;
  client().feed(packet);
  expect_disconnect(DisconnectReason::kMacError);
}

class StrictKeyExchange : public KeyExchangeTest {};

TEST_F(StrictKeyExchange, AnythingBeforeKexinitEndsIt) {
  start_and_send_version();
  client().send(Writer(kMsgIgnore).string(std::string_view("")));
  ASSERT_FALSE(server().ended()) << "whether it is strict, KEXINIT says";
  client().send_kexinit();
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(StrictKeyExchange, AnythingDuringTheFirstExchangeEndsIt) {
  for (const Byte message : {kMsgIgnore, kMsgDebug, kMsgUnimplemented, kMsgServiceRequest}) {
    Connection connection(authority, services, options, clock);
    TestClient tester(connection);
    connection.start();
    tester.send_version();
    tester.take_output();
    tester.send_kexinit();
    tester.send(Bytes{message, 0, 0, 0, 0});
    EXPECT_EQ(tester.disconnect_reason(), 2u) << int(message);
  }
}

TEST_F(StrictKeyExchange, WithoutItAnIgnoreIsAllowed) {
  client().lists.kex = "curve25519-sha256";
  start_and_send_version();
  client().send(Writer(kMsgIgnore).string(std::string_view("")));
  client().send_kexinit();
  client().send(Writer(kMsgIgnore).string(std::string_view("")));
  client().send_kex_init_message();
  client().finish_kex();
  client().login("ann", "correct horse");
  EXPECT_TRUE(server().logged_in());
}

// Terrapin (CVE-2023-48795): a packet inserted before NEWKEYS makes up in sequence numbers for one
// cut out behind it. The numbers start anew at NEWKEYS, so what comes after the cut does not
// verify.
TEST_F(StrictKeyExchange, ACutFirstPacketShowsWithSequenceNumbersInTheMac) {
  client().lists.cipher = "aes128-ctr";
  client().handshake();
  client().seal(Writer(kMsgIgnore).string(std::string_view("cut out on the way")).view());
  client().send(Writer(kMsgServiceRequest).string(std::string_view("ssh-userauth")));
  ASSERT_TRUE(server().ended());
  EXPECT_TRUE(server().ending()->reason == DisconnectReason::kMacError);
}

class Rekeying : public SshTest {};

TEST_F(Rekeying, ByTheClientWhileDataGoesOn) {
  const std::uint32_t channel = log_in_and_open("echo");
  Bytes sent;
  Bytes echoed;
  for (Byte round = 0; round < 5; ++round) {
    const Bytes data(10'000, round);
    client().send_data(channel, data);
    sent.insert(sent.end(), data.begin(), data.end());
    const Bytes more = received_data();
    echoed.insert(echoed.end(), more.begin(), more.end());
    client().rekey();
  }
  EXPECT_EQ(authority.exchanges, 6);
  EXPECT_EQ(echoed, sent);
  EXPECT_EQ(client().session_id, authority.session_id()) << "the first hash stays the session's";
  EXPECT_NE(client().exchange_hash, client().session_id);
}

TEST_F(Rekeying, ByTheServerAfterSoManyBytes) {
  options.rekey_after_bytes = 100'000;
  const std::uint32_t channel = log_in_and_open("echo", 0x7FFFFFFF);
  Bytes echoed;
  const Bytes data(30'000, 5);
  for (int round = 0; round < 40; ++round) {
    client().send_data(channel, data);
    client().take_output();
    while (!client().received.empty()) {
      const Bytes message = client().next();
      if (message[0] == kMsgKexinit) {
        client().send_data(channel,
                           data);  // the server's KEXINIT has not arrived yet: still allowed
        ASSERT_FALSE(server().ended());
        client().answer_rekey();
        client().take_output();
      } else if (message[0] == kMsgChannelData) {
        echoed.insert(echoed.end(), message.begin() + 9, message.end());
      }
    }
    ASSERT_FALSE(server().ended()) << server().ending()->message;
  }
  EXPECT_GE(authority.exchanges, 10);
  EXPECT_EQ(echoed.size() % data.size(), 0u);
  EXPECT_GE(echoed.size(), 40 * data.size()) << "what came during an exchange is answered after it";
  EXPECT_TRUE(std::ranges::all_of(echoed, [](Byte b) { return b == 5; }));
}

TEST_F(Rekeying, ByTheServerAfterSoMuchTime) {
  authority.greeting.idle_timeout_ms = 0;
  client().handshake();
  client().login("ann", "correct horse");
  EXPECT_EQ(*server().next_time_ms(), clock.monotonic_ms() + options.rekey_after_ms);
  clock.advance_ms(options.rekey_after_ms);
  server().on_time();
  client().take_output();
  client().expect(kMsgKexinit);
  client().answer_rekey();
  EXPECT_EQ(authority.exchanges, 2);
  EXPECT_FALSE(server().ended());
}

TEST_F(Rekeying, AClientThatNeverAnswersIsEnded) {
  authority.greeting.idle_timeout_ms = 0;
  client().handshake();
  client().login("ann", "correct horse");
  clock.advance_ms(options.rekey_after_ms);
  server().on_time();
  clock.advance_ms(700'000);
  server().on_time();
  expect_disconnect(DisconnectReason::kKeyExchangeFailed);
}

TEST_F(Rekeying, DataFromAClientThatSaidKexinitEndsIt) {
  const std::uint32_t channel = log_in_and_open("echo");
  client().send_kexinit();
  client().send_data(channel, Bytes(10));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(Rekeying, SmallMessagesWaitAndAreBounded) {
  authority.greeting.idle_timeout_ms = 0;
  client().handshake();
  client().login("ann", "correct horse");
  clock.advance_ms(options.rekey_after_ms);
  server().on_time();  // the server's KEXINIT is under way; the client may still ask for things
  client().take_output();
  client().expect(kMsgKexinit);
  Writer request(kMsgGlobalRequest);
  request.string(std::string_view("keepalive@openssh.com")).boolean(true);
  client().send(request);
  client().take_output();
  EXPECT_TRUE(client().received.empty()) << "nothing but key exchange may leave now";
  client().answer_rekey();
  client().take_output();
  client().expect(kMsgRequestFailure);

  clock.advance_ms(options.rekey_after_ms);
  server().on_time();
  for (int i = 0; i < 100'000 && !server().ended(); ++i)
    client().send(request);
  ASSERT_TRUE(server().ended());
}

}  // namespace
}  // namespace bulkhead::ssh::testing
