// Mail: what is in its parts, whose it is, and what real programs make of the standards.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "exposure/containers/mime.h"
#include "packed.h"

namespace bulkhead::exposure::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kJane =
    "Member ID,Last Name,First Name,DOB,SSN\nM1,DOE,JANE,1974-03-09,212-34-1234\n";
const std::string kFields =
    "From: \"Ed Roe\" <ed@example.org>\r\nTo: Al Poe <al@example.org>\r\nSubject: extract\r\n"
    "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n";

std::string base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > text.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
    if (i % 57 == 54) out += "\r\n";
  }
  return out;
}

std::string part(const std::string& fields, const std::string& body,
                 const std::string& boundary = "b") {
  return "--" + boundary + "\r\n" + fields + "\r\n\r\n" + body + "\r\n";
}
std::string attached(const std::string& name, const std::string& contents) {
  return part(
      "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
      "Content-Disposition: attachment; filename=\"" +
          name + "\"",
      base64(contents));
}
std::string mixed(const std::string& parts, const std::string& boundary = "b") {
  return kFields + "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\npreamble\r\n" +
         parts + "--" + boundary + "--\r\nepilogue\r\n";
}

Exposure resolved(FileFindings findings) {
  std::vector<NamedFindings> files;
  files.push_back({"a.eml", std::move(findings)});
  return resolve(std::move(files), {}, {.as_of = kToday});
}

TEST(Mail, AttachmentsAreFiles) {
  const std::string mail = mixed(attached("jane.csv", kJane));
  FileFindings findings = analyse_packed(mail, "a.eml");
  EXPECT_EQ(findings.report.format, "email");
  EXPECT_EQ(told(findings), "jane.csv: delimited\n");
  EXPECT_TRUE(findings.complete());
  const Exposure exposure = resolved(std::move(findings));
  EXPECT_EQ(exposure.files[1].file, "a.eml!jane.csv");
  for (const PersonEvidence& place : only_member(exposure).exposures.at(0).evidence) {
    if (place.element == Element::kSsn) {
      EXPECT_EQ(kJane.substr(place.offset, place.length), "212-34-1234");
    }
  }
}

TEST(Mail, SenderIsAContactAndNobodyElseIs) {
  const Exposure exposure = resolved(analyse_packed(mixed(attached("jane.csv", kJane)), "a.eml"));
  ASSERT_EQ(exposure.roles[3].count, 1U);
  const Person* ed = find_named(exposure, "Ed", "Roe");
  ASSERT_NE(ed, nullptr);
  EXPECT_EQ(ed->role, Role::kOther);
  EXPECT_THAT(ed->emails, ElementsAre("ed@example.org"));
  EXPECT_EQ(find_named(exposure, "Al", "Poe"), nullptr);
  for (const char* from : {"Enrollment Department 7 <x@example.org>", "x@example.org",
                           "MO HealthNet Inc <x@example.org>", "<x@example.org>"}) {
    const std::string mail = "From: " + std::string(from) + kFields.substr(kFields.find("\r\n"));
    EXPECT_EQ(resolved(analyse_packed(mail + "\r\n", "a.eml")).persons.size(), 0U) << from;
  }
}

TEST(Mail, PartsWithinPartsAndMailsWithinMails) {
  const std::string inner =
      mixed(part("Content-Disposition: attachment; filename=jane.csv", kJane, "in"), "in");
  const std::string zip = packed({{"x/jane.csv", kJane}});
  const std::string alternative =
      "--c\r\nContent-Type: text/plain\r\n\r\n \r\n--c\r\nContent-Type: text/html\r\n\r\n"
      "<html>x</html>\r\n--c--\r\n";
  const std::string mail =
      mixed(part("Content-Type: multipart/alternative; boundary=\"c\"", alternative) +
            part("Content-Type: message/rfc822", inner) + attached("a.zip", zip));
  EXPECT_EQ(told(analyse_packed(mail, "a.eml")),
            "part1.html: element\npart2.eml: email\npart2.eml!jane.csv: delimited\n"
            "a.zip: zip\na.zip!x/jane.csv: delimited\n");
}

TEST(Mail, TextIsReadAsWhatItIs) {
  EXPECT_EQ(told(analyse_packed(kFields + "\r\n" + kJane, "a.eml")), "part1.txt: delimited\n");
  EXPECT_EQ(told(analyse_packed(
                kFields + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                          "Member ID,Last Name,First=20Name,DOB\r\nM1,DOE,JA=\r\nNE,1974-03-09\r\n",
                "a.eml")),
            "part1.txt: delimited\n");
  const FileFindings prose =
      analyse_packed(kFields + "\r\nplease find her file attached\r\n", "a.eml");
  EXPECT_FALSE(prose.complete()) << "prose is not read, and said so";
}

