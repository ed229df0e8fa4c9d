#include <gtest/gtest.h>

#include "sshwire/exchange_hash.h"
#include "sshwire/kexinit.h"
#include "sshwire/names.h"
#include "sshwire/numbers.h"
#include "sshwire/reader.h"
#include "sshwire/userauth.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

// The examples of RFC 4251 section 5.
TEST(Rfc4251Section5, Integers) {
  EXPECT_EQ(to_hex(Writer().uint32(699921578).view()), "29b7f4aa");
  const Bytes bytes = hex("29b7f4aa");
  Reader reader(bytes);
  EXPECT_EQ(reader.uint32(), 699921578u);
  EXPECT_TRUE(reader.finish("it"));
}

TEST(Rfc4251Section5, Mpints) {
  const struct {
    std::string_view number;
    std::string_view encoded;
  } kExamples[] = {
      {"", "00000000"},
      {"09a378f9b2e332a7", "0000000809a378f9b2e332a7"},
      {"80", "000000020080"},
  };
  for (const auto& each : kExamples) {
    EXPECT_EQ(to_hex(Writer().mpint(hex(each.number)).view()), each.encoded);
    const Bytes encoded = hex(each.encoded);
    Reader reader(encoded);
    EXPECT_EQ(to_hex(reader.unsigned_mpint()), each.number);
    EXPECT_TRUE(reader.finish("it"));
  }
  // -1234 and -deadbeef: negative numbers mean nothing in any message that we read.
  for (const std::string_view negative : {"00000002edcc", "00000005ff21524111"}) {
    const Bytes encoded = hex(negative);
    Reader reader(encoded);
    reader.unsigned_mpint();
    EXPECT_FALSE(reader.finish("it"));
  }
}

TEST(Rfc4251Section5, NameLists) {
  const std::array<std::string_view, 2> two = {"zlib", "none"};
  EXPECT_EQ(to_hex(Writer().name_list({}).view()), "00000000");
  EXPECT_EQ(to_hex(Writer().name_list(std::span(two).first(1)).view()), "000000047a6c6962");
  EXPECT_EQ(to_hex(Writer().name_list(two).view()), "000000097a6c69622c6e6f6e65");
}

TEST(Reader, RefusesSuperfluousZeroBytes) {
  for (const std::string_view text : {"0000000100", "00000002007f", "000000030000ff"}) {
    const Bytes encoded = hex(text);
    Reader reader(encoded);
    reader.unsigned_mpint();
    EXPECT_FALSE(reader.ok()) << text;
  }
}

TEST(Reader, RefusesNamesThatAreNone) {
  for (const std::string_view list : {"a b", "a\x7F", "\xC3\xA4"}) {
    const Bytes encoded = to_bytes(Writer().string(list).view());
    Reader reader(encoded);
    EXPECT_EQ(reader.name_list(), "");
    EXPECT_FALSE(reader.ok()) << list;
  }
}

TEST(Reader, EmptyNamesAreLetThrough) {
  // As libssh 0.10 sends its ciphers.
  for (const std::string_view list : {"", ",", "a,", ",a", "a,,b"}) {
    const Bytes encoded = to_bytes(Writer().string(list).view());
    Reader reader(encoded);
    EXPECT_EQ(reader.name_list(), list);
    EXPECT_TRUE(reader.ok()) << list;
  }
}

TEST(Reader, ReadsNothingBehindTheFirstMisfit) {
  const Bytes encoded = hex("0000000500");
  Reader reader(encoded);
  EXPECT_TRUE(reader.string().empty());
  EXPECT_EQ(reader.uint32(), 0u);
  EXPECT_EQ(reader.byte(), 0);
  const Status status = reader.finish("the message");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(status.error().message, "the message ends too early");
}

TEST(Reader, FieldsHaveLimitsAndNothingIsLeftOver) {
  const Bytes encoded = to_bytes(Writer().string(std::string_view("12345")).view());
  Reader reader(encoded);
  reader.string(4);
  EXPECT_FALSE(reader.ok());
  Reader again(encoded);
  again.uint32();
  EXPECT_FALSE(again.finish("it"));
  EXPECT_TRUE(again.check("it"));
}

TEST(Kexinit, ReadsBackWhatWasComposed) {
  const KexCookie cookie = {1, 2, 3};
  const Bytes payload = compose_kexinit(cookie, {.host_key_algorithms = {"ssh-ed25519"}});
  EXPECT_EQ(payload[0], kMsgKexinit);
  EXPECT_TRUE(equal(ByteView(payload).subspan(1, 16), cookie));
  const auto kexinit = parse_kexinit(payload);
  ASSERT_TRUE(kexinit);
  const std::string_view kex = kexinit->lists[kKexAlgorithms];
  EXPECT_TRUE(kex.starts_with("mlkem768x25519-sha256,curve25519-sha256,")) << kex;
  EXPECT_TRUE(kex.ends_with(",kex-strict-s-v00@openssh.com")) << kex;
  EXPECT_EQ(kexinit->lists[kServerHostKeyAlgorithms], "ssh-ed25519");
  EXPECT_EQ(kexinit->lists[kCompressionServerToClient], "none");
  EXPECT_FALSE(kexinit->first_kex_packet_follows);
}

TEST(Kexinit, IndicatorsStandInTheFirstOnly) {
  const Bytes payload =
      compose_kexinit({}, {.host_key_algorithms = {"ssh-ed25519"}, .first = false});
  EXPECT_FALSE(has_name(parse_kexinit(payload)->lists[kKexAlgorithms], kStrictKexServer));
}

TEST(Kexinit, EveryTruncationIsMalformed) {
  const Bytes payload = compose_kexinit({}, {.host_key_algorithms = {"ssh-ed25519"}});
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(parse_kexinit(ByteView(payload).first(size))) << size;
  }
}

