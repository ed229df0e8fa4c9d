#include <algorithm>

#include "fixture.h"

namespace bulkhead::ssh::testing {
namespace {
using namespace sshwire;  // NOLINT

Bytes pattern(std::size_t size) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i)
    data[i] = static_cast<Byte>(i * 31 + (i >> 8));
  return data;
}

// A subsystem that a test scripts: for each request byte it answers with so many bytes at once.
class Scripted final : public ChannelHandler {
 public:
  struct Script {
    std::size_t reserve = 0;
    std::size_t commit = 0;
    int answered = 0;
    int eofs = 0;
    bool destroyed = false;
    ChannelWriter* writer = nullptr;
  };
  Scripted(Script& script, ChannelWriter& writer) : script_(script), writer_(writer) {
    script_.writer = &writer;
  }
  ~Scripted() override { script_.destroyed = true; }
  std::size_t on_data(ByteView bytes) override {
    std::size_t taken = 0;
    for (; taken < bytes.size(); ++taken) {
      const MutableByteView space = writer_.reserve(script_.reserve);
      if (space.empty()) break;
      const Bytes data = pattern(script_.commit);
      std::ranges::copy(data, space.begin());
      writer_.commit(script_.commit);
      ++script_.answered;
    }
    return taken;
  }
  void on_eof() override {
    ++script_.eofs;
    writer_.finish(3);
  }

 private:
  Script& script_;
  ChannelWriter& writer_;
};

class ScriptedServices final : public Services {
 public:
  std::unique_ptr<ChannelHandler> open_subsystem(std::string_view name,
                                                 ChannelWriter& writer) override {
    if (name != "scripted") return nullptr;
    return std::make_unique<Scripted>(script, writer);
  }
  std::unique_ptr<ChannelHandler> open_exec(std::string_view command,
                                            ChannelWriter& writer) override {
    if (command != "scp -t /") return nullptr;
    return std::make_unique<Scripted>(script, writer);
  }
  Scripted::Script script;
};

class ChannelTest : public SshTest {
 protected:
  void adjust(std::uint32_t channel, std::uint32_t bytes) {
    client().send(Writer(kMsgChannelWindowAdjust).uint32(channel).uint32(bytes));
  }
  Writer channel_request(std::uint32_t channel, std::string_view type, bool want_reply) {
    Writer writer(kMsgChannelRequest);
    writer.uint32(channel).string(type).boolean(want_reply);
    return writer;
  }
};

