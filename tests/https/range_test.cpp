#include "https/range.h"

#include <gtest/gtest.h>

#include "https/limits.h"
#include "https/percent.h"

namespace bulkhead::https {
namespace {

std::string answered(std::string_view range, std::uint64_t size) {
  const RangeAnswer answer = answer_range(range, size);
  if (answer.kind == RangeAnswer::Kind::kWhole) return "whole";
  if (answer.kind == RangeAnswer::Kind::kNotSatisfiable) return "none";
  return std::to_string(answer.part.first) + "+" + std::to_string(answer.part.bytes);
}

TEST(Range, AsTheStandardsExamples) {  // RFC 9110 section 14.1.2
  EXPECT_EQ(answered("bytes=0-499", 10000), "0+500");
  EXPECT_EQ(answered("bytes=500-999", 10000), "500+500");
  EXPECT_EQ(answered("bytes=-500", 10000), "9500+500");
  EXPECT_EQ(answered("bytes=9500-", 10000), "9500+500");
  EXPECT_EQ(answered("bytes=0-0", 10000), "0+1");
  EXPECT_EQ(answered("bytes=0-0,-1", 10000), "whole") << "several";
}

TEST(Range, AtTheEdges) {
  EXPECT_EQ(answered("bytes=9999-", 10000), "9999+1");
  EXPECT_EQ(answered("bytes=10000-", 10000), "none");
  EXPECT_EQ(answered("bytes=9999-20000", 10000), "9999+1");
  EXPECT_EQ(answered("bytes=-20000", 10000), "0+10000");
  EXPECT_EQ(answered("bytes=-0", 10000), "none");
  EXPECT_EQ(answered("bytes=0-", 0), "none");
  EXPECT_EQ(answered("bytes=-5", 0), "none");
  EXPECT_EQ(answered("bytes=0-18446744073709551615", 10), "0+10");
  EXPECT_EQ(answered("bytes=99999999999999999999999-", 10), "none");
  EXPECT_EQ(answered("Bytes= 1-2", 10), "1+2");
}

TEST(Range, WhatIsNoRangeIsPassedOver) {
  for (const char* range :
       {"", "bytes", "bytes=", "bytes=-", "bytes=2-1", "bytes=a-b", "bytes=1", "lines=1-2",
        "bytes=1-2x", "bytes=0x1-2", "bytes=+1-2", "bytes 1-2", "bytes=--1"})
    EXPECT_EQ(answered(range, 10), "whole") << range;
}

std::string path_of(std::string_view target) {
  const auto parsed = parse_files_target(target);
  if (!parsed) return "!";
  return parsed->path.text() + (parsed->folder ? " folder" : "");
}

TEST(Target, EachNameByItself) {
  EXPECT_EQ(path_of(""), "/ folder");
  EXPECT_EQ(path_of("/"), "/ folder");
  EXPECT_EQ(path_of("/a/b%20c"), "/a/b c");
  EXPECT_EQ(path_of("/a/"), "/a folder");
  EXPECT_EQ(path_of("/%61%FF"), "/a\xff");
  EXPECT_EQ(path_of("/a+b"), "/a+b");
  EXPECT_EQ(path_of("/a%25"), "/a%");
  EXPECT_EQ(path_of("/a%3Fb%23c"), "/a?b#c");
  for (const char* bad : {"a",    "//",     "/a//b",  "/.",     "/..",  "/a/../b", "/%2e%2e/a",
                          "/%2E", "/a%2fb", "/a%00b", "/%",     "/%1",  "/%g1",    "/a%2",
                          "?",    "#",      "/a?",    "/a?b=c", "/a#b", "/a/?",    "?a/b"})
    EXPECT_EQ(path_of(bad), "!") << bad;
  EXPECT_EQ(path_of("/" + std::string(256, 'a')), "!");
  std::string deep;
  for (int i = 0; i < 65; ++i)
    deep += "/a";
  EXPECT_EQ(path_of(deep), "!");
}

TEST(Target, WhatIsEncodedIsDecodedToTheSame) {
  std::string name;
  for (int c = 1; c < 256; ++c) {
    if (c != '/') name += static_cast<char>(c);
  }
  const auto path = sftp::Path::from_components({name, "b"});
  ASSERT_TRUE(path);
  const auto back = parse_files_target(encoded_path(*path));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->path, *path);
  EXPECT_EQ(encoded_path({}), "");
}

TEST(Form, FieldsOnceEach) {
  const auto parsed = parse_log_in_form(as_bytes("user=a%20b+c&password=x%26y%3D&code=123456"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->user, "a b c");
  EXPECT_EQ(as_text(parsed->password.view()), "x&y=");
  EXPECT_EQ(as_text(parsed->code.view()), "123456");
  EXPECT_TRUE(parse_log_in_form(as_bytes("user=a&code=1")));
  for (const char* name : {"user", "password", "code"}) {
    const std::size_t most = name == std::string("user") ? kMaxUserNameBytes : kMaxPasswordBytes;
    const auto with = [&](std::size_t bytes) {
      std::string form = "user=a&password=b&code=c";
      const std::string field = std::string(name) + "=";
      form.replace(form.find(field) + field.size(), 1, std::string(bytes, 'x'));
      return parse_log_in_form(as_bytes(form));
    };
    EXPECT_TRUE(with(most)) << name;
    const auto longer = with(most + 1);
    ASSERT_FALSE(longer) << name;
    EXPECT_EQ(longer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(longer.error().message.find("xx"), std::string::npos);
  }
  // It is what they say that has a length, not how it was written.
  std::string written;
  for (std::size_t i = 0; i < kMaxUserNameBytes; ++i)
    written += "%41";
  EXPECT_TRUE(parse_log_in_form(as_bytes("user=" + written + "&password=b")));
  for (const char* bad :
       {"", "user=a", "password=a", "user=a&user=b&password=c", "user=a&password", "x=1",
        "user=a&password=b&x=c", "user=a&password=%g0", "=&=", "user=a&&password=b"})
    EXPECT_FALSE(parse_log_in_form(as_bytes(std::string_view(bad)))) << bad;
}

}  // namespace
}  // namespace bulkhead::https
