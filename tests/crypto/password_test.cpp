#include "crypto/password.h"

#include <gtest/gtest.h>

namespace bulkhead::crypto {
namespace {

TEST(Password, IsVerifiedAgainstItsHash) {
  const auto encoded = hash_password("correct horse");
  ASSERT_TRUE(encoded);
  EXPECT_TRUE(encoded->starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << *encoded;
  EXPECT_TRUE(verify_password(*encoded, "correct horse"));
  EXPECT_FALSE(verify_password(*encoded, "correct horsf"));
  EXPECT_FALSE(verify_password(*encoded, ""));
  EXPECT_FALSE(verify_password(*encoded, std::string_view("correct horse\0", 14)));
}

TEST(Password, IsSaltedAndMayBeAnything) {
  const auto first = hash_password("");
  const auto second = hash_password("");
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_TRUE(verify_password(*first, ""));
  const std::string long_one(5000, '\0');
  const auto third = hash_password(long_one);
  ASSERT_TRUE(third);
  EXPECT_TRUE(verify_password(*third, long_one));
  EXPECT_FALSE(verify_password(*third, ""));
}

// Made by the reference implementation's command line: echo -n password | argon2 somesalt -id -t 2
// -m 16 -p 1, from the test vectors in its source (src/test.c, "Argon2id test", version 0x13).
TEST(Password, AgreesWithTheReferenceImplementation) {
  constexpr std::string_view kEncoded =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  EXPECT_TRUE(verify_password(kEncoded, "password"));
  EXPECT_FALSE(verify_password(kEncoded, "passwore"));
}

TEST(Password, UnmatchableIsWellFormedAndMatchesNothing) {
  const auto real = hash_password("x");
  ASSERT_TRUE(real);
  EXPECT_EQ(unmatchable_password().size(), real->size());
  EXPECT_EQ(unmatchable_password().substr(0, 31), real->substr(0, 31));  // the same cost
  for (const std::string_view password : {"", "x", "AAAA"}) {
    EXPECT_FALSE(verify_password(unmatchable_password(), password));
  }
}

TEST(Password, RefusesWhatIsNoEncoding) {
  for (const std::string_view encoded :
       {"", "$", "plain", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$",
        "$argon2id$v=19$m=65536,t=2,p=1$AAAA$", "$2y$10$abcdefghijklmnopqrstuv"}) {
    EXPECT_FALSE(verify_password(encoded, "")) << encoded;
  }
  EXPECT_FALSE(verify_password("$argon2id$" + std::string(100000, 'A'), ""));
}

}  // namespace
}  // namespace bulkhead::crypto
