#include "cli/public_key_file.h"

#include <gtest/gtest.h>

#include <string>

namespace bulkhead::cli {
namespace {

// Made for these tests; their private halves were thrown away.
constexpr std::string_view kEd25519 =
    "AAAAC3NzaC1lZDI1NTE5AAAAIDmVjVrDemUGqFbhgzI67T8rT4BI5b7aRjD5kIh0CqkN";
constexpr std::string_view kP256 =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLw2+"
    "INqHEp2vr69wtBrzTlma3OvX8qkUcBDOq2N1uLlm5UH8OKU9kgg2ALTVTN6"
    "o/hS1e+C/BDSMfuzhLKDCS4=";
constexpr std::string_view kRsa1024 =
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDJu9bU7B0Cp7Ea8zyQFn4AF+HN/"
    "fiRtjkpRaHeeXpHR28BxYs4iJCh+tyX7V7tQ9565PjB/l9eIFhHfNT5723e6"
    "/z8SOGDBkrFW7kLZN991hKaCAhCo9gbEiu8R1wooVnAUHX3dbTl9apr+dCDN+kqm30QKcAF2bxApzu8crgXNQ==";
constexpr std::string_view kRsa2048 =
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCgcxeY1qMe+u3OWzZGnrvY5cNhh7V+1/"
    "HserIqsTvEiKvH8xFj6GmRs4x7KvpUZdh35FHmjln4+lR2iDDLzXHDq"
    "J3xFeICwc6cVxSY2zEsydG+qSZP6nZVUrnd2JxRvFLqVBqgeszbrvpLT2w3o3oSr8O+"
    "6zcXj52QwoG1PpsI7mFgQi90hIiUz9ejt9yZhl9DSdHZXj1BoY+"
    "Rvv6gtUiHzoDv1n6bb0zP7G9d1E80+91ssPaqvGrY+Bjetyxo92Qmc0OoGnMGh4vpOK6S98uxGG4RcXFQ+"
    "9TwTeOWxKdvlnNiPDcdYzYCvRsibXz86YU9a"
    "HTQF3CkBNxIplIBIMsP";

std::string line(std::string_view type, std::string_view base64) {
  return std::string(type) + " " + std::string(base64) + " somebody@example\n";
}

std::string refusal(const std::string& contents) {
  const auto keys = read_public_keys(contents, "partner.pub");
  EXPECT_FALSE(keys) << contents;
  if (keys) return {};
  EXPECT_EQ(keys.error().code, ErrorCode::kInvalidArgument);
  return keys.error().message;
}

TEST(PublicKeyFile, ReadsWhatSshKeygenWrites) {
  const auto keys = read_public_keys(line("ssh-ed25519", kEd25519), "partner.pub");
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front(), *from_base64(kEd25519));
}

TEST(PublicKeyFile, ReadsSeveralKeysWithCommentsAndOddLineEnds) {
  const std::string contents =
      "# keys of the payroll vendor\r\n\r\n" + line("ssh-ed25519", kEd25519) + "\t" +
      line("ecdsa-sha2-nistp256", kP256) + "ssh-rsa " + std::string(kRsa2048);
  const auto keys = read_public_keys(contents, "authorized_keys");
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[1], *from_base64(kP256));
  EXPECT_EQ((*keys)[2], *from_base64(kRsa2048));
}

TEST(PublicKeyFile, ReadsRfc4716) {
  const std::string contents =
      "---- BEGIN SSH2 PUBLIC KEY ----\r\nComment: \"a long one, \\\r\ncontinued: here\"\r\n" +
      std::string(kEd25519.substr(0, 40)) + "\r\n" + std::string(kEd25519.substr(40)) +
      "\r\n---- END SSH2 PUBLIC KEY ----\r\n";
  const auto keys = read_public_keys(contents, "partner.pub");
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->front(), *from_base64(kEd25519));
  EXPECT_NE(refusal(contents.substr(0, contents.size() - 20)).find("no END line"),
            std::string::npos);
}

TEST(PublicKeyFile, RefusesPrivateKeys) {
  for (const char* contents :
       {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "-----BEGIN RSA PRIVATE KEY-----\n",
        "PuTTY-User-Key-File-3: ssh-ed25519\n"}) {
    EXPECT_NE(refusal(contents).find("is a private key"), std::string::npos) << contents;
  }
}

TEST(PublicKeyFile, RefusesOptionsRatherThanDroppingThem) {
  for (const char* options :
       {"from=\"10.0.0.1\" ", "restrict,command=\"echo hi there\" ", "no-pty "}) {
    EXPECT_NE(refusal(options + line("ssh-ed25519", kEd25519)).find("options before a key"),
              std::string::npos)
        << options;
  }
}

TEST(PublicKeyFile, RefusesKeysThatTheServerWouldNotTake) {
  EXPECT_NE(refusal(line("ssh-rsa", kRsa1024)).find("1024 bits is too weak"), std::string::npos);
  EXPECT_NE(refusal(line("ssh-dss", kEd25519)).find("keys of type ssh-dss are not accepted"),
            std::string::npos);
  EXPECT_NE(refusal(line("ssh-ed25519-cert-v01@openssh.com", kEd25519)).find("are not accepted"),
            std::string::npos);
  EXPECT_NE(refusal(line("ecdsa-sha2-nistp256", kEd25519)).find("another type"), std::string::npos);
}

TEST(PublicKeyFile, RefusesDamageWithTheLine) {
  EXPECT_EQ(refusal("# one\n" + line("ssh-ed25519", "AAAA%%%%")).substr(0, 14), "partner.pub:2:");
  EXPECT_NE(refusal(line("ssh-ed25519", kEd25519.substr(0, 60))).find("cut off"),
            std::string::npos);
  EXPECT_NE(refusal(line("ssh-ed25519", "")).find("is not"), std::string::npos);
  EXPECT_NE(refusal("hello\n").find("is not a public key"), std::string::npos);
  EXPECT_NE(refusal("").find("holds no key"), std::string::npos);
  EXPECT_NE(refusal("# only a comment\n").find("holds no key"), std::string::npos);
  // A count that reaches beyond the end.
  EXPECT_NE(refusal(line("ssh-ed25519", "/////w==")).find("is not a public key"),
            std::string::npos);
}

TEST(PublicKeyFile, BoundsTheNumberOfKeys) {
  std::string contents;
  for (int i = 0; i < 101; ++i)
    contents += line("ssh-ed25519", kEd25519);
  EXPECT_NE(refusal(contents).find("more than 100 keys"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::cli
