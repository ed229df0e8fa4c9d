#include "channel/endpoint.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <thread>

#include "channel/client.h"
#include "channel/codec.h"

namespace bulkhead::channel {
namespace {

struct Channel {
  explicit Channel(OutboxLimits limits = {}) {
    auto pair = MessageSocket::make_pair();
    EXPECT_TRUE(pair);
    vault = std::make_unique<Endpoint>(std::move(pair->first), limits);
    edge = std::move(pair->second);
  }
  std::unique_ptr<Endpoint> vault;
  UniqueFd edge;
};

UniqueFd null_device() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// Answers one request from another thread, as the vault would.
template <typename Answer>
std::thread answer_once(Endpoint& vault, Answer answer) {
  return std::thread([&vault, answer] {
    bool answered = false;
    for (int round = 0; round < 2000 && !answered; ++round) {
      EXPECT_TRUE(vault.on_readable([&](ByteView datagram) {
        auto request = decode_request(datagram);
        ASSERT_TRUE(request);
        answer(vault, *request);
        answered = true;
      }));
      if (!answered) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(answered);
  });
}

TEST(Client, GetsAnswerAndDescriptorsOfItsQuestion) {
  Channel channel;
  Client client(std::move(channel.edge));
  auto vault = answer_once(*channel.vault, [](Endpoint& endpoint, const Request& request) {
    EXPECT_EQ(request.body_case(), Request::kGrantExtents);
    Reply reply;
    reply.set_id(request.id());
    reply.mutable_granted_extents()->set_first(request.grant_extents().first());
    std::vector<UniqueFd> descriptors;
    descriptors.push_back(null_device());
    descriptors.push_back(null_device());
    EXPECT_TRUE(endpoint.reply(std::move(reply), std::move(descriptors)));
  });
  Request request;
  request.mutable_grant_extents()->set_first(7);
  request.mutable_grant_extents()->set_count(1);
  std::vector<UniqueFd> descriptors;
  auto reply = client.call(request, &descriptors);
  vault.join();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->granted_extents().first(), 7U);
  EXPECT_EQ(descriptors.size(), 2U);
}

TEST(Client, ErrorsTravelAndTheChannelGoesOn) {
  Channel channel;
  Client client(std::move(channel.edge));
  for (const ErrorCode code :
       {ErrorCode::kInvalidArgument, ErrorCode::kRefused, ErrorCode::kInternal}) {
    auto vault = answer_once(*channel.vault, [code](Endpoint& endpoint, const Request& request) {
      EXPECT_TRUE(endpoint.reply(error_reply(request.id(), Error(code, "because"))));
    });
    Request request;
    request.mutable_capacity();
    auto reply = client.call(request);
    vault.join();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, code);
    EXPECT_EQ(reply.error().message, "because");
    EXPECT_FALSE(client.ended());
  }
}

TEST(Client, ACodeThatMeansNothingIsInternal) {
  EXPECT_EQ(error_code_from_wire(0), ErrorCode::kInternal);
  EXPECT_EQ(error_code_from_wire(to_wire(ErrorCode::kInternal)), ErrorCode::kInternal);
  EXPECT_EQ(error_code_from_wire(to_wire(ErrorCode::kInternal) + 1), ErrorCode::kInternal);
  EXPECT_EQ(error_code_from_wire(0xffffffff), ErrorCode::kInternal);
  EXPECT_EQ(error_code_from_wire(to_wire(ErrorCode::kNoSpace)), ErrorCode::kNoSpace);
  EXPECT_EQ(to_wire(ErrorCode::kInvalidArgument), 1U);
}

TEST(Client, AnAnswerToAnotherQuestionEndsTheChannel) {
  Channel channel;
  Client client(std::move(channel.edge));
  auto vault = answer_once(*channel.vault, [](Endpoint& endpoint, const Request& request) {
    Reply reply;
    reply.set_id(request.id() + 1);
    EXPECT_TRUE(endpoint.reply(std::move(reply)));
  });
  Request request;
  request.mutable_capacity();
  auto reply = client.call(request);
  vault.join();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(client.call(request).error().code, ErrorCode::kDisconnected);
}

TEST(Client, AVaultThatIsGoneIsSaid) {
  Channel channel;
  Client client(std::move(channel.edge));
  channel.vault.reset();
  Request request;
  request.mutable_capacity();
  auto reply = client.call(request);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kDisconnected);
}

TEST(Endpoint, AnOutboxThatNobodyReadsIsBoundedAndEndsTheChannel) {
  Channel channel({.bytes = 300'000, .messages = 4});
  Reply reply;
  reply.set_id(1);
  reply.set_message(std::string(100'000, 'x'));
  int sent = 0;
  Status status;
  while ((status = channel.vault->reply(reply)) && sent < 100)
    ++sent;
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kLimitExceeded);
  EXPECT_GE(sent, 3);
  EXPECT_LT(sent, 20);
  EXPECT_FALSE(channel.vault->wants_write());  // it holds nothing any more
  EXPECT_FALSE(channel.vault->flush());
  EXPECT_FALSE(channel.vault->on_readable([](ByteView) { FAIL(); }));
}

TEST(Endpoint, SendsTheRestWhenThePeerReads) {
  Channel channel({.bytes = 10 << 20, .messages = 100});
  Reply reply;
  reply.set_message(std::string(100'000, 'x'));
  for (int i = 1; i <= 20; ++i) {
    reply.set_id(static_cast<std::uint64_t>(i));
    std::vector<UniqueFd> descriptors;
    descriptors.push_back(null_device());
    ASSERT_TRUE(channel.vault->reply(reply, std::move(descriptors)));
  }
  ASSERT_TRUE(channel.vault->wants_write());
  MessageSocket edge(std::move(channel.edge), Descriptors::kAccept);
  for (int i = 1; i <= 20; ++i) {
    auto message = edge.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->descriptors.size(), 1U);
    Reply got;
    ASSERT_TRUE(decode(message->bytes, got));
    EXPECT_EQ(got.id(), static_cast<std::uint64_t>(i));
    EXPECT_EQ(got.descriptors(), 1U);
    ASSERT_TRUE(channel.vault->flush());
  }
  EXPECT_FALSE(channel.vault->wants_write());
}

TEST(Endpoint, TheHandlerMayDestroyTheEndpoint) {
  Channel channel;
  ASSERT_EQ(::send(channel.edge.get(), "x", 1, 0), 1);
  EXPECT_TRUE(channel.vault->on_readable([&](ByteView datagram) {
    EXPECT_EQ(as_text(datagram), "x");
    channel.vault.reset();
    EXPECT_EQ(as_text(datagram), "x");
  }));
  EXPECT_EQ(channel.vault, nullptr);
}

TEST(Endpoint, ADescriptorFromTheEdgeEndsTheChannel) {
  Channel channel;
  MessageSocket edge(std::move(channel.edge), Descriptors::kAccept);
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(null_device());
  ASSERT_TRUE(edge.send(as_bytes("x"), descriptors));
  ASSERT_TRUE(edge.send(as_bytes("y")));
  Status status = channel.vault->on_readable([](ByteView) { FAIL(); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kMalformed);
  EXPECT_FALSE(channel.vault->on_readable([](ByteView) { FAIL(); }));  // nor what comes after it
}

}  // namespace
}  // namespace bulkhead::channel
