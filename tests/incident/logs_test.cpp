// Each kind of log: what is taken from it, and that damage is counted and costs nothing else.
#include <gmock/gmock.h>

#include <chrono>

#include "incident/incident.h"
#include "incident/logs/formats.h"
#include "incident/logs/log_time.h"
#include "incident/logs/read_log.h"

namespace bulkhead::incident {
namespace {

using Kind = LogAccess::Kind;

LogSettings settings() {
  LogSettings settings;
  // As if the zone were UTC-6; the hour of 2:30 on 12 March 2023 there was not.
  settings.local_time = [](const std::string& text) -> std::optional<UnixMicros> {
    if (text.starts_with("2023-03-12 02:")) return std::nullopt;
    LogSettings none;
    const auto utc = utc_time(text);
    if (!utc) return std::nullopt;
    return *utc + 6 * 3600 * kMicrosPerSecond;
  };
  settings.since = 1'672'531'200 * kMicrosPerSecond;  // 2023
  settings.until = 1'704'067'199 * kMicrosPerSecond;
  return settings;
}

struct Taken {
  LogReport report;
  std::vector<LogAccess> accesses;
};

Taken take(std::string_view text, const std::string& format = "auto") {
  Taken taken;
  auto report = read_log_text(text, format, settings(), [&](LogAccess access) {
    taken.accesses.push_back(std::move(access));
  });
  EXPECT_TRUE(report) << report.error().message;
  if (report) taken.report = *report;
  return taken;
}

std::string shown(const LogAccess& access) {
  std::string text = access.path;
  if (access.at) text += " at " + to_rfc3339(*access.at);
  if (access.bytes) text += " bytes " + std::to_string(*access.bytes);
  if (!access.user.empty()) text += " by " + access.user;
  if (!access.address.empty()) text += " from " + access.address;
  if (!access.complete) text += " cut";
  if (access.kind == Kind::kUnnamed) text += " unnamed";
  return text;
}

std::vector<std::string> shown(const Taken& taken) {
  std::vector<std::string> lines;
  for (const LogAccess& access : taken.accesses)
    lines.push_back(shown(access));
  return lines;
}

// The columns of MOVEit Transfer's table `log`, in the order of its published partial schema.
constexpr std::string_view kMoveItHeader =
    "ID,LogTime,Action,InstID,Username,TargetID,TargetName,FolderID,FileID,IPAddress,Error,Parm1,"
    "Parm2,Parm3,Parm4,Message,AgentBrand,AgentVersion,XferSize,Duration,FileName,FolderPath\n";

TEST(MoveIt, DownloadsOfTheAuditTable) {
  const std::string log =
      std::string(kMoveItHeader) +
      "1,2023-05-28 01:02:03,sec_signon,100,alice,,,0,,203.0.113.5,0,,,,,,,,0,0,,\n"
      "2,2023-05-28 "
      "01:02:04,file_download,100,alice,,,7,123456789,203.0.113.5,0,,,,,,,,4096,1,a.csv,"
      "/Home/alice\n"
      "3,2023-05-28 01:02:05,file_upload,100,alice,,,7,123456789,203.0.113.5,0,,,,,,,,4096,1,b.csv,"
      "/Home/alice\n"
      "4,2023-05-28 01:02:06,file_download,100,alice,,,7,1,203.0.113.5,2407,,,,,,,,0,1,c.csv,/x\n"
      "5,2023-05-28 01:02:07,file_download,100,alice,,,7,1,203.0.113.5,2407,,,,,,,,10,1,c.csv,/x\n"
      "6,2023-03-12 02:30:00,file_download,100,NULL,,,7,1,NULL,0,,,,,,,,NULL,1,\"d, "
      "\"\"e\"\".csv\",/x\n";
  const Taken taken = take(log);
  EXPECT_EQ(taken.report.format, "moveit");
  EXPECT_EQ(taken.report.not_understood, 0U);
  EXPECT_THAT(shown(taken),
              testing::ElementsAre(
                  "/Home/alice/a.csv at 2023-05-28T07:02:04Z bytes 4096 by alice from 203.0.113.5",
                  "/x/c.csv at 2023-05-28T07:02:07Z bytes 10 by alice from 203.0.113.5 cut",
                  "/x/d, \"e\".csv"));
}

TEST(MoveIt, TabsMarksAndWindowsTimes) {
  const Taken taken = take(
      "\xEF\xBB\xBF"
      "Date and Time\tAction\tFile Name\tFolder Name\tSize\tUsername\tIP Address\r\n"
      "5/28/2023 1:02:03 PM\tDownloaded file\ta.csv\t/x\t5\tbob\t10.0.0.1\r\n"
      "5/28/2023 1:02:03 PM\tDownload\ta.csv\t/x\t5\tbob\t10.0.0.1\r\n");
  EXPECT_EQ(taken.report.format, "moveit");
  EXPECT_THAT(shown(taken),
              testing::Contains("/x/a.csv at 2023-05-28T19:02:03Z bytes 5 by bob from 10.0.0.1"));
}

TEST(Iis, NamedFilesWebShellsAndOtherAnswers) {
  const Taken taken = take(
      "#Software: Microsoft Internet Information Services 10.0\n#Date: 2023-05-28 00:00:00\n"
      "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
      "cs(User-Agent) sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken\n"
      "2023-05-28 01:00:00 10.0.0.9 GET /files/a+b%2Ecsv - 443 bob 203.0.113.5 Mozilla 200 0 0 400 "
      "1 1\n"
      "2023-05-28 01:00:01 10.0.0.9 GET /human2.aspx - 443 - 198.51.100.7 Mozilla 200 0 0 90000 1 "
      "1\n"
      "2023-05-28 01:00:02 10.0.0.9 POST /human2.aspx - 443 - 198.51.100.7 Mozilla 404 0 0 90000 1 "
      "1\n"
      "2023-05-28 01:00:03 10.0.0.9 GET /api/v1/files/123456789/download - 443 - 203.0.113.5 x 200 "
      "0 0 5 1 1\n"
      "2023-05-28 01:00:04 10.0.0.9 POST /moveitisapi/moveitisapi.dll action=m2 443 - 203.0.113.5 "
      "x 200 0 0 5 1 1\n"
      "not a line\n"
      "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes\n"
      "2023-05-28 01:00:05 203.0.113.5 RETR /out/c.csv 226 77\n"
      "2023-05-28 01:00:06 203.0.113.5 RETR /out/c.csv 426 7\n"
      "2023-05-28 01:00:07 203.0.113.5 RETR /out/c.csv 550 0\n");
  EXPECT_EQ(taken.report.format, "iis");
  EXPECT_EQ(taken.report.not_understood, 1U);
  EXPECT_EQ(taken.report.first_not_understood, 9U);
  EXPECT_THAT(shown(taken),
              testing::ElementsAre(
                  "/files/a+b.csv at 2023-05-28T01:00:00Z bytes 400 by bob from 203.0.113.5",
                  "/human2.aspx at 2023-05-28T01:00:01Z bytes 90000 from 198.51.100.7 unnamed",
                  "/api/v1/files/123456789/download at 2023-05-28T01:00:03Z bytes 5 from "
                  "203.0.113.5 unnamed",
                  "/out/c.csv at 2023-05-28T01:00:05Z bytes 77 from 203.0.113.5",
                  "/out/c.csv at 2023-05-28T01:00:06Z bytes 7 from 203.0.113.5 cut"));
  EXPECT_TRUE(taken.accesses[0].of_web_server);
  EXPECT_FALSE(taken.accesses[3].of_web_server);
}

TEST(Iis, LinesThatNameNothingAreCounted) {
  const Taken taken = take(
      "#Fields: date time c-ip cs-method fs-uri-stem sc-status sc-bytes\n"
      "2023-05-28 01:00:05 203.0.113.5 GET /a.csv 200 77\n",
      "iis");
  EXPECT_TRUE(taken.accesses.empty());
  EXPECT_EQ(taken.report.not_understood, 2U);
}

TEST(SftpGo, TransferLogs) {
  const Taken taken = take(
      R"({"level":"info","time":"2023-05-28T01:02:03.456","sender":"Download","elapsed_ms":3,"size_bytes":9,"username":"bob","file_path":"/srv/bob/a.csv","connection_id":"SFTP_1","protocol":"SFTP","remote_addr":"203.0.113.5:4000","local_addr":"10.0.0.9:2022"})"
      "\n"
      R"({"level":"info","time":"2023-05-28T01:02:03.456","sender":"Upload","elapsed_ms":3,"size_bytes":9,"username":"bob","file_path":"/srv/bob/a.csv"})"
      "\n"
      R"({"level":"info","time":"2023-05-28T01:02:03.456","sender":"Download","size_bytes":4,"username":"bob","file_path":"/srv/bob/b.csv","error":"connection lost"})"
      "\n{\"sender\":\n");
  EXPECT_EQ(taken.report.format, "sftpgo");
  EXPECT_EQ(taken.report.not_understood, 1U);
  EXPECT_THAT(shown(taken),
              testing::ElementsAre(
                  "/srv/bob/a.csv at 2023-05-28T07:02:03.456000Z bytes 9 by bob from 203.0.113.5",
                  "/srv/bob/b.csv at 2023-05-28T07:02:03.456000Z bytes 4 by bob cut"));
}

TEST(GoAnywhere, FileAuditLog) {
  const Taken taken = take(
      "Timestamp,User Name,Remote IP,Command,File Path,File Size,Status\n"
      "2023-01-28 10:00:00,carol,203.0.113.5,Download,/out/a.csv,12,Successful\n"
      "2023-01-28 10:00:01,carol,203.0.113.5,Upload,/out/a.csv,12,Successful\n"
      "2023-01-28 10:00:02,carol,203.0.113.5,Download,/out/b.csv,0,Failed\n");
  EXPECT_EQ(taken.report.format, "goanywhere");
  EXPECT_THAT(shown(taken),
              testing::ElementsAre(
                  "/out/a.csv at 2023-01-28T16:00:00Z bytes 12 by carol from 203.0.113.5"));
}

TEST(OpenSsh, SessionsAndCloses) {
  const Taken taken = take(
      "May 28 01:02:03 host internal-sftp[77]: session opened for local user bob from "
      "[203.0.113.5]\n"
      "May 28 01:02:04 host cron[1]: something else\n"
      "May 28 01:02:05 host internal-sftp[77]: open \"/out/a \\\"b\\\".csv\" flags READ mode 0666\n"
      "May 28 01:02:06 host internal-sftp[77]: close \"/out/a \\\"b\\\".csv\" bytes read 12 "
      "written 0\n"
      "May 28 01:02:07 host internal-sftp[77]: close \"/in/c.csv\" bytes read 0 written 12\n"
      "May 28 01:02:08 host internal-sftp[77]: session closed for local user bob from "
      "[203.0.113.5]\n"
      "2023-05-28T01:02:09+00:00 host sftp-server[77]: forced close \"/out/d\" bytes read 3 "
      "written 0\n");
  EXPECT_EQ(taken.report.format, "openssh-sftp");
  EXPECT_THAT(shown(taken),
              testing::ElementsAre(
                  "/out/a \"b\".csv at 2023-05-28T07:02:06Z bytes 12 by bob from 203.0.113.5",
                  "/out/d at 2023-05-28T01:02:09Z bytes 3 cut"));
}

// A line that names no year lies in the window where it can in one year only.
TEST(OpenSsh, TheYearIsThatOfTheWindow) {
  LogSettings across = settings();
  across.since = *utc_time("2022-12-20 00:00:00");
  across.until = *utc_time("2023-01-10 23:59:59");
  const auto at = [&](std::string_view text) -> std::string {
    const auto time = syslog_time(text, across);
    return time ? to_rfc3339(*time) : "no time";
  };
  EXPECT_EQ(at("Dec 28 01:00:00"), "2022-12-28T07:00:00Z");
  EXPECT_EQ(at("Jan  5 01:00:00"), "2023-01-05T07:00:00Z");
  EXPECT_EQ(at("Dec 31 23:00:00"), "2023-01-01T05:00:00Z");  // another year in the zone
  for (const char* outside : {"Jul 04 01:00:00", "Jan 12 01:00:00", "Dec 19 01:00:00"}) {
    const auto time = syslog_time(outside, across);
    ASSERT_TRUE(time) << outside;
    EXPECT_TRUE(*time < *across.since || *time > *across.until) << outside;
  }
  EXPECT_EQ(at("Feb 30 01:00:00"), "no time");
  EXPECT_EQ(at("Mar 12 02:30:00"), "no time");  // an hour that there was not, in one of the years
  across.until = *utc_time("2024-01-10 23:59:59");
  EXPECT_EQ(at("Dec 28 01:00:00"), "no time");  // of two years
  EXPECT_EQ(at("Jul  4 01:00:00"), "2023-07-04T07:00:00Z");
  across.since.reset();
  EXPECT_EQ(at("Jul  4 01:00:00"), "no time");
}

TEST(Ftp, XferlogAndVsftpd) {
  const Taken xferlog = take(
      "Sun May 28 01:02:03 2023 1 203.0.113.5 896 /out/a b.tgz b _ o r bob ftp 0 * c\n"
      "Sun May 28 01:02:04 2023 1 203.0.113.5 896 /in/a.tgz b _ i r bob ftp 0 * c\n"
      "Sun May 28 01:02:05 2023 1 203.0.113.5 90 /out/c.tgz b _ o r bob ftp 0 * i\n");
  EXPECT_EQ(xferlog.report.format, "xferlog");
  EXPECT_THAT(shown(xferlog),
              testing::ElementsAre(
                  "/out/a b.tgz at 2023-05-28T07:02:03Z bytes 896 by bob from 203.0.113.5",
                  "/out/c.tgz at 2023-05-28T07:02:05Z bytes 90 by bob from 203.0.113.5 cut"));
  const Taken vsftpd = take(
      "Sun May 28 01:02:03 2023 [pid 2] CONNECT: Client \"203.0.113.5\"\n"
      "Sun May 28 01:02:04 2023 [pid 1] [bob] OK LOGIN: Client \"203.0.113.5\"\n"
      "Sun May 28 01:02:05 2023 [pid 3] [bob] OK DOWNLOAD: Client \"::ffff:203.0.113.5\", "
      "\"/out/a.csv\", 123 "
      "bytes, 10.00Kbyte/sec\n"
      "Sun May 28 01:02:06 2023 [pid 3] [bob] FAIL DOWNLOAD: Client \"203.0.113.5\", "
      "\"/out/b.csv\", 0.00Kbyte/sec\n");
  EXPECT_EQ(vsftpd.report.format, "vsftpd");
  EXPECT_THAT(
      shown(vsftpd),
      testing::ElementsAre("/out/a.csv at 2023-05-28T07:02:05Z bytes 123 by bob from 203.0.113.5"));
}

TEST(Web, CombinedLogs) {
  const Taken taken = take(
      "203.0.113.5 - bob [28/May/2023:01:02:03 -0500] \"GET /out/a%20b.csv?x=1 HTTP/1.1\" 200 300 "
      "\"-\" \"curl\"\n"
      "203.0.113.5 - - [28/May/2023:01:02:04 -0500] \"GET /out/c.csv HTTP/1.1\" 404 30 \"-\" "
      "\"curl\"\n"
      "203.0.113.5 - - [28/May/2023:01:02:04 -0500] \"HEAD /out/c.csv HTTP/1.1\" 200 0 \"-\" "
      "\"curl\"\n");
  EXPECT_EQ(taken.report.format, "web");
  EXPECT_THAT(shown(taken),
              testing::ElementsAre(
                  "/out/a b.csv at 2023-05-28T06:02:03Z bytes 300 by bob from 203.0.113.5"));
}

TEST(Lists, HashesAndNames) {
  const Taken hashes =
      take("d41d8cd98f00b204e9800998ecf8427e  a.csv\nDA39A3EE5E6B4B0D3255BFEF95601890AFD80709\n");
  EXPECT_EQ(hashes.report.format, "hashes");
  ASSERT_EQ(hashes.accesses.size(), 2U);
  EXPECT_EQ(hashes.accesses[1].hash, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  const Taken names = take(
      "claims/a b.csv\r\nc.csv\t17\n12,345\td.csv\n"
      "-rw-r--r-- 1 root root 99 May 28  2023 e f.csv\ndrwxr-xr-x 2 root root 9 May 28 2023 x\n\n",
      "list");
  EXPECT_THAT(shown(names), testing::ElementsAre("claims/a b.csv", "c.csv bytes 17",
                                                 "d.csv bytes 12345", "e f.csv bytes 99"));
}

TEST(Logs, UnknownOnesAreNamed) {
  const auto none = [](const LogAccess&) {};
  const auto unknown = read_log_text("a story\nof a night\n", "auto", settings(), none);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, testing::HasSubstr("no product that is known"));
  EXPECT_THAT(read_log_text("\xFF\xFE"
                            "a",
                            "auto", settings(), none)
                  .error()
                  .message,
              testing::HasSubstr("UTF-16"));
  EXPECT_THAT(read_log_text("\x1F\x8B\x08", "auto", settings(), none).error().message,
              testing::HasSubstr("unpack it first"));
  EXPECT_EQ(read_log_text("x", "nonsense", settings(), none).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Logs, LongLinesAreCountedAndCostNothingElse) {
  const std::string log =
      std::string(kMoveItHeader) + std::string(200'000, 'x') + "\n" +
      "2,2023-05-28 01:02:04,file_download,100,alice,,,7,1,203.0.113.5,0,,,,,,,,4,1,a.csv,/x\n";
  const Taken taken = take(log);
  EXPECT_EQ(taken.report.not_understood, 1U);
  EXPECT_EQ(taken.accesses.size(), 1U);
}

TEST(MoveIt, SizesWithSeparators) {
  const Taken taken = take(
      "Date and Time,Action,File Name,Folder Name,Size,Username,IP Address\n"
      "2023-05-28 01:02:03,Download,a.csv,/x,\"1,234,567\",bob,10.0.0.1\n"
      "2023-05-28 01:02:03,Download,b.csv,/x,4 KB,bob,10.0.0.1\n");
  EXPECT_THAT(
      shown(taken),
      testing::ElementsAre("/x/a.csv at 2023-05-28T07:02:03Z bytes 1234567 by bob from 10.0.0.1",
                           "/x/b.csv at 2023-05-28T07:02:03Z by bob from 10.0.0.1"));
}

std::string row(int number) {
  return "7,2023-05-28 01:02:04,file_download,100,alice,,,7,1,203.0.113.5,0,,,,,,,,4,1,f" +
         std::to_string(number) + ".csv,/x\n";
}

// An open quote swallows what comes behind it: that must be seen.
TEST(MoveIt, RowsBehindAnOpenQuoteAreNotUnderstood) {
  const std::string open = "8,2023-05-28 01:02:04,sec_signon,100,\"alice,,,\n";
  const Taken taken = take(std::string(kMoveItHeader) + row(1) + open + row(2) + row(3));
  EXPECT_EQ(taken.accesses.size(), 1U);
  EXPECT_EQ(taken.report.not_understood, 3U);
  EXPECT_EQ(taken.report.first_not_understood, 3U);
}

// As far as one row may reach, every line of it counts; behind that rows are rows again.
TEST(MoveIt, AnOpenQuoteReachesOnlySoFar) {
  std::string log =
      std::string(kMoveItHeader) + "8,2023-05-28 01:02:04,sec_signon,100,\"alice,,,\n";
  const int rows = static_cast<int>(2 * kLogLineBytesMost / row(1000).size());
  for (int number = 1000; number < 1000 + rows; ++number)
    log += row(number);
  const Taken taken = take(log);
  EXPECT_GT(taken.accesses.size(), 100U);
  EXPECT_GT(taken.report.not_understood, 100U);
  EXPECT_EQ(taken.accesses.size() + taken.report.not_understood,
            static_cast<std::size_t>(rows) + 1);
  EXPECT_EQ(taken.report.first_not_understood, 2U);
}

TEST(MoveIt, AQuotedFieldMayHaveLinesInIt) {
  const std::string note =
      "2023-05-28 01:02:04,Download,\"a \"\"b\"\"\r\n\r\nc.csv\",/x,5,bob,10.0.0.1\n";
  const Taken taken =
      take("Date and Time,Action,File Name,Folder Name,Size,Username,IP Address\n" + note + note);
  ASSERT_EQ(taken.accesses.size(), 2U);
  EXPECT_EQ(taken.report.not_understood, 0U);
  EXPECT_EQ(taken.accesses[0].path, "/x/a \"b\"\n\nc.csv");
  EXPECT_EQ(taken.accesses[1].line, 5U);
}

}  // namespace
}  // namespace bulkhead::incident
