#include "crypto/x509.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "crypto/random.h"

namespace bulkhead::crypto {
namespace {

constexpr UnixMicros kNow = 1'790'000'000 * kMicrosPerSecond;

TEST(X509Test, WhatWasMadeIsRead) {
  const SigningKey key = SigningKey::generate(SigningKeyKind::kEcdsaP256);
  const std::vector<std::string> names = {"files.example.org", "*.example.org", "203.0.113.5",
                                          "2001:db8::1"};
  const Bytes der = self_signed_certificate(key, names, kNow, 365);
  const auto facts = describe_certificate(der);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->subject, "CN = files.example.org");
  EXPECT_EQ(facts->issuer, facts->subject);
  EXPECT_EQ(facts->names, (std::vector<std::string>{"files.example.org", "*.example.org",
                                                    "IP Address:203.0.113.5",
                                                    "IP Address:2001:DB8:0:0:0:0:0:1"}));
  EXPECT_EQ(facts->not_after_s, kNow / kMicrosPerSecond + 365LL * 86'400);
  EXPECT_LT(facts->not_before_s, kNow / kMicrosPerSecond);
  EXPECT_EQ(facts->sha256, to_bytes(sha256(der)));
  // The vault finds whose key it is so, without taking it apart.
  const std::string whole = to_string(ByteView(der));
  EXPECT_NE(whole.find(to_string(ByteView(subject_public_key_info(key)))), std::string::npos);
  const SigningKey other = SigningKey::generate(SigningKeyKind::kEcdsaP256);
  EXPECT_EQ(whole.find(to_string(ByteView(subject_public_key_info(other)))), std::string::npos);
}

TEST(X509Test, TwoOfTheSameAreNotTheSame) {
  const SigningKey key = SigningKey::generate(SigningKeyKind::kEcdsaP256);
  EXPECT_NE(self_signed_certificate(key, {"a"}, kNow, 1),
            self_signed_certificate(key, {"a"}, kNow, 1));
}

TEST(X509Test, NamesThatWouldSaySomethingElseAreRefused) {
  for (const char* name : {"", "a b", "a,DNS:b", "a\nb", "email:x", "*.", "*", "a.*.b", ".a", "a.",
                           "a=b", "/CN=x", "dirName:x", "caf\xc3\xa9.example", "::1,IP:1.2.3.4"}) {
    EXPECT_FALSE(check_certificate_names({"good.example", name})) << name;
  }
  EXPECT_FALSE(check_certificate_names({}));
  EXPECT_FALSE(check_certificate_names(std::vector<std::string>(65, "a.example")));
  EXPECT_TRUE(check_certificate_names({"localhost", "::1", "127.0.0.1", "*.example.org"}));
  // Too long for a common name, not for a name.
  const std::string longest = std::string(63, 'a') + "." + std::string(60, 'b') + ".example";
  const auto facts = describe_certificate(self_signed_certificate(
      SigningKey::generate(SigningKeyKind::kEcdsaP256), {longest}, kNow, 1));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->names, std::vector<std::string>{longest});
}

TEST(X509Test, PemThereAndBack) {
  const SigningKey key = SigningKey::generate(SigningKeyKind::kEcdsaP256);
  const Bytes first = self_signed_certificate(key, {"a.example"}, kNow, 1);
  const Bytes second = self_signed_certificate(key, {"b.example"}, kNow, 1);
  const std::string text = "who knows\n" + to_pem("CERTIFICATE", first) +
                           to_pem("CERTIFICATE REQUEST", certificate_request(key, {"a.example"})) +
                           to_pem("CERTIFICATE", second);
  const auto found = certificates_of_pem(text);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, (std::vector<Bytes>{first, second}));
  for (const char* other :
       {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
    EXPECT_FALSE(certificates_of_pem(other));
}

TEST(X509Test, NothingInAPemFileIsDroppedInSilence) {
  EXPECT_FALSE(certificates_of_pem(std::string_view()));
  const SigningKey key = SigningKey::generate(SigningKeyKind::kEcdsaP256);
  const std::string own =
      to_pem("CERTIFICATE", self_signed_certificate(key, {"a.example"}, kNow, 1));
  const std::string issuer =
      to_pem("CERTIFICATE", self_signed_certificate(key, {"b.example"}, kNow, 1));
  ASSERT_TRUE(certificates_of_pem(own + issuer));
  const auto says = [&](const std::string& text, std::string_view what) {
    const auto found = certificates_of_pem(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, ErrorCode::kMalformed);
    EXPECT_NE(found.error().message.find(what), std::string::npos) << found.error().message;
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = issuer;
    text.replace(text.find(from), from.size(), to);
    return own + text;
  };
  const std::string a_line = issuer.substr(issuer.find('\n') + 1, 64);
  says(with(a_line, "!" + a_line.substr(1)), "block 2 in it is damaged");
  says(with(a_line + "\n", ""), "block 2 in it is not an X.509 certificate");
  says(own + issuer.substr(0, issuer.size() / 2), "damaged");
  says(with("-----END CERTIFICATE-----", "----END CERTIFICATE-----"), "damaged");
  says(with("-----BEGIN CERTIFICATE-----", "----BEGIN CERTIFICATE-----"), "BEGIN or END");
  says(with("-----BEGIN CERTIFICATE-----", "  -----BEGIN CERTIFICATE-----"), "BEGIN or END");
  says(own + to_pem("TRUSTED CERTIFICATE", as_bytes("x")), "TRUSTED");
  std::string many;
  for (int i = 0; i < 16; ++i)
    many += issuer;
  ASSERT_TRUE(certificates_of_pem(many));
  says(many + issuer, "more than 16");
}

TEST(X509Test, WhatIsNoCertificateIsAnError) {
  const SigningKey key = SigningKey::generate(SigningKeyKind::kEcdsaP256);
  Bytes der = self_signed_certificate(key, {"a.example"}, kNow, 1);
  for (std::size_t size = 0; size < der.size(); size += 7)
    EXPECT_FALSE(describe_certificate(ByteView(der).first(size))) << size;
  der.push_back(0);
  EXPECT_FALSE(describe_certificate(der));
}

}  // namespace
}  // namespace bulkhead::crypto
