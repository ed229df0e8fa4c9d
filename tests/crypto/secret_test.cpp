#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <type_traits>

#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<Secret<32>> && !std::is_copy_assignable_v<Secret<32>>);
static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](Byte byte) { return byte == 0; });
}

Secret<4> some_secret() {
  return hex_secret<4>("01020304");
}

TEST(Secret, IsWipedWhereItWasMovedFrom) {
  Secret<4> from = some_secret();
  Secret<4> to(std::move(from));
  EXPECT_EQ(to_hex(to.view()), "01020304");
  EXPECT_TRUE(all_zero(from.view()));  // NOLINT(bugprone-use-after-move): that is what is tested

  Secret<4> assigned;
  assigned = std::move(to);
  EXPECT_EQ(to_hex(assigned.view()), "01020304");
  EXPECT_TRUE(all_zero(to.view()));  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, SurvivesAssignmentToItself) {
  Secret<4> secret = some_secret();
  Secret<4>& same = secret;
  secret = std::move(same);
  EXPECT_EQ(to_hex(secret.view()), "01020304");
}

TEST(Secret, IsWipedWhenItGoes) {
  alignas(Secret<4>) Byte memory[sizeof(Secret<4>)] = {};
  auto* secret = new (memory) Secret<4>(some_secret());
  ASSERT_FALSE(all_zero(memory));
  secret->~Secret();
  std::atomic_signal_fence(std::memory_order_seq_cst);
  EXPECT_TRUE(all_zero(memory));
}

TEST(Secret, ClonesOnlyWhenAsked) {
  const Secret<4> secret = some_secret();
  const Secret<4> copy = secret.clone();
  EXPECT_TRUE(equal(copy.view(), secret.view()));
}

TEST(SecretBytes, LeavesNothingWhereItWasMovedFrom) {
  SecretBytes from(as_bytes("correct horse"));
  SecretBytes to(std::move(from));
  EXPECT_EQ(as_text(to.view()), "correct horse");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
  SecretBytes assigned(as_bytes("before"));
  assigned = std::move(to);
  EXPECT_EQ(as_text(assigned.view()), "correct horse");
  EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Wipe, TakesNothingAndEverything) {
  wipe({});
  Bytes bytes(1000, 7);
  wipe(bytes);
  EXPECT_TRUE(all_zero(bytes));
}

TEST(EqualConstantTime, IsEquality) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sane")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("same!")));
  EXPECT_FALSE(equal_constant_time({}, as_bytes("x")));
}

TEST(SystemRandom, DoesNotRepeatItself) {
  const auto first = system_random().array<32>();
  const auto second = system_random().array<32>();
  EXPECT_NE(first, second);
  system_random().fill({});
}

}  // namespace
}  // namespace bulkhead::crypto
