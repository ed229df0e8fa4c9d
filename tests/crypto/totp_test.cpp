#include "crypto/totp.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "crypto/random.h"

namespace bulkhead::crypto {
namespace {

const ByteView kSecret = as_bytes("12345678901234567890");

// RFC 4226 appendix D.
TEST(Totp, CountersOfTheRfc) {
  constexpr std::array kCodes = {"755224", "287082", "359152", "969429", "338314",
                                 "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < kCodes.size(); ++i)
    EXPECT_EQ(hotp(kSecret, i), kCodes[i]);
}

// RFC 6238 appendix B, the rows of SHA-1.
TEST(Totp, TimesOfTheRfc) {
  struct Row {
    std::int64_t unix_seconds;
    const char* code;
  };
  constexpr std::array kRows = {Row{59, "94287082"},         Row{1111111109, "07081804"},
                                Row{1111111111, "14050471"}, Row{1234567890, "89005924"},
                                Row{2000000000, "69279037"}, Row{20000000000, "65353130"}};
  for (const Row& row : kRows)
    EXPECT_EQ(hotp(kSecret, totp_step(row.unix_seconds), 8), row.code) << row.unix_seconds;
}

TEST(Totp, OneStepEitherSideIsAccepted) {
  constexpr std::uint64_t kNow = 1000;
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow), kNow, 0), kNow);
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow - 1), kNow, 0), kNow - 1);
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow + 1), kNow, 0), kNow + 1);
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow - 2), kNow, 0), 0u);
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow + 2), kNow, 0), 0u);
}

TEST(Totp, ACodeIsAcceptedOnceAndNoneBeforeIt) {
  constexpr std::uint64_t kNow = 1000;
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow), kNow, kNow), 0u);
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow - 1), kNow, kNow), 0u);
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, kNow + 1), kNow, kNow), kNow + 1);
}

TEST(Totp, WhatIsNoCodeIsNone) {
  const std::string right = hotp(kSecret, 1000);
  for (const std::string& code : {std::string(), right.substr(1), right + "0", " " + right,
                                  std::string(6, '\0'), std::string(1000, '1')}) {
    EXPECT_EQ(check_totp(kSecret, code, 1000, 0), 0u);
  }
  EXPECT_EQ(check_totp(kSecret, hotp(kSecret, 0), 0, 0), 0u) << "step 0 is none";
}

// The tool that people check their authenticator with.
TEST(Totp, SameAsOathtool) {
  if (std::system("oathtool --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no oathtool";
  for (int round = 0; round < 5; ++round) {
    const auto secret = system_random().array<kTotpSecretBytes>();
    const std::int64_t unix_seconds = 1'800'000'000 + round * 12'345;
    const std::string command = "oathtool --totp --now '@" + std::to_string(unix_seconds) + "' " +
                                to_hex(ByteView(secret)) + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    char line[64] = "";
    EXPECT_NE(std::fgets(line, sizeof line, pipe), nullptr);
    ::pclose(pipe);
    EXPECT_EQ(std::string(line).substr(0, 6), hotp(secret, totp_step(unix_seconds)));
  }
}

}  // namespace
}  // namespace bulkhead::crypto
