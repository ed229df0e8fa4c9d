#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/member.h"
#include "cli/otpauth.h"
#include "cli/password_input.h"
#include "cli/session_id.h"

namespace bulkhead::cli {
namespace {

TEST(SessionId, IsShownAndReadBack) {
  EXPECT_EQ(show_session(12), "s-12");
  EXPECT_EQ(read_session("s-12").value_or(0), 12U);
  EXPECT_EQ(read_session("12").value_or(0), 12U);
  EXPECT_EQ(read_session("s-18446744073709551615").value_or(0), 18446744073709551615ULL);
}

TEST(SessionId, RefusesWhatIsNone) {
  for (const char* text : {"", "s-", "s", "0", "s-0", "-1", "s--1", "12a", " 12", "0x12",
                           "s-18446744073709551616", "S-12"}) {
    const auto read = read_session(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Member, RightsComeOutInOneOrderOnce) {
  const auto member = read_member("alice:delete,read,read");
  ASSERT_TRUE(member);
  EXPECT_EQ(member->user, "alice");
  EXPECT_EQ(member->rights, "read,delete");
  EXPECT_EQ(read_member("bob:read,write,list,delete")->rights, "read,write,list,delete");
  EXPECT_EQ(read_member("odd:name:list")->user, "odd:name");
}

TEST(Member, RefusesWithTheReason) {
  const auto why = [](std::string_view text) {
    const auto member = read_member(text);
    EXPECT_FALSE(member) << text;
    return member ? std::string() : member.error().message;
  };
  EXPECT_NE(why("alice").find("names no rights"), std::string::npos);
  EXPECT_NE(why(":read").find("names no user"), std::string::npos);
  EXPECT_NE(why("alice:").find("no right called \"\""), std::string::npos);
  EXPECT_NE(why("alice:read,").find("no right called \"\""), std::string::npos);
  EXPECT_NE(why("alice:read write").find("no right called \"read write\""), std::string::npos);
  EXPECT_NE(why("alice:Read").find("no right called \"Read\""), std::string::npos);
}

Result<crypto::SecretBytes> password_from(std::string_view input) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  EXPECT_TRUE(write_all(writing.get(), as_bytes(input), "pipe"));
  writing.reset();
  return read_password(reading.get());
}

TEST(Password, IsTheFirstLine) {
  EXPECT_EQ(as_text(password_from("correct horse\nsecond line\n")->view()), "correct horse");
  EXPECT_EQ(as_text(password_from("with carriage return\r\n")->view()), "with carriage return");
  EXPECT_EQ(as_text(password_from(" spaces count ")->view()), " spaces count ");
  EXPECT_EQ(password_from(std::string(1024, 'x'))->size(), 1024U);
}

TEST(Password, RefusesEmptyAndEndless) {
  for (const std::string& input :
       {std::string(), std::string("\n"), std::string("\r\n"), std::string(1100, 'x')}) {
    const auto password = password_from(input);
    ASSERT_FALSE(password);
    EXPECT_EQ(password.error().code, ErrorCode::kInvalidArgument);
  }
}

// RFC 4648 section 10.
TEST(Otpauth, Base32) {
  EXPECT_EQ(base32({}), "");
  EXPECT_EQ(base32(as_bytes("f")), "MY");
  EXPECT_EQ(base32(as_bytes("foobar")), "MZXW6YTBOI");
}

TEST(Otpauth, NamesAreEscaped) {
  EXPECT_EQ(otpauth_uri("an&na?@x", as_bytes("12345678901234567890")),
            "otpauth://totp/Bulkhead:an%26na%3F%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
            "issuer=Bulkhead&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace bulkhead::cli
