#include <gtest/gtest.h>

#include <algorithm>

#include "ssh/packet_input.h"
#include "ssh/packet_output.h"
#include "sshwire/names.h"

namespace bulkhead::ssh {
namespace {

struct Pair {
  std::string cipher;
  std::string mac;
};

std::vector<Pair> all_pairs() {
  std::vector<Pair> pairs;
  for (const auto& cipher : sshwire::cipher_names()) {
    if (cipher_authenticates(cipher.name)) {
      pairs.push_back({std::string(cipher.name), ""});
      continue;
    }
    for (const auto& mac : sshwire::mac_names())
      pairs.push_back({std::string(cipher.name), std::string(mac.name)});
  }
  return pairs;
}

ProtectionKeys keys_for(const ProtectionNames& names, Byte seed) {
  const auto sizes = protection_sizes(names);
  EXPECT_TRUE(sizes);
  const auto fill = [&](std::size_t size) {
    crypto::SecretBytes secret(size);
    for (std::size_t i = 0; i < size; ++i)
      secret.mutable_view()[i] = static_cast<Byte>(seed + i);
    return secret;
  };
  return {fill(sizes->iv_bytes), fill(sizes->key_bytes), fill(sizes->mac_key_bytes)};
}

bool hides_length(const ProtectionNames& names) {
  return (*make_opener(names, keys_for(names, 0)))->framing().hide_length;
}

class EveryProtection : public ::testing::TestWithParam<Pair> {
 protected:
  EveryProtection() : output_(1 << 20, crypto::system_random()) {
    const ProtectionNames names = {GetParam().cipher, GetParam().mac};
    output_.protect(std::move(*make_sealer(names, keys_for(names, 1))));
    input_.protect(std::move(*make_opener(names, keys_for(names, 1))));
  }
  Bytes sealed(ByteView payload) {
    EXPECT_TRUE(output_.send(payload));
    Bytes packet = to_bytes(output_.pending());
    output_.sent(packet.size());
    return packet;
  }
  PacketOutput output_;
  PacketInput input_;
};

TEST_P(EveryProtection, OpensWhatItSealsAtEverySizeAndByteByByte) {
  for (const std::size_t size :
       {1u, 2u, 11u, 12u, 13u, 15u, 16u, 17u, 31u, 32u, 33u, 1000u, 32768u, 250'000u}) {
    Bytes payload(size);
    for (std::size_t i = 0; i < size; ++i)
      payload[i] = static_cast<Byte>(i * 7);
    const Bytes packet = sealed(payload);
    Bytes received;
    // The last 40 bytes and the first come one by one.
    for (std::size_t i = 0; i < packet.size(); ++i) {
      received.push_back(packet[i]);
      if (i > 40 && i + 40 < packet.size()) continue;
      const auto result = input_.next(received);
      ASSERT_TRUE(result) << result.error().message;
      if (i + 1 < packet.size()) {
        ASSERT_FALSE(*result) << "opened before it was whole";
        continue;
      }
      ASSERT_TRUE(*result);
      EXPECT_TRUE(equal((*result)->payload, payload));
      EXPECT_EQ((*result)->wire_bytes, packet.size());
    }
  }
}

TEST_P(EveryProtection, EveryFlippedBitBehindTheLengthIsAMacError) {
  const Bytes payload = {94, 0, 0, 0, 1};
  for (std::size_t bit = 32; bit < sealed(payload).size() * 8; bit += 5) {
    const ProtectionNames names = {GetParam().cipher, GetParam().mac};
    PacketOutput output(1 << 16, crypto::system_random());
    PacketInput input;
    output.protect(std::move(*make_sealer(names, keys_for(names, 9))));
    input.protect(std::move(*make_opener(names, keys_for(names, 9))));
    ASSERT_TRUE(output.send(payload));
    Bytes packet = to_bytes(output.pending());
    if (bit / 8 >= packet.size()) break;
    packet[bit / 8] ^= static_cast<Byte>(1u << (bit % 8));
    auto result = input.next(packet);
    if (hides_length(names)) {
      ASSERT_TRUE(result && !*result) << "it must not be seen yet";
      packet.resize(kMaxPacketBytes);
      result = input.next(packet);
    }
    ASSERT_FALSE(result) << "bit " << bit;
    EXPECT_EQ(result.error().reason, DisconnectReason::kMacError);
  }
}

// With CBC, a stranger who puts in a block must not learn from the server's reaction what it
// decrypts to: whatever comes, there is none before the largest packet could be there, and then it
// is always the same.
TEST_P(EveryProtection, WhatDoesNotOpenIsNotToldByItsLength) {
  const ProtectionNames names = {GetParam().cipher, GetParam().mac};
  if (!hides_length(names)) GTEST_SKIP() << "its length is authenticated or not chained";
  for (int round = 0; round < 200; ++round) {
    PacketInput input;
    input.protect(std::move(*make_opener(names, keys_for(names, 3))));
    Bytes stream(kMaxPacketBytes);
    crypto::system_random().fill(stream);
    for (const std::size_t size : {16u, 32u, 100u, 4096u, 4 + kMaxPacketLength - 1}) {
      const auto none = input.next(MutableByteView(stream).first(size));
      ASSERT_TRUE(none && !*none) << size;
    }
    const auto end = input.next(stream);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().reason, DisconnectReason::kMacError);
    EXPECT_EQ(end.error().message, "A packet does not carry the right authentication code");
  }
}

TEST_P(EveryProtection, AReplayedOrReorderedPacketIsAMacError) {
  const Bytes payload = {2, 0, 0, 0, 0};
  const Bytes first = sealed(payload);
  const Bytes second = sealed(payload);
  Bytes copy = second;
  // Encrypt-and-MAC deciphers the length itself out of step: that may also show as a wrong length.
  const auto reordered = input_.next(copy);
  ASSERT_TRUE(!reordered || !*reordered);
  if (!reordered) {
    EXPECT_TRUE(reordered.error().reason == DisconnectReason::kMacError ||
                reordered.error().reason == DisconnectReason::kProtocolError);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tables, EveryProtection, ::testing::ValuesIn(all_pairs()), [](const auto& each) {
      std::string name = each.param.cipher + "_" + each.param.mac;
      std::ranges::replace_if(
          name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
      return name;
    });

// Plain packets: lengths and paddings that do not fit (RFC 4253 section 6).
DisconnectReason reason_for(Bytes packet) {
  PacketInput input;
  const auto result = input.next(packet);
  EXPECT_FALSE(result);
  return result ? DisconnectReason::kReserved : result.error().reason;
}

TEST(PlainPacket, WrongLengthsAndPaddingsAreProtocolErrors) {
  const auto packet = [](std::uint32_t length, Byte padding, std::size_t size) {
    Bytes bytes(size);
    store_be(bytes.data(), length);
    if (size > 4) bytes[4] = padding;
    return bytes;
  };
  EXPECT_EQ(reason_for(packet(0, 0, 8)), DisconnectReason::kProtocolError);
  EXPECT_EQ(reason_for(packet(5, 4, 16)), DisconnectReason::kProtocolError);
  EXPECT_EQ(reason_for(packet(13, 4, 17)), DisconnectReason::kProtocolError)
      << "not in blocks of 8";
  EXPECT_EQ(reason_for(packet(0xFFFFFFFF, 4, 16)), DisconnectReason::kProtocolError);
  EXPECT_EQ(reason_for(packet(kMaxPacketLength + 4, 4, 16)), DisconnectReason::kProtocolError);
  EXPECT_EQ(reason_for(packet(12, 3, 16)), DisconnectReason::kProtocolError) << "padding under 4";
  EXPECT_EQ(reason_for(packet(12, 11, 16)), DisconnectReason::kProtocolError)
      << "no room for a message number";
  EXPECT_EQ(reason_for(packet(12, 255, 16)), DisconnectReason::kProtocolError);
}

TEST(PlainPacket, TheLargestIsTakenAndOnlyThatLarge) {
  Bytes bytes(4 + kMaxPacketLength - 4);
  store_be(bytes.data(), kMaxPacketLength - 4);
  bytes[4] = 4;
  PacketInput input;
  const auto result = input.next(bytes);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->payload.size(), kMaxPacketLength - 4 - 1 - 4);
}

TEST(PacketOutput, IsBoundedAndMakesRoomAgain) {
  PacketOutput output(4096, crypto::system_random());
  const Bytes payload(1000, 2);
  EXPECT_TRUE(output.send(payload));
  EXPECT_TRUE(output.send(payload));
  EXPECT_TRUE(output.send(payload));
  EXPECT_TRUE(output.send(payload));
  EXPECT_FALSE(output.send(payload));
  output.sent(1500);
  EXPECT_TRUE(output.send(payload)) << "what was sent makes room";
}

}  // namespace
}  // namespace bulkhead::ssh
