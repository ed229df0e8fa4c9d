#include "sftp/wire_attributes.h"

#include <gtest/gtest.h>

#include "sftp/status.h"
#include "wire.h"

namespace bulkhead::sftp::test {
namespace {

constexpr std::int64_t kNowS = 1'795'485'600;  // 2026-11-24T02:00:00Z

Attributes sample() {
  Attributes a;
  a.size = 1234;
  a.permissions = 0640;
  a.modified_s = kNowS - 3600;
  a.uid = 7;
  a.gid = 8;
  return a;
}

std::string line(const Attributes& attributes, std::string_view name = "x") {
  return long_name(name, attributes, kNowS * kMicrosPerSecond);
}

TEST(SftpLongName, LooksLikeLs) {
  Attributes a = sample();
  EXPECT_EQ(line(a, "some file"),
            "-rw-r-----   1 7        8            1234 Nov 24 01:00 some file");
  a.owner = "anna";
  a.group = "acme";
  a.kind = Kind::kDirectory;
  a.permissions = 0755;
  a.modified_s = 0;
  EXPECT_EQ(line(a), "drwxr-xr-x   1 anna     acme         1234 Jan  1  1970 x");
}

TEST(SftpLongName, ShowsTheYearOutsideTheLastHalfYear) {
  Attributes a = sample();
  const std::int64_t half = 365 * 24 * 3600 / 2;
  const std::pair<std::int64_t, const char*> kCases[] = {{kNowS, "Nov 24 02:00"},
                                                         {kNowS + 1, "Nov 24  2026"},
                                                         {kNowS - half + 1, "May 25 14:00"},
                                                         {kNowS - half, "May 25  2026"},
                                                         {-5, "Jan  1  1970"},
                                                         {1LL << 40, "Feb  7  2106"}};
  for (const auto& [time, shown] : kCases) {
    a.modified_s = time;
    EXPECT_NE(line(a).find(std::string(" ") + shown + " x"), std::string::npos) << line(a);
  }
}

TEST(SftpLongName, ShowsSpecialBits) {
  Attributes a = sample();
  const std::pair<std::uint32_t, const char*> kCases[] = {{07777, "-rwsrwsrwt "},
                                                          {07000, "---S--S--T "},
                                                          {0000, "---------- "},
                                                          {01777, "-rwxrwxrwt "},
                                                          {0124, "---x-w-r-- "}};
  for (const auto& [mode, shown] : kCases) {
    a.permissions = mode;
    EXPECT_TRUE(line(a).starts_with(shown)) << line(a);
  }
}

TEST(SftpLongName, CannotBeForged) {
  Attributes a = sample();
  a.owner = "an na\n" + std::string(200, 'x');
  const std::string shown = line(a, "x\n-rw-r--r-- 1 root root 0 Jan 1 1970 passwd\x7f\x1b[2J");
  EXPECT_EQ(shown.find('\n'), std::string::npos);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_NE(shown.find(" an_na?xxx"), std::string::npos);
  a.size = ~0ULL;
  a.links = ~0U;
  a.owner = a.group = std::string(300, 'o');
  EXPECT_LE(line(a, std::string(kMaxNameBytes, 'n')).size(), kMaxLongNameBytes);
}

TEST(SftpAttributes, NumbersAreBroughtIntoTheirRange) {
  Attributes a = sample();
  a.modified_s = -1;
  a.accessed_s = 1LL << 40;
  a.permissions = 0xffffffff;
  BufferSink sink;
  ReplyWriter out(sink, PacketType::kAttrs, 1, kAttributesBytes);
  write_attributes(out, a);
  out.send();
  const Reply reply = take_replies(sink.bytes).at(0);
  EXPECT_EQ(reply.u32_at(20), 0107777u);
  EXPECT_EQ(reply.u32_at(24), 0xffffffffu);
  EXPECT_EQ(reply.u32_at(28), 0u);
}

TEST(SftpStatus, TellsTheClientsErrorsAndHidesOurs) {
  EXPECT_EQ(status_of(Error(ErrorCode::kRefused, "Your daily budget is used up.")).code,
            StatusCode::kPermissionDenied);
  EXPECT_EQ(status_of(Error(ErrorCode::kRefused, "Your daily budget is used up.")).text,
            "Your daily budget is used up.");
  EXPECT_EQ(status_of(Error(ErrorCode::kNotFound, "")).text, "No such file or folder.");
  for (const ErrorCode code :
       {ErrorCode::kIo, ErrorCode::kCorrupt, ErrorCode::kInternal, ErrorCode::kDisconnected,
        ErrorCode::kTimeout, ErrorCode::kNewerFormat}) {
    const StatusReply reply = status_of(Error(code, "/var/lib/bulkhead/blobs/17: broken"));
    EXPECT_EQ(reply.code, StatusCode::kFailure);
    EXPECT_EQ(reply.text.find("/var"), std::string::npos);
    EXPECT_FALSE(reply.text.empty());
  }
}

TEST(SftpStatus, EveryCodeHasATranslation) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    EXPECT_NE(status_of(Error(static_cast<ErrorCode>(code), "")).code, StatusCode::kOk);
  }
}

TEST(SftpStatus, TextsAreUtf8AndBounded) {
  EXPECT_EQ(status_of(Error(ErrorCode::kNotFound,
                            "ab\xff"
                            "cd"))
                .text,
            "ab");
  std::string text(511, 'x');
  text += "\xc3\xa9";
  EXPECT_EQ(status_of(Error(ErrorCode::kNotFound, text)).text, std::string(511, 'x'));
}

}  // namespace
}  // namespace bulkhead::sftp::test