TEST(ExchangeHash, HashesEachFieldWithItsLength) {
  const Bytes kexinit = {kMsgKexinit, 1};
  const Bytes blob = {2};
  const Bytes q = {3, 4};
  const Bytes k = {5};
  const ExchangeHashInputs inputs = {"SSH-2.0-c", "SSH-2.0-s", kexinit, kexinit, blob, q, q, k};
  const auto hash = exchange_hash("curve25519-sha256", inputs);
  ASSERT_TRUE(hash);
  Writer expected;
  expected.string(std::string_view("SSH-2.0-c")).string(std::string_view("SSH-2.0-s"));
  expected.string(ByteView(kexinit)).string(ByteView(kexinit)).string(ByteView(blob));
  expected.string(ByteView(q)).string(ByteView(q)).string(ByteView(k));
  EXPECT_EQ(*hash, to_bytes(crypto::sha256(expected.view())));
}

TEST(ExchangeHash, BoundsWhatAStrangerSays) {
  const Bytes kexinit = {kMsgKexinit};
  const Bytes large(40'000, kMsgKexinit);
  const Bytes few = {1};
  const auto code = [](const ExchangeHashInputs& inputs,
                       std::string_view kex = "curve25519-sha256") {
    const auto hash = exchange_hash(kex, inputs);
    return hash ? "hashed" : to_string(hash.error().code);
  };
  EXPECT_EQ(code({"SSH-2.0-c", "SSH-2.0-s", kexinit, kexinit, few, few, few, few}), "hashed");
  EXPECT_EQ(code({"SSH-2.0-c", "SSH-2.0-s", kexinit, kexinit, few, few, few, few}, "none"),
            "unsupported");
  EXPECT_EQ(code({"SSH-2.0-c", "SSH-2.0-s", large, kexinit, few, few, few, few}), "limit_exceeded");
  EXPECT_EQ(code({"SSH-2.0-c", "SSH-2.0-s", kexinit, kexinit, few, large, few, few}),
            "limit_exceeded");
  EXPECT_EQ(code({"SSH-2.0-c", "SSH-2.0-s", kexinit, kexinit, few, few, few, large}),
            "limit_exceeded");
  EXPECT_EQ(code({"SSH-2.0-c", "SSH-2.0-s", few, kexinit, few, few, few, few}), "malformed");
  EXPECT_EQ(code({"SSH-2.0-c\r", "SSH-2.0-s", kexinit, kexinit, few, few, few, few}), "malformed");
  EXPECT_EQ(code({"", "SSH-2.0-s", kexinit, kexinit, few, few, few, few}), "malformed");
}

TEST(ExchangeHash, OfAGroupExchangeHasTheGroupInIt) {
  const Bytes kexinit = {kMsgKexinit, 1};
  const Bytes one = {1};
  ExchangeHashInputs inputs = {"SSH-2.0-c", "SSH-2.0-s", kexinit, kexinit, one, one, one, one};
  constexpr std::string_view kMethod = "diffie-hellman-group-exchange-sha256";
  EXPECT_FALSE(exchange_hash(kMethod, inputs)) << "a request must be there";
  inputs.group_request = {2048, 3000, 8192};
  EXPECT_FALSE(exchange_hash("curve25519-sha256", inputs)) << "and only there";
  Writer expected;
  expected.string(std::string_view("SSH-2.0-c")).string(std::string_view("SSH-2.0-s"));
  expected.string(ByteView(kexinit)).string(ByteView(kexinit)).string(ByteView(one));
  expected.uint32(2048).uint32(3000).uint32(8192);
  expected.mpint(crypto::dh_prime(crypto::DhGroup::k3072)).uint32(1).byte(2);
  expected.string(ByteView(one)).string(ByteView(one)).string(ByteView(one));
  const auto hash = exchange_hash(kMethod, inputs);
  ASSERT_TRUE(hash);
  EXPECT_EQ(*hash, to_bytes(crypto::sha256(expected.view())));
  inputs.group_request = {1024, 1024, 1024};
  EXPECT_FALSE(exchange_hash(kMethod, inputs)) << "there is no such group";
}

TEST(GroupExchange, TheSmallestThatIsLargeEnough) {
  using enum crypto::DhGroup;
  const struct {
    GroupRequest request;
    std::optional<crypto::DhGroup> group;
  } kCases[] = {
      {{1024, 1024, 8192}, k2048}, {{2048, 2048, 8192}, k2048}, {{2048, 2049, 8192}, k3072},
      {{2048, 8192, 8192}, k8192}, {{2048, 8192, 8191}, k6144}, {{1024, 9000, 10000}, k8192},
      {{3000, 1024, 5000}, k3072}, {{1024, 1024, 2047}, {}},    {{8193, 9000, 10000}, {}},
      {{8192, 4096, 2048}, {}},    {{0, 0, UINT32_MAX}, k2048}, {{UINT32_MAX, 0, 0}, {}},
  };
  for (const auto& each : kCases)
    EXPECT_EQ(choose_group(each.request), each.group)
        << each.request.min_bits << " " << each.request.preferred_bits;
}

TEST(Userauth, SignedDataIsWhatRfc4252Section7Says) {
  const Bytes session = {0xAA};
  const Bytes blob = {0xBB};
  EXPECT_EQ(to_hex(userauth_signed_data(session, "u", "ssh-connection", "ssh-ed25519", blob)),
            "00000001aa"
            "32"
            "0000000175"
            "0000000e7373682d636f6e6e656374696f6e"
            "000000097075626c69636b6579"
            "01"
            "0000000b7373682d65643235353139"
            "00000001bb");
}

}  // namespace
}  // namespace bulkhead::sshwire