TEST(Mail, NamesOfFiles) {
  const auto name_of = [](const std::string& field) {
    return read_header("Content-Type: x/y\r\nContent-Disposition: " + field + "\r\n\r\n")
        .file_name();
  };
  EXPECT_EQ(name_of("attachment; filename=\"a b.csv\""), "a b.csv");
  EXPECT_EQ(name_of("attachment;\r\n filename=a.csv; size=3"), "a.csv");
  EXPECT_EQ(name_of("attachment; filename*=utf-8'en'%C3%BC.csv"), "\xC3\xBC.csv");
  EXPECT_EQ(name_of("attachment; filename*0*=iso-8859-1''%FC; filename*1=\"x.csv\""),
            "\xC3\xBCx.csv");
  EXPECT_EQ(name_of("attachment; filename=\"=?UTF-8?B?w7wuY3N2?=\""), "\xC3\xBC.csv");
  EXPECT_EQ(decoded_words("=?iso-8859-1?Q?J=FCr?= =?utf-8?q?gen_X?= Y"), "J\xC3\xBCrgen X Y");
  EXPECT_EQ(decoded_words("=?broken"), "=?broken");
}

TEST(Mail, BoundariesThatBeginAlike) {
  const MimeParts parts = split_parts("--b\nA\n--bb\nB\n--b \nC\n--b--\nD", "b", 100);
  EXPECT_THAT(parts.parts, ElementsAre("A\n--bb\nB", "C"));
  EXPECT_TRUE(parts.closed);
}

TEST(Mail, CutOffIsSaid) {
  const std::string whole = mixed(attached("jane.csv", kJane));
  const FileFindings cut = analyse_packed(whole.substr(0, whole.find("--b--")), "a.eml");
  EXPECT_THAT(told(cut), HasSubstr("the mail is cut off"));
  EXPECT_THAT(told(cut), HasSubstr("jane.csv: delimited"));
  EXPECT_FALSE(cut.complete());
}

TEST(Mail, MailboxesHoldMails) {
  const std::string mail = mixed(attached("jane.csv", kJane));
  std::string box;
  for (int i = 0; i < 3; ++i)
    box += "From ed@example.org Tue Nov 24 10:00:00 2026\r\n" + mail +
           "\r\nFrom here it is text\r\n\r\n";
  const FileFindings findings = analyse_packed(box, "a.mbox");
  EXPECT_EQ(findings.report.format, "mbox");
  EXPECT_EQ(told(findings),
            "1.eml: email\n1.eml!jane.csv: delimited\n2.eml: email\n2.eml!jane.csv: delimited\n"
            "3.eml: email\n3.eml!jane.csv: delimited\n");
  // One alone is that mail.
  const FileFindings one =
      analyse_packed("From ed@example.org Tue Nov 24 10:00:00 2026\r\n" + mail, "a.eml");
  EXPECT_EQ(told(one), "jane.csv: delimited\n");
  EXPECT_EQ(resolved(analyse_packed(box, "a.mbox")).roles[0].count, 1U);
}

TEST(Mail, LimitsHoldInMailToo) {
  std::string mail = mixed(attached("jane.csv", kJane));
  for (int i = 0; i < 4; ++i)
    mail = mixed(part("Content-Type: message/rfc822", mail, fmt::format("c{}", i)),
                 fmt::format("c{}", i));
  EXPECT_THAT(told(analyse_packed(mail, "a.eml", {.depth = 3})),
              HasSubstr("lies more than 3 containers deep"));
  std::string parts;
  for (int i = 0; i < 10; ++i)
    parts += attached("jane.csv", kJane);
  const FileFindings many = analyse_packed(mixed(parts), "a.eml", {.members = 4});
  EXPECT_THAT(told(many), HasSubstr("more than 4 members"));
  EXPECT_THAT(told(many), HasSubstr("jane.csv#4: delimited"));
  // Parts in parts without end: read as they stand.
  std::string deep = kFields;
  for (int i = 0; i < 200; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
  EXPECT_FALSE(analyse_packed(deep, "a.eml").complete());
}

TEST(Mail, CutOrChangedAnywhere) {
  const std::string whole =
      mixed(attached("jane.csv", kJane) + part("Content-Type: text/plain", "x"));
  for (std::size_t at = 1; at < whole.size(); at += 3) {
    analyse_packed(whole.substr(0, at), "a.eml");
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    analyse_packed(changed, "a.eml");
  }
}

TEST(Mail, SamplesOfOthers) {
  const fs::path folder = fs::path(BULKHEAD_SOURCE_DIR) / "../shared/data/dev/email";
  if (!fs::exists(folder))
    GTEST_SKIP() << "no sample files at ../shared/data/dev: nothing is checked";
  unsigned mails = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const FileFindings findings = analyse_packed(bytes.str(), entry.path().filename().string());
    mails += findings.report.format == "email" ? 1 : 0;
    for (const MemberFindings& member : findings.members) {
      for (const MemberFindings& any : findings.members)
        EXPECT_TRUE(&any == &member || any.name != member.name) << entry.path();
    }
    const Exposure exposure = resolved(analyse_packed(bytes.str(), "a.eml"));
    EXPECT_EQ(exposure.roles[0].count, 0U) << entry.path() << " is about nobody";
  }
  EXPECT_GE(mails, 45U);
}

}  // namespace
}  // namespace bulkhead::exposure::test
