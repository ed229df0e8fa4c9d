#include "keeper/protocol.h"

#include <gtest/gtest.h>

namespace bulkhead::keeper {
namespace {

Request sample(ByteView payload) {
  Request request{.type = RequestType::kUnwrapFileKey,
                  .number = 0x0102030405060708,
                  .which = {vault::OrganisationId{7}, 3},
                  .lineage = {},
                  .payload = payload};
  request.lineage.fill(9);
  return request;
}

TEST(KeeperProtocol, RequestsAndRepliesComeBackAsTheyWere) {
  const Bytes payload(kWrappedKeyBytes, 0x5a);
  Datagram datagram;
  encode(sample(payload), datagram);
  const auto request = decode_request(datagram.view());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->type, RequestType::kUnwrapFileKey);
  EXPECT_EQ(request->number, 0x0102030405060708u);
  EXPECT_EQ(request->which, (vault::KeyEpoch{vault::OrganisationId{7}, 3}));
  EXPECT_EQ(request->lineage, sample({}).lineage);
  EXPECT_TRUE(equal(request->payload, payload));

  encode(Reply{.number = 5, .code = 0, .file_keys_unwrapped = 77, .payload = payload}, datagram);
  const auto reply = decode_reply(datagram.view());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->number, 5u);
  EXPECT_EQ(reply->file_keys_unwrapped, 77u);
  EXPECT_TRUE(equal(reply->payload, payload));
}

TEST(KeeperProtocol, AnErrorKeepsItsCodeAndItsSentence) {
  Datagram datagram;
  const Error error(ErrorCode::kCorrupt, "it does not open");
  encode(error_reply(4, error), datagram);
  const Error back = error_of(decode_reply(datagram.view()).value());
  EXPECT_EQ(back.code, ErrorCode::kCorrupt);
  EXPECT_EQ(back.message, "it does not open");
  EXPECT_EQ(error_of(Reply{.code = 255}).code, ErrorCode::kInternal);
}

TEST(KeeperProtocol, EveryOtherLengthIsRefused) {
  Datagram datagram;
  encode(sample(Bytes(20, 1)), datagram);
  const Bytes whole = to_bytes(datagram.view());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_request(ByteView(whole).first(size))) << size;
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(decode_request(longer));
  encode(Reply{.number = 1, .payload = whole}, datagram);
  const Bytes reply = to_bytes(datagram.view());
  for (std::size_t size = 0; size < reply.size(); ++size)
    EXPECT_FALSE(decode_reply(ByteView(reply).first(size))) << size;
}

TEST(KeeperProtocol, TypesAndNumbersThatNobodyGivesAreRefused) {
  Datagram datagram;
  encode(sample({}), datagram);
  Bytes bytes = to_bytes(datagram.view());
  for (const int type : {0, static_cast<int>(kLastRequestType) + 1, 255}) {
    bytes[0] = static_cast<Byte>(type);
    EXPECT_FALSE(decode_request(bytes)) << type;
  }
  Request greeting_number = sample({});
  greeting_number.number = 0;
  encode(greeting_number, datagram);
  EXPECT_FALSE(decode_request(datagram.view()));
}

}  // namespace
}  // namespace bulkhead::keeper
