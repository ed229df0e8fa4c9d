#include "ssh/negotiation.h"

#include <gtest/gtest.h>

#include "ssh/key_exchange.h"
#include "ssh/packet_protection.h"
#include "sshwire/kexinit.h"

namespace bulkhead::ssh {
namespace {

sshwire::Kexinit lists(std::string_view kex, std::string_view host_key, std::string_view cipher,
                       std::string_view mac, std::string_view compression = "none") {
  sshwire::Kexinit result;
  result.lists = {kex, host_key, cipher, cipher, mac, mac, compression, compression, "", ""};
  return result;
}
const sshwire::Kexinit kServer = lists("k1,k2,kex-strict-s-v00@openssh.com", "h1,h2",
                                       "aes256-gcm@openssh.com,aes128-ctr", "m1,m2");

TEST(Negotiation, TheClientsPreferenceDecides) {
  const auto result =
      negotiate(lists("k2,k1", "h2,h1", "aes128-ctr,aes256-gcm@openssh.com", "m2,m1"), kServer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->kex, "k2");
  EXPECT_EQ(result->host_key, "h2");
  EXPECT_EQ(result->client_to_server.cipher, "aes128-ctr");
  EXPECT_EQ(result->server_to_client.mac, "m2");
}

TEST(Negotiation, NoMacIsNeededWhereTheCipherAuthenticates) {
  const auto result =
      negotiate(lists("k1", "h1", "aes256-gcm@openssh.com", "none-that-we-know"), kServer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->client_to_server.mac, "");
}

TEST(Negotiation, AnEmptyNameIsNobodys) {
  const auto result = negotiate(lists("k1", "h1", "aes128-ctr,", ",m1"), kServer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->client_to_server.cipher, "aes128-ctr");
  EXPECT_EQ(result->client_to_server.mac, "m1");
  EXPECT_FALSE(negotiate(lists("k1", "h1", ",", "m1"), kServer));
}

TEST(Negotiation, NothingInCommonNamesTheKind) {
  const struct {
    sshwire::Kexinit client;
    std::string_view named;
  } kCases[] = {
      {lists("x", "h1", "aes128-ctr", "m1"), "key exchange method"},
      {lists("", "h1", "aes128-ctr", "m1"), "key exchange method"},
      {lists("k1", "x", "aes128-ctr", "m1"), "host key algorithm"},
      {lists("k1", "h1", "x", "m1"), "cipher from client to server"},
      {lists("k1", "h1", "aes128-ctr", "x"), "MAC from client to server"},
      {lists("k1", "h1", "aes128-ctr", "m1", "zlib"), "compression from client to server"},
      {lists("kex-strict-s-v00@openssh.com", "h1", "aes128-ctr", "m1"), "key exchange method"},
  };
  for (const auto& each : kCases) {
    const auto result = negotiate(each.client, kServer);
    ASSERT_FALSE(result) << each.named;
    EXPECT_EQ(result.error().reason, DisconnectReason::kKeyExchangeFailed);
    EXPECT_NE(result.error().message.find(each.named), std::string::npos) << result.error().message;
  }
}

TEST(Negotiation, AGuessIsWrongUnlessBothFirstChoicesAgree) {
  auto client = lists("k1,k2", "h1", "aes128-ctr", "m1");
  client.first_kex_packet_follows = true;
  EXPECT_FALSE(negotiate(client, kServer)->wrong_guess);
  client.lists[sshwire::kKexAlgorithms] = "k2,k1";
  EXPECT_TRUE(negotiate(client, kServer)->wrong_guess);
  client.lists[sshwire::kKexAlgorithms] = "k1";
  client.lists[sshwire::kServerHostKeyAlgorithms] = "h2,h1";
  EXPECT_TRUE(negotiate(client, kServer)->wrong_guess);
}

TEST(Negotiation, IndicatorsOfTheClient) {
  const auto result = negotiate(
      lists("k1,ext-info-c,kex-strict-c-v00@openssh.com", "h1", "aes128-ctr", "m1"), kServer);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->client_ext_info);
  EXPECT_TRUE(result->client_strict_kex);
  EXPECT_FALSE(negotiate(lists("k1", "h1", "aes128-ctr", "m1"), kServer)->client_strict_kex);
}

TEST(Tables, EveryNameThatIsOfferedIsImplemented) {
  for (const auto& row : sshwire::kex_names())
    EXPECT_NE(make_key_exchange(row.name), nullptr) << row.name;
  for (const auto& row : sshwire::cipher_names()) {
    EXPECT_TRUE(protection_sizes({row.name, "hmac-sha2-256"})) << row.name;
  }
  for (const auto& row : sshwire::mac_names())
    EXPECT_TRUE(protection_sizes({"aes128-ctr", row.name})) << row.name;
}

TEST(Tables, TheModernProfileHasNoEncryptAndMac) {
  const Bytes payload = sshwire::compose_kexinit({}, {.host_key_algorithms = {"ssh-ed25519"}});
  const auto kexinit = sshwire::parse_kexinit(payload);
  ASSERT_TRUE(kexinit);
  EXPECT_FALSE(sshwire::has_name(kexinit->lists[sshwire::kMacClientToServer], "hmac-sha2-256"));
  EXPECT_TRUE(
      sshwire::has_name(kexinit->lists[sshwire::kKexAlgorithms], "kex-strict-s-v00@openssh.com"));
}

TEST(KeyDerivation, GrowsByHashingWhatItHas) {
  const Bytes k = {1, 2, 3};
  const Bytes h(32, 4);
  const KeyMaterial material = {crypto::HashAlgorithm::kSha256, k, h, h};
  const auto shorter = material.derive('C', 32);
  const auto longer = material.derive('C', 80);
  EXPECT_TRUE(equal(longer.view().first(32), shorter.view()));
  // K2 = HASH(K || H || K1), K3 = HASH(K || H || K1 || K2), RFC 4253 section 7.2
  Bytes message = {0, 0, 0, 3, 1, 2, 3};
  message.insert(message.end(), h.begin(), h.end());
  message.insert(message.end(), longer.view().begin(), longer.view().begin() + 64);
  const auto k3 = crypto::sha256(message);
  EXPECT_TRUE(equal(longer.view().subspan(64), ByteView(k3).first(16)));
  EXPECT_FALSE(equal(material.derive('D', 32).view(), shorter.view()));
}

}  // namespace
}  // namespace bulkhead::ssh