TEST_F(ChannelTest, EchoesAndEnds) {
  const std::uint32_t channel = log_in_and_open("echo");
  const Bytes data = pattern(100'000);
  client().send_data(channel, data);
  client().send(Writer(kMsgChannelEof).uint32(channel));
  client().take_output();
  Bytes echoed;
  while (!client().received.empty() && client().received.front()[0] == kMsgChannelData) {
    const Bytes message = client().next();
    EXPECT_LE(message.size(), 9u + 32768) << "the client's maximum packet size";
    echoed.insert(echoed.end(), message.begin() + 9, message.end());
  }
  EXPECT_EQ(echoed, data);
  const Bytes status = client().expect(kMsgChannelRequest);
  EXPECT_NE(as_text(status).find("exit-status"), std::string_view::npos);
  client().expect(kMsgChannelEof);
  client().expect(kMsgChannelClose);
  client().send(Writer(kMsgChannelClose).uint32(channel));
  EXPECT_FALSE(server().ended());
  // The number is free again.
  EXPECT_EQ(client().open_channel(), channel);
}

TEST_F(ChannelTest, SeveralAtOnceAreKeptApart) {
  const std::uint32_t first = log_in_and_open("echo");
  const std::uint32_t second = client().open_channel();
  EXPECT_NE(first, second);
  client().subsystem(second, "discard");
  client().send_data(first, Bytes(10, 1));
  client().send_data(second, Bytes(20, 2));
  client().send(Writer(kMsgChannelEof).uint32(second));
  client().take_output();
  const Bytes echoed = client().expect(kMsgChannelData);
  EXPECT_EQ(echoed.size(), 9u + 10);
  const Bytes counted = client().expect(kMsgChannelData);
  EXPECT_EQ(as_text(ByteView(counted).subspan(9)), "20");
}

TEST_F(ChannelTest, NoMoreThanMaxChannels) {
  client().handshake();
  client().login("ann", "correct horse");
  for (std::uint32_t i = 0; i < options.max_channels; ++i)
    EXPECT_EQ(client().open_channel(), i);
  Writer open(kMsgChannelOpen);
  client().send(open.string(std::string_view("session")).uint32(42).uint32(1000).uint32(32768));
  client().take_output();
  const Bytes failure = client().expect(kMsgChannelOpenFailure);
  EXPECT_EQ(load_be<std::uint32_t>(failure.data() + 1), 42u);
  EXPECT_EQ(load_be<std::uint32_t>(failure.data() + 5), 4u) << "resource shortage";
}

TEST_F(ChannelTest, OtherTypesOfChannelAreRefusedForTheRightReason) {
  client().handshake();
  client().login("ann", "correct horse");
  const struct {
    std::string_view type;
    std::uint32_t max_packet;
    std::uint32_t reason;
  } kCases[] = {
      {"direct-tcpip", 32768, 1}, {"x11", 32768, 1}, {"nonsense", 32768, 3}, {"session", 100, 4}};
  for (const auto& each : kCases) {
    Writer open(kMsgChannelOpen);
    open.string(each.type).uint32(0).uint32(1000).uint32(each.max_packet);
    if (each.type == "direct-tcpip") open.string(std::string_view("host")).uint32(22);
    client().send(open);
    client().take_output();
    const Bytes failure = client().expect(kMsgChannelOpenFailure);
    EXPECT_EQ(load_be<std::uint32_t>(failure.data() + 5), each.reason) << each.type;
  }
  Writer no_more(kMsgGlobalRequest);
  client().send(no_more.string(std::string_view("no-more-sessions@openssh.com")).boolean(false));
  Writer open(kMsgChannelOpen);
  client().send(open.string(std::string_view("session")).uint32(0).uint32(1000).uint32(32768));
  client().take_output();
  EXPECT_EQ(load_be<std::uint32_t>(client().expect(kMsgChannelOpenFailure).data() + 5), 1u);
}

TEST_F(ChannelTest, RequestsThatDoNotExistHereAreRefusedPolitely) {
  client().handshake();
  client().login("ann", "correct horse");
  const std::uint32_t channel = client().open_channel();
  client().send(channel_request(channel, "env", false)
                    .string(std::string_view("LANG"))
                    .string(std::string_view("C")));
  client().take_output();
  EXPECT_TRUE(client().received.empty());
  for (const std::string_view type :
       {"env", "pty-req", "shell", "x11-req", "keepalive@openssh.com"}) {
    client().send(channel_request(channel, type, true));
    client().take_output();
    client().expect(kMsgChannelFailure);
  }
  client().send(channel_request(channel, "exec", true).string(std::string_view("rm -rf /")));
  client().take_output();
  client().expect(kMsgChannelFailure);
  client().send(channel_request(channel, "subsystem", true).string(std::string_view("nonsense")));
  client().take_output();
  client().expect(kMsgChannelFailure);
  client().subsystem(channel, "echo");
  client().send(channel_request(channel, "subsystem", true).string(std::string_view("echo")));
  client().take_output();
  client().expect(kMsgChannelFailure);  // one program per channel
  EXPECT_FALSE(server().ended());
}

TEST_F(ChannelTest, GlobalRequestsAreAnswered) {
  client().handshake();
  client().login("ann", "correct horse");
  for (const std::string_view type :
       {"keepalive@openssh.com", "tcpip-forward", "hostkeys-prove-00@openssh.com"}) {
    Writer request(kMsgGlobalRequest);
    client().send(request.string(type).boolean(true));
    client().take_output();
    client().expect(kMsgRequestFailure);
  }
}

TEST_F(ChannelTest, MalformedAndMisplacedMessages) {
  const Bytes big(kMaxDataBytes + 1);
  const struct {
    const char* what;
    Writer message;
  } kCases[] = {
      {"no such channel", Writer(kMsgChannelData).uint32(5).string(ByteView())},
      {"far away channel", Writer(kMsgChannelData).uint32(0xFFFFFFFF).string(ByteView())},
      {"truncated data", Writer(kMsgChannelData).uint32(0).uint32(10)},
      {"bytes behind data", Writer(kMsgChannelData).uint32(0).string(ByteView()).byte(0)},
      {"data over the maximum", Writer(kMsgChannelData).uint32(0).string(ByteView(big))},
      {"window beyond 2^32", Writer(kMsgChannelWindowAdjust).uint32(0).uint32(0xFFFFFFFF)},
      {"truncated adjust", Writer(kMsgChannelWindowAdjust).uint32(0)},
      {"truncated request", Writer(kMsgChannelRequest).uint32(0).uint32(100)},
      {"truncated subsystem", Writer(kMsgChannelRequest)
                                  .uint32(0)
                                  .string(std::string_view("subsystem"))
                                  .boolean(true)
                                  .uint32(9)},
      {"truncated open", Writer(kMsgChannelOpen).string(std::string_view("session")).uint32(0)},
      {"answer to nothing", Writer(kMsgChannelSuccess).uint32(0)},
      {"global answer to nothing", Writer(kMsgRequestSuccess)},
      {"confirmation of nothing",
       Writer(kMsgChannelOpenConfirmation).uint32(0).uint32(0).uint32(0).uint32(0)},
      {"server's message", Writer(kMsgUserauthSuccess)},
      {"service accept", Writer(kMsgServiceAccept).string(std::string_view("x"))},
      {"malformed ignore", Writer(kMsgIgnore).uint32(100)},
      {"malformed debug", Writer(kMsgDebug).boolean(true)},
      {"malformed unimplemented", Writer(kMsgUnimplemented).byte(1)},
      {"malformed ext info", Writer(kMsgExtInfo).uint32(0xFFFFFFFF)},
      {"malformed global request", Writer(kMsgGlobalRequest).uint32(0xFFFFFFFF)},
  };
  for (const auto& each : kCases) {
    ReferenceAuthority own;
    own.users["ann"] = authority.users["ann"];
    Connection connection(own, services, options, clock);
    TestClient tester(connection);
    tester.handshake();
    tester.login("ann", "correct horse");
    tester.open_channel();
    tester.send(each.message);
    EXPECT_EQ(tester.disconnect_reason(), 2u) << each.what;
  }
}

TEST_F(ChannelTest, DataBehindEofEndsIt) {
  client().handshake();
  client().login("ann", "correct horse");
  const std::uint32_t channel = client().open_channel();
  client().send(Writer(kMsgChannelEof).uint32(channel));
  ASSERT_FALSE(server().ended());
  client().send_data(channel, {});
  expect_disconnect(DisconnectReason::kProtocolError);
}

// Go's clients (rclone) do this when our EOF crosses theirs.
TEST_F(ChannelTest, ASecondEofIsNoError) {
  const std::uint32_t channel = log_in_and_open("echo");
  for (int times = 0; times < 3; ++times)
    client().send(Writer(kMsgChannelEof).uint32(channel));
  client().take_output();
  client().expect(kMsgChannelRequest);  // exit-status
  client().expect(kMsgChannelEof);
  client().expect(kMsgChannelClose);
  client().send(Writer(kMsgChannelClose).uint32(channel));
  ASSERT_FALSE(server().ended());
  client().open_channel();  // the connection still serves
}

TEST_F(ChannelTest, MoreThanTheWindowEndsIt) {
  options.initial_window_bytes = 100'000;
  client().handshake();
  client().login("ann", "correct horse");
  const std::uint32_t channel =
      client().open_channel();  // nothing runs on it: nothing is given back
  client().send_data(channel, Bytes(100'000));
  ASSERT_FALSE(server().ended());
  client().send_data(channel, Bytes(1));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(ChannelTest, TheWindowGrowsWhileDataIsTaken) {
  const std::uint32_t channel = log_in_and_open("discard");
  std::uint64_t window = options.initial_window_bytes;
  std::uint64_t sent = 0;
  const Bytes data(250'000);
  for (int i = 0; i < 400; ++i) {
    ASSERT_GE(window - sent, data.size());
    client().send_data(channel, data);
    sent += data.size();
    client().take_output();
    while (!client().received.empty()) {
      const Bytes message = client().next();
      ASSERT_EQ(message[0], kMsgChannelWindowAdjust);
      window += load_be<std::uint32_t>(message.data() + 5);
    }
  }
  EXPECT_GT(window - sent, 13u << 20);
  EXPECT_LE(window - sent, options.max_window_bytes);
}

// --- Reserving
// ------------------------------------------------------------------------------------------------------

struct Sizes {
  std::size_t reserve;
  std::size_t commit;
  std::uint32_t max_packet;
  std::uint32_t window;
};
class Reserving : public ChannelTest, public ::testing::WithParamInterface<Sizes> {};

TEST_P(Reserving, BytesArriveWholeWhateverThePiecesAndTheWindow) {
  const Sizes sizes = GetParam();
  for (const std::string_view cipher : {"aes256-gcm@openssh.com", "aes128-ctr"}) {
    ScriptedServices scripted;
    scripted.script = {.reserve = sizes.reserve, .commit = sizes.commit};
    ReferenceAuthority own;
    own.users["ann"] = authority.users["ann"];
    Connection connection(own, scripted, options, clock);
    TestClient tester(connection);
    tester.lists.cipher = cipher;
    tester.handshake();
    tester.login("ann", "correct horse");
    const std::uint32_t channel = tester.open_channel(sizes.window, sizes.max_packet);
    tester.subsystem(channel, "scripted");
    tester.send_data(channel, Bytes(3));
    Bytes data;
    for (int round = 0; round < 5000 && data.size() < 3 * sizes.commit; ++round) {
      tester.take_output();
      std::uint32_t got = 0;
      while (!tester.received.empty()) {
        const Bytes message = tester.next();
        if (message[0] != kMsgChannelData) continue;
        EXPECT_LE(message.size() - 9, sizes.max_packet);
        got += static_cast<std::uint32_t>(message.size() - 9);
        data.insert(data.end(), message.begin() + 9, message.end());
      }
      EXPECT_LE(got, sizes.window);
      tester.send(Writer(kMsgChannelWindowAdjust).uint32(channel).uint32(got));
    }
    const Bytes one = pattern(sizes.commit);
    ASSERT_EQ(data.size(), 3 * sizes.commit);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(equal(ByteView(data).subspan(i * sizes.commit, sizes.commit), one))
          << cipher << " reply " << i;
    }
    EXPECT_FALSE(connection.ended());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Reserving,
    ::testing::Values(Sizes{1, 1, 32768, 1 << 20}, Sizes{32781, 32781, 32768, 1 << 20},
                      Sizes{32781, 50, 32768, 1 << 20}, Sizes{32781, 32768, 32768, 1 << 20},
                      Sizes{32781, 32769, 32768, 1 << 20}, Sizes{65549, 65548, 32768, 1 << 20},
                      Sizes{65549, 65537, 32768, 1 << 20}, Sizes{65549, 65536, 32768, 1 << 20},
                      Sizes{kMaxReserveBytes, kMaxReserveBytes, 32768, 1 << 20},
                      Sizes{kMaxReserveBytes, kMaxReserveBytes - 7, 1024, 1 << 20},
                      Sizes{kMaxReserveBytes, kMaxReserveBytes, 1024, 5000},
                      Sizes{kMaxReserveBytes, kMaxReserveBytes, 4'000'000'000u, 1 << 20},
                      Sizes{1000, 999, 1024, 1}, Sizes{100'000, 99'999, 16384, 20'000}));

// --- Back pressure
// ---------------------------------------------------------------------------------------------------

TEST_F(ChannelTest, AClientThatNeverReadsCostsOneOutputBufferAndItsWindow) {
  const std::uint32_t channel = log_in_and_open("echo", 0xFFFFFFFF);
  const Bytes data(30'000);
  // What is not consumed stays with the owner, who stops reading from the socket.
  std::size_t fed = 0;
  for (int i = 0; i < 200 && server().wants_input(); ++i) {
    client().send_data(channel, data);
    fed += data.size();
    EXPECT_LE(server().output().size(), options.output_bytes);
  }
  EXPECT_FALSE(server().wants_input());
  EXPECT_FALSE(server().ended());
  EXPECT_LT(fed, 2u << 20);
  EXPECT_EQ(received_data().size(), fed) << "and when it reads, everything is there";
  EXPECT_TRUE(server().wants_input());
}

TEST_F(ChannelTest, AClosedPeerWindowHoldsInputWithinOurWindow) {
  options.initial_window_bytes = 300'000;
  const std::uint32_t channel = log_in_and_open("echo", 1000);
  std::size_t sent = 0;
  for (; sent + 30'000 <= 300'000; sent += 30'000)
    client().send_data(channel, Bytes(30'000, 7));
  ASSERT_FALSE(server().ended());
  EXPECT_TRUE(server().wants_input()) << "a window adjustment may still come";
  Bytes echoed = received_data();
  EXPECT_EQ(echoed.size(), 1000u);
  for (int i = 0; i < 40 && echoed.size() < sent; ++i) {
    adjust(channel, 10'000);
    const Bytes more = received_data();
    EXPECT_LE(more.size(), 10'000u);
    echoed.insert(echoed.end(), more.begin(), more.end());
  }
  EXPECT_EQ(echoed.size(), sent);
}

TEST_F(ChannelTest, HeldInputDoesNotGrowWhileItIsAnsweredSlowly) {
  options.initial_window_bytes = 300'000;
  options.max_window_bytes = 300'000;
  const std::uint32_t channel = log_in_and_open("echo", 50'000);
  std::int64_t window = 300'000;
  std::size_t echoed = 0;
  std::size_t sent = 0;
  for (int i = 0; i < 300; ++i) {
    while (window >= 30'000) {
      client().send_data(channel, Bytes(30'000, 1));
      window -= 30'000;
      sent += 30'000;
    }
    adjust(channel, 40'000);
    client().take_output();
    while (!client().received.empty()) {
      const Bytes message = client().next();
      if (message[0] == kMsgChannelWindowAdjust)
        window += load_be<std::uint32_t>(message.data() + 5);
      if (message[0] == kMsgChannelData) echoed += message.size() - 9;
    }
    ASSERT_FALSE(server().ended()) << server().ending()->message;
    ASSERT_LE(sent - echoed, 400'000u);
  }
  EXPECT_GT(echoed, 10'000'000u);
}

TEST_F(ChannelTest, EofIsToldAfterEverythingWasTakenAndTheHandlerGoesWithTheChannel) {
  ScriptedServices scripted;
  scripted.script = {.reserve = 20'000, .commit = 20'000};
  Connection connection(authority, scripted, options, clock);
  TestClient tester(connection);
  tester.handshake();
  tester.login("ann", "correct horse");
  const std::uint32_t channel = tester.open_channel(10'000, 32768);
  Writer exec(kMsgChannelRequest);
  exec.uint32(channel)
      .string(std::string_view("exec"))
      .boolean(true)
      .string(std::string_view("scp -t /"));
  tester.send(exec);
  tester.take_output();
  tester.expect(kMsgChannelSuccess);
  tester.send_data(channel, Bytes(2));
  tester.send(Writer(kMsgChannelEof).uint32(channel));
  EXPECT_EQ(scripted.script.answered, 1);
  EXPECT_EQ(scripted.script.eofs, 0) << "a request is still waiting";
  tester.send(Writer(kMsgChannelWindowAdjust).uint32(channel).uint32(100'000));
  EXPECT_EQ(scripted.script.answered, 2);
  EXPECT_EQ(scripted.script.eofs, 1);
  tester.take_output();
  std::uint32_t status = 0;
  for (const Bytes& message : tester.received) {
    if (message[0] == kMsgChannelRequest)
      status = load_be<std::uint32_t>(message.data() + message.size() - 4);
  }
  EXPECT_EQ(status, 3u);
  EXPECT_FALSE(scripted.script.destroyed);
  tester.send(Writer(kMsgChannelClose).uint32(channel));
  EXPECT_TRUE(scripted.script.destroyed);
}

TEST_F(ChannelTest, ABusyHandlerGetsTurnsAndItsInputAfterwards) {
  // Each byte is a job of that many turns, answered at its end.
  class Worker final : public ChannelHandler {
   public:
    explicit Worker(ChannelWriter& writer) : writer_(writer) {}
    std::size_t on_data(ByteView bytes) override {
      std::size_t taken = 0;
      while (taken < bytes.size() && turns_ == 0)
        turns_ = bytes[taken++];
      return taken;
    }
    bool busy() const override { return turns_ > 0; }
    void on_turn() override {
      if (--turns_ > 0) return;
      EXPECT_TRUE(writer_.write(as_bytes("done")));
    }
    void on_eof() override { writer_.finish(0); }

   private:
    ChannelWriter& writer_;
    int turns_ = 0;
  };
  class Workers final : public Services {
    std::unique_ptr<ChannelHandler> open_subsystem(std::string_view,
                                                   ChannelWriter& writer) override {
      return std::make_unique<Worker>(writer);
    }
  } workers;
  Connection connection(authority, workers, options, clock);
  TestClient tester(connection);
  tester.handshake();
  tester.login("ann", "correct horse");
  const std::uint32_t channel = tester.open_channel();
  tester.subsystem(channel, "work");
  tester.send_data(channel, Bytes{3, 2});
  tester.send(Writer(kMsgChannelEof).uint32(channel));
  Writer keepalive(kMsgGlobalRequest);
  tester.send(keepalive.string(std::string_view("keepalive@openssh.com")).boolean(true));
  tester.take_output();
  tester.expect(kMsgRequestFailure);  // answered in the middle of the work
  EXPECT_TRUE(tester.received.empty());
  int turns = 0;
  for (; connection.busy() && turns < 100; ++turns)
    connection.take_turn();
  EXPECT_EQ(turns, 5);
  tester.take_output();
  tester.expect(kMsgChannelData);
  tester.expect(kMsgChannelData);
  EXPECT_EQ(tester.expect(kMsgChannelRequest)[0], kMsgChannelRequest);
  tester.expect(kMsgChannelEof);
}

TEST_F(ChannelTest, CloseByTheClientIsAnswered) {
  const std::uint32_t channel = log_in_and_open("echo");
  client().send(Writer(kMsgChannelClose).uint32(channel));
  client().take_output();
  client().expect(kMsgChannelClose);
  client().send_data(channel, Bytes(1));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(ChannelTest, ManyRepliesInOneTransferAreIntact) {
  const std::uint32_t channel = log_in_and_open("source", 0x7FFFFFFF);
  client().send_data(channel, as_bytes("5000000\n"));
  const Bytes data = received_data();
  ASSERT_EQ(data.size(), 5'000'000u);
}

}  // namespace
}  // namespace bulkhead::ssh::testing
