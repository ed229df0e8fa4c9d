#include "sshwire/certificates.h"
#include "base/address_list.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "../support/software_authenticator.h"
#include "sshwire/keys.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {
namespace {

using testing_support::SoftwareAuthenticator;

Certificate example() {
  const auto key = crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>());
  const auto authority = crypto::Ed25519KeyPair::generate(crypto::system_random());
  Certificate certificate;
  certificate.type = "ssh-ed25519-cert-v01@openssh.com";
  certificate.nonce = Bytes(32, 7);
  certificate.key_fields = to_bytes(Writer().string(ByteView(key.public_key)).view());
  certificate.serial = 0xFFFF'FFFF'FFFF'FFFF;
  certificate.kind = kUserCertificate;
  certificate.key_id = "laptop";
  certificate.principals = {"anna", "nightly"};
  certificate.valid_after_s = 1;
  certificate.valid_before_s = 2;
  certificate.critical_options = {{"force-command", {0, 0, 0, 1, 'x'}}, {"verify-required", {}}};
  certificate.extensions = {{"permit-pty", {}}};
  certificate.authority_key = ed25519_key_blob(authority.public_key);
  certificate.signature =
      ed25519_signature_blob(authority.sign(certificate_signed_part(certificate)));
  return certificate;
}

TEST(Certificates, ComeOutAsTheyWentIn) {
  const Certificate written = example();
  const Bytes blob = certificate_blob(written);
  const auto read = parse_certificate(blob);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(certificate_blob(*read), blob);
  EXPECT_EQ(read->serial, written.serial);
  EXPECT_EQ(read->key_id, "laptop");
  EXPECT_EQ(read->principals, written.principals);
  ASSERT_EQ(read->critical_options.size(), 2u);
  EXPECT_EQ(read->critical_options[0].name, "force-command");
  const auto key = parse_public_key(read->authority_key);
  EXPECT_TRUE(key && verify_signature("ssh-ed25519", *key, certificate_signed_part(*read),
                                      read->signature));
}

TEST(Certificates, EveryTruncationAndAdditionIsRefused) {
  Bytes blob = certificate_blob(example());
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_FALSE(parse_certificate(ByteView(blob).first(size))) << size;
  blob.push_back(0);
  EXPECT_FALSE(parse_certificate(blob));
}

// What is read is what was signed: no bit is without meaning.
TEST(Certificates, EveryFlippedBitChangesWhatIsReadOrIsRefused) {
  const Bytes good = certificate_blob(example());
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes blob = good;
    blob[i / 8] ^= static_cast<Byte>(1 << i % 8);
    const auto read = parse_certificate(blob);
    if (read) {
      EXPECT_EQ(certificate_blob(*read), blob) << i;
    }
  }
}

TEST(Certificates, BoundsAndOtherKinds) {
  Certificate certificate = example();
  certificate.principals.assign(kMaxPrincipals, "p");
  EXPECT_TRUE(parse_certificate(certificate_blob(certificate)));
  certificate.principals.emplace_back("p");
  EXPECT_FALSE(parse_certificate(certificate_blob(certificate)));
  certificate = example();
  certificate.extensions.assign(kMaxCertificateOptions + 1, {"x", {}});
  EXPECT_FALSE(parse_certificate(certificate_blob(certificate)));
  certificate = example();
  certificate.reserved = Bytes(kMaxCertificateBytes, 0);
  EXPECT_FALSE(parse_certificate(certificate_blob(certificate)));
  certificate = example();
  certificate.type = "ssh-dss-cert-v01@openssh.com";
  EXPECT_FALSE(parse_certificate(certificate_blob(certificate)));
  EXPECT_FALSE(parse_certificate(ed25519_key_blob({})));
}

TEST(Certificates, OfSecurityKeys) {
  for (const auto kind :
       {SoftwareAuthenticator::Kind::kEd25519, SoftwareAuthenticator::Kind::kEcdsaP256}) {
    const SoftwareAuthenticator device(kind);
    Certificate certificate = example();
    certificate.type = device.algorithm();
    certificate.type.insert(certificate.type.find('@'), "-cert-v01");
    certificate.key_fields = device.key_fields();
    const auto read = parse_certificate(certificate_blob(certificate));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(certified_key(*read), device.key_blob());
  }
}

// ssh-keygen's own, of every kind of key that it makes without a device.
TEST(Certificates, AsSshKeygenMakesThem) {
  if (std::system("command -v ssh-keygen >/dev/null 2>&1") != 0) GTEST_SKIP() << "no ssh-keygen";
  std::string folder = (std::filesystem::temp_directory_path() / "bulkhead-cert-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto run = [&](const std::string& command) {
    return std::system(("cd " + folder + " && " + command + " >/dev/null 2>&1").c_str()) == 0;
  };
  ASSERT_TRUE(run("ssh-keygen -t ecdsa -b 384 -N '' -f ca"));
  for (const std::string type :
       {"ed25519", "rsa", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521"}) {
    ASSERT_TRUE(run("rm -f key*; ssh-keygen -t " + type +
                    " -N '' -f key && ssh-keygen -s ca -I 'the id' -n anna,nightly -z 77 "
                    "-V 20250101000000Z:20350101000000Z -O source-address=192.0.2.0/24 key.pub"));
    std::ifstream file(folder + "/key-cert.pub");
    std::string algorithm;
    std::string base64;
    file >> algorithm >> base64;
    const auto blob = from_base64(base64);
    ASSERT_TRUE(blob);
    const auto read = parse_certificate(*blob);
    ASSERT_TRUE(read) << type << ": " << read.error().message;
    EXPECT_EQ(read->type, algorithm);
    EXPECT_EQ(read->serial, 77u);
    EXPECT_EQ(read->key_id, "the id");
    EXPECT_EQ(read->principals, (std::vector<std::string>{"anna", "nightly"}));
    EXPECT_EQ(read->valid_after_s, 1735689600u);
    EXPECT_EQ(read->valid_before_s, 2051222400u);
    ASSERT_EQ(read->critical_options.size(), 1u);
    EXPECT_EQ(read->critical_options[0].name, kSourceAddressOption);
    const auto key = parse_public_key(read->authority_key);
    EXPECT_TRUE(key && verify_signature("ecdsa-sha2-nistp384", *key, certificate_signed_part(*read),
                                        read->signature));
  }
  std::filesystem::remove_all(folder);
}

TEST(AddressList, NetworksOfBothKinds) {
  const std::string_view list = "192.0.2.0/24,2001:db8::/33,198.51.100.7,10.0.0.0/7";
  for (const char* inside : {"192.0.2.255", "2001:db8:7fff::1", "198.51.100.7", "11.255.0.1"})
    EXPECT_TRUE(address_in_list(inside, list).value()) << inside;
  for (const char* outside :
       {"192.0.3.0", "2001:db8:8000::1", "198.51.100.6", "12.0.0.1", "::ffff:192.0.2.1", ""})
    EXPECT_FALSE(address_in_list(outside, list).value()) << outside;
  EXPECT_TRUE(address_in_list("203.0.113.9", "0.0.0.0/0").value());
}

TEST(AddressList, WhatIsNoList) {
  for (const std::string list :
       {"", ",", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/8x", "host.example",
        "192.0.2.1,", "!192.0.2.1", "2001:db8::/129"})
    EXPECT_FALSE(address_in_list("192.0.2.1", list)) << list;
  EXPECT_FALSE(address_in_list("192.0.2.1", std::string(10'000, '1')));
}

}  // namespace
}  // namespace bulkhead::sshwire
