#include "vault/identity/login_methods.h"

#include <gmock/gmock.h>

#include "vault/identity/code_guesses.h"

namespace bulkhead::vault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

UserRow user_with(std::vector<std::string> methods, bool totp = false) {
  UserRow user;
  user.login_methods = std::move(methods);
  if (totp) user.totp_box = {1};
  return user;
}

TEST(LoginMethods, AnyOneSufficesWhereNothingIsConfigured) {
  for (const std::string& method : first_methods())
    EXPECT_EQ(step_of(user_with({}), method), MethodStep::kEnough) << method;
}

TEST(LoginMethods, APasswordAloneDoesNotSufficeForWhoHasASecondFactor) {
  EXPECT_EQ(step_of(user_with({}, true), "password"), MethodStep::kRefused);
  EXPECT_EQ(step_of(user_with({}, true), "keyboard-interactive"), MethodStep::kEnough);
  EXPECT_EQ(step_of(user_with({}, true), "publickey"), MethodStep::kEnough);
}

TEST(LoginMethods, SequencesAreFollowedInOrder) {
  const UserRow user =
      user_with({"publickey,keyboard-interactive", "publickey,password,keyboard-interactive"});
  EXPECT_EQ(step_of(user, "publickey"), MethodStep::kPartial);
  EXPECT_THAT(methods_after(user, "publickey"), ElementsAre("keyboard-interactive", "password"));
  EXPECT_EQ(step_of(user, "publickey,keyboard-interactive"), MethodStep::kEnough);
  EXPECT_THAT(methods_after(user, "publickey,password"), ElementsAre("keyboard-interactive"));
  EXPECT_EQ(step_of(user, "keyboard-interactive"), MethodStep::kRefused);
  EXPECT_EQ(step_of(user, "password"), MethodStep::kRefused);
  EXPECT_EQ(step_of(user, "publickey,publickey"), MethodStep::kRefused);
  EXPECT_EQ(step_of(user, "public"), MethodStep::kRefused);
  EXPECT_THAT(methods_after(user, "public"), IsEmpty());
}

TEST(LoginMethods, WhatMayBeConfigured) {
  EXPECT_TRUE(check_login_methods({}));
  EXPECT_TRUE(check_login_methods({"publickey", "password,keyboard-interactive"}));
  for (const std::string wrong : {"", ",", "publickey,", "none", "publickey,publickey",
                                  "publickey keyboard-interactive", "hostbased"})
    EXPECT_FALSE(check_login_methods({wrong})) << wrong;
  EXPECT_FALSE(check_login_methods(std::vector<std::string>(9, "publickey")));
}

TEST(LoginMethods, WhatWasPassed) {
  EXPECT_EQ(with_method("", "publickey"), "publickey");
  EXPECT_EQ(with_method("publickey", "password"), "publickey,password");
  EXPECT_TRUE(has_passed("publickey,password", "password"));
  EXPECT_FALSE(has_passed("publickey,password", "pass"));
  EXPECT_FALSE(has_passed("", "password"));
}

TEST(CodeGuesses, WaitsGrowAndEndWithARightCode) {
  CodeGuesses guesses;
  const UserId user{7};
  for (int i = 0; i < 4; ++i) {
    guesses.wrong(user, 1000);
    EXPECT_TRUE(guesses.may_try(user, 1000));
  }
  guesses.wrong(user, 1000);
  EXPECT_FALSE(guesses.may_try(user, 30'999));
  EXPECT_TRUE(guesses.may_try(UserId{8}, 1000));
  EXPECT_TRUE(guesses.may_try(user, 31'000));
  guesses.wrong(user, 31'000);
  EXPECT_FALSE(guesses.may_try(user, 90'999));
  EXPECT_TRUE(guesses.may_try(user, 91'000));
  for (int i = 0; i < 100; ++i)
    guesses.wrong(user, 100'000);
  EXPECT_FALSE(guesses.may_try(user, 100'000 + 3599'999));
  EXPECT_TRUE(guesses.may_try(user, 100'000 + 3600'000));
  guesses.right(user);
  guesses.wrong(user, 0);
  EXPECT_TRUE(guesses.may_try(user, 0));
}

}  // namespace
}  // namespace bulkhead::vault
