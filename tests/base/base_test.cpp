#include <gtest/gtest.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/json_writer.h"
#include "base/utf8.h"

namespace bulkhead {
namespace {

TEST(Bytes, HexReadsBackAndRefusesOtherCharacters) {
  const Bytes bytes = {0x00, 0x7F, 0xAB, 0xFF};
  EXPECT_EQ(to_hex(bytes), "007fabff");
  EXPECT_EQ(from_hex("007FabFF"), bytes);
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

TEST(Bytes, Base64FollowsRfc4648Section10) {
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_EQ(to_base64(as_bytes("foob"), false), "Zm9vYg");
  EXPECT_EQ(from_base64("Zm9vYg=="), to_bytes(as_bytes("foob")));
  EXPECT_EQ(from_base64("Zm9vYg"), to_bytes(as_bytes("foob")));
  EXPECT_FALSE(from_base64(
      "Zm9vYh=="));  // stray bits: two encodings of one value would be two names of one key
  EXPECT_FALSE(from_base64("Zm9 vYg"));
}

TEST(Bytes, BigEndianIntegers) {
  Byte at[8];
  store_be<std::uint32_t>(at, 0x01020304);
  EXPECT_EQ(at[0], 1);
  EXPECT_EQ(load_be<std::uint32_t>(at), 0x01020304u);
}

TEST(Time, Rfc3339) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(1685232000123456), "2023-05-28T00:00:00.123456Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Json, EscapesAndNests) {
  JsonWriter json;
  json.begin_object();
  json.member("a", "q\"\\\n\x01");
  json.member("bad", std::string_view("\xC0\xAF", 2));
  json.key("list");
  json.begin_array();
  json.value(1);
  json.value(true);
  json.null();
  json.end_array();
  json.end_object();
  EXPECT_EQ(json.text(),
            "{\"a\":\"q\\\"\\\\\\n\\u0001\",\"bad\":\"\xEF\xBF\xBD\xEF\xBF\xBD\",\"list\":[1,true,"
            "null]}");
}

TEST(Utf8, RefusesOverlongSurrogatesAndTooHigh) {
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_utf8("\xE2\x82"));
}

TEST(Files, ReplaceLeavesNoRemains) {
  const auto folder = std::filesystem::temp_directory_path() / "bulkhead-base-test";
  std::filesystem::create_directories(folder);
  const std::string path = folder / "file";
  ASSERT_TRUE(replace_file(path, as_bytes("one")));
  ASSERT_TRUE(replace_file(path, as_bytes("two")));
  EXPECT_EQ(read_file(path, 10), to_bytes(as_bytes("two")));
  EXPECT_EQ(read_file(path, 2).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(read_file(path + "-missing", 2).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bulkhead
