// Archives: every kind of them, within each other, damaged, encrypted, and made to do harm.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "packed.h"

namespace bulkhead::exposure::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kHeader = "Member ID,Last Name,First Name,DOB,SSN\n";
const std::string kJane = std::string(kHeader) + "M1,DOE,JANE,1974-03-09,212-34-1234\n";
const std::string kEd = std::string(kHeader) + "M2,ROE,ED,1975-01-02,212-34-1235\n";

struct Kind {
  const char* name;
  const char* format;  // in the report
  Packing how;
};
const Kind kKinds[] = {
    {"a.zip", "zip", {}},
    {"a.7z", "7z", {.format = archive_write_set_format_7zip}},
    {"a.tar", "tar", {.format = archive_write_set_format_pax_restricted}},
    {"a.tgz",
     "gzip+tar",
     {.format = archive_write_set_format_ustar, .filter = ARCHIVE_FILTER_GZIP}},
    {"a.tbz",
     "bzip2+tar",
     {.format = archive_write_set_format_gnutar, .filter = ARCHIVE_FILTER_BZIP2}},
    {"a.txz", "xz+tar", {.format = archive_write_set_format_ustar, .filter = ARCHIVE_FILTER_XZ}},
    {"a.tzs",
     "zstd+tar",
     {.format = archive_write_set_format_ustar, .filter = ARCHIVE_FILTER_ZSTD}},
};

Exposure resolved(std::string_view name, FileFindings findings) {
  std::vector<NamedFindings> files;
  files.push_back({std::string(name), std::move(findings)});
  return resolve(std::move(files), {}, {.as_of = kToday});
}

TEST(Archives, EveryKindNamesItsMembers) {
  for (const Kind& kind : kKinds) {
    const std::string bytes = packed({{"in/jane.csv", kJane}, {"ed.csv", kEd}}, kind.how);
    FileFindings findings = analyse_packed(bytes, kind.name);
    EXPECT_EQ(told(findings), "in/jane.csv: delimited\ned.csv: delimited\n") << kind.name;
    EXPECT_EQ(findings.report.format, kind.format);
    EXPECT_TRUE(findings.complete()) << kind.name;
    EXPECT_EQ(findings.report.bytes, bytes.size());
    const Exposure exposure = resolved(kind.name, std::move(findings));
    EXPECT_EQ(exposure.roles[0].count, 2U) << kind.name;
    ASSERT_EQ(exposure.files.size(), 3U);
    EXPECT_EQ(exposure.files[1].file, kind.name + std::string("!in/jane.csv"));
    EXPECT_EQ(exposure.files[1].outermost, kind.name);
    const Person* jane = find_named(exposure, "JANE", "DOE");
    ASSERT_NE(jane, nullptr);
    ASSERT_EQ(jane->exposures.size(), 1U);
    EXPECT_EQ(jane->exposures[0].file, 1U);
    for (const PersonEvidence& place : jane->exposures[0].evidence) {
      if (place.element == Element::kSsn) {  // offsets are the innermost file's
        EXPECT_EQ(kJane.substr(place.offset, place.length), "212-34-1234");
      }
    }
  }
}

TEST(Archives, CompressedDataIsOneMember) {
  for (const int filter :
       {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD}) {
    const std::string bytes = compressed(kJane, filter);
    EXPECT_EQ(told(analyse_packed(bytes, "in/jane.csv.gz")), "jane.csv: delimited\n") << filter;
  }
  EXPECT_EQ(told(analyse_packed(compressed(kJane, ARCHIVE_FILTER_GZIP), "jane")),
            "jane: delimited\n");
  // Two that were written one behind the other are one text (RFC 1952, 2.2).
  const std::string two = compressed(kJane, ARCHIVE_FILTER_GZIP) +
                          compressed("M3,POE,AL,1976-01-02,212-34-1236\n", ARCHIVE_FILTER_GZIP);
  EXPECT_EQ(resolved("a.gz", analyse_packed(two, "a.gz")).roles[0].count, 2U);
}

TEST(Archives, NothingCompressedIsNothingNotDamage) {
  const std::string nothing("\x1F\x8B\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20);
  const FileFindings findings = analyse_packed(nothing, "a.gz");
  EXPECT_TRUE(findings.complete()) << told(findings);
  const FileFindings cut =
      analyse_packed(compressed(kJane, ARCHIVE_FILTER_GZIP).substr(0, 30), "a.gz");
  EXPECT_FALSE(cut.complete());
  EXPECT_THAT(told(cut), HasSubstr("nothing comes out of it"));
}

TEST(Archives, WithinEachOther) {
  const std::string inner = packed({{"jane.csv", kJane}});
  const std::string middle =
      packed({{"deep/inner.zip", inner}}, {.format = archive_write_set_format_7zip});
  const std::string outer =
      packed({{"middle.7z", middle}, {"ed.csv.xz", compressed(kEd, ARCHIVE_FILTER_XZ)}},
             {.format = archive_write_set_format_ustar, .filter = ARCHIVE_FILTER_GZIP});
  FileFindings findings = analyse_packed(outer, "outer.tgz");
  EXPECT_EQ(told(findings),
            "middle.7z: 7z\nmiddle.7z!deep/inner.zip: zip\n"
            "middle.7z!deep/inner.zip!jane.csv: delimited\n"
            "ed.csv.xz: xz\ned.csv.xz!ed.csv: delimited\n");
  const Exposure exposure = resolved("outer.tgz", std::move(findings));
  EXPECT_EQ(exposure.files[3].file, "outer.tgz!middle.7z!deep/inner.zip!jane.csv");
  EXPECT_EQ(exposure.files[3].outermost, "outer.tgz");
  EXPECT_EQ(exposure.roles[0].count, 2U);
}

TEST(Archives, TooDeepIsSaid) {
  std::string bytes = packed({{"jane.csv", kJane}});
  for (int i = 0; i < 4; ++i)
    bytes = packed({{"x.zip", bytes}, {"ed.csv", kEd}});
  const FileFindings findings = analyse_packed(bytes, "a.zip", {.depth = 3});
  EXPECT_FALSE(findings.complete());
  EXPECT_THAT(told(findings),
              HasSubstr("x.zip!x.zip!x.zip!x.zip: lies more than 3 containers deep"));
  EXPECT_THAT(told(findings), HasSubstr("x.zip!x.zip!ed.csv: delimited"));
}

TEST(Archives, BombsStopAtTheLimit) {
  const std::string zeros(8 << 20, '0');
  const std::string bomb = packed({{"ed.csv", kEd}, {"a.txt", zeros}, {"b.txt", zeros}});
  ASSERT_LT(bomb.size(), 64'000U);
  // Out of proportion, out of bounds, too many: what came before is read and counts.
  const FileFindings ratio = analyse_packed(bomb, "a.zip", {.free_bytes = 1 << 20, .ratio = 10});
  EXPECT_THAT(told(ratio), HasSubstr("ed.csv: delimited\n"));
  EXPECT_THAT(told(ratio), HasSubstr("out of all proportion"));
  EXPECT_FALSE(ratio.complete());
  EXPECT_LE(ratio.members.size(), 2U);
  const FileFindings total = analyse_packed(bomb, "a.zip", {.total_bytes = 9 << 20});
  EXPECT_THAT(told(total), HasSubstr("more than 9437184 bytes come out of it"));
  const FileFindings many = analyse_packed(bomb, "a.zip", {.members = 1});
  EXPECT_EQ(told(many),
            "ed.csv: delimited\n! it holds more than 1 members: unpack it and scan the folder\n");
  const FileFindings slow =
      analyse_packed(bomb, "a.zip", {.cpu_seconds = 0, .bytes_per_cpu_second = 1ULL << 40});
  EXPECT_THAT(told(slow), HasSubstr("took longer than its size allows"));
}

TEST(Archives, BombsWithinEachOtherShareOneBudget) {
  const std::string one = packed({{"a.txt", std::string(4 << 20, '0')}});
  std::vector<NamedText> inner;
  for (int i = 0; i < 10; ++i)
    inner.push_back({fmt::format("{}.zip", i), one});
  const FileFindings findings = analyse_packed(packed(inner), "a.zip", {.total_bytes = 10 << 20});
  EXPECT_THAT(told(findings), HasSubstr("more than 10485760 bytes"));
  EXPECT_LT(findings.members.size(), 8U);
}

TEST(Archives, EncryptedMembersAreSaidAndTheRestIsRead) {
  const std::string secret =
      packed({{"jane.csv", kJane}}, {.options = "zip:encryption=aes256", .password = "made up"});
  const FileFindings findings = analyse_packed(secret, "a.zip");
  EXPECT_EQ(told(findings),
            "jane.csv: encrypted: unpack it with its password and scan the folder\n");
  EXPECT_FALSE(findings.complete());
  EXPECT_GT(findings.bytes_not_understood(), 0U);
  const FileFindings both =
      analyse_packed(packed({{"secret.zip", secret}, {"ed.csv", kEd}}), "b.zip");
  EXPECT_THAT(told(both), HasSubstr("secret.zip!jane.csv: encrypted"));
  EXPECT_THAT(told(both), HasSubstr("ed.csv: delimited"));
}

TEST(Archives, ADamagedMemberCostsOnlyItself) {
  std::string bytes = packed({{"jane.csv", kJane}, {"bad.csv", kEd}, {"ed.csv", kEd}},
                             {.options = "zip:compression=store"});
  const std::size_t at = bytes.find("ROE");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'X';  // the checksum does not fit
  const FileFindings findings = analyse_packed(bytes, "a.zip");
  ASSERT_EQ(findings.members.size(), 3U) << told(findings);
  EXPECT_TRUE(findings.members[0].findings.complete());
  EXPECT_FALSE(findings.members[1].findings.complete());
  EXPECT_THAT(findings.members[1].findings.report.not_understood.back().reason,
              HasSubstr("cannot be unpacked: "));
  EXPECT_TRUE(findings.members[2].findings.complete());
}

// Wherever an archive is cut off, that is said; nothing of it is an error.
TEST(Archives, CutOffAnywhereIsNeverComplete) {
  for (const Kind& kind : kKinds) {
    const std::string bytes = packed({{"jane.csv", kJane}, {"ed.csv", kEd}}, kind.how);
    // A tar has only zeros at its end.
    const std::string_view tail = "tar";
    const std::size_t end = kind.format == tail ? 3 * 512 : bytes.size();
    for (std::size_t length = 300; length < end; length += 7) {
      const std::string cut = bytes.substr(0, length);
      if (kind.format == tail && length % 512 == 0) continue;  // a shorter, whole one
      const FileFindings findings = analyse_packed(cut, kind.name);
      // All that a ZIP holds stands before the list of it.
      const bool only_list =
          kind.format == std::string_view("zip") && length > cut.find("PK\x01\x02");
      EXPECT_EQ(findings.complete(), only_list) << kind.name << " " << length << "\n"
                                                << told(findings);
      if (only_list) {
        EXPECT_EQ(findings.members.size(), 2U);
      }
    }
  }
}

TEST(Archives, EveryChangedByteIsRead) {
  for (const Kind& kind : kKinds) {
    const std::string bytes = packed({{"jane.csv", kJane}, {"ed.csv", kEd}}, kind.how);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 0x55);
      const FileFindings findings = analyse_packed(changed, kind.name);
      EXPECT_LE(findings.report.bytes_not_understood, bytes.size());
    }
  }
}

TEST(Archives, NamesAreShownWhateverTheyAre) {
  const std::string bytes = packed({{"/etc/../jane.csv", kJane},
                                    {"same.csv", kEd},
                                    {"same.csv", kEd},
                                    {"a\n\x01.csv", kEd},
                                    {"\xC3\xBC!.csv", kEd},
                                    {std::string(600, 'x'), kEd}},
                                   {.format = archive_write_set_format_gnutar});
  const FileFindings findings = analyse_packed(bytes, "a.tar");
  const std::string names = told(findings);
  EXPECT_THAT(names, HasSubstr("etc/../jane.csv: "));
  EXPECT_THAT(names, HasSubstr("same.csv: delimited\nsame.csv#2: delimited"));
  EXPECT_THAT(names, HasSubstr("a\xEF\xBF\xBD\xEF\xBF\xBD.csv: "));
  EXPECT_THAT(names, HasSubstr("\xC3\xBC!.csv: "));
  EXPECT_TRUE(names.find(std::string(513, 'x')) == std::string::npos);
}

TEST(Archives, LinksAreNotFollowed) {
  const std::string bytes = packed({{"passwd", "->/etc/passwd"}, {"ed.csv", kEd}},
                                   {.format = archive_write_set_format_ustar});
  EXPECT_EQ(told(analyse_packed(bytes, "a.tar")),
            "passwd: a link: not followed\ned.csv: delimited\n");
}

std::string many_rows(int count) {
  std::string text = kHeader;
  for (int i = 0; i < count; ++i)
    text += fmt::format("M{:06},DOE{},JANE,1974-03-09,{:09}\n", i, i, 212'340'000 + i);
  return text;
}

// What does not fit into memory comes as a stream, and says the same.
TEST(Archives, LargeMembersAreStreamed) {
  const std::string rows = many_rows(20'000);
  const ContainerLimits small{.in_memory_bytes = 100'000};
  for (const Kind& kind : kKinds) {
    const std::string bytes = packed({{"rows.csv", rows}, {"ed.csv", kEd}}, kind.how);
    const FileFindings memory = analyse_packed(bytes, kind.name);
    const FileFindings stream = analyse_packed(bytes, kind.name, small);
    EXPECT_EQ(encode(memory), encode(stream)) << kind.name << "\n" << told(stream);
    EXPECT_EQ(memory.members[0].findings.report.records, 20'000U);
  }
  // Without a word on its size, it is unpacked twice; where that cannot be, that is said.
  const std::string gzip = compressed(rows, ARCHIVE_FILTER_GZIP);
  EXPECT_EQ(encode(analyse_packed(gzip, "a.gz")), encode(analyse_packed(gzip, "a.gz", small)));
  const std::string tar =
      packed({{"rows.csv.gz", gzip}}, {.format = archive_write_set_format_ustar});
  EXPECT_THAT(told(analyse_packed(tar, "a.tar", small)), HasSubstr("without a word on its size"));
}

TEST(Archives, CopybooksInsideAreUsed) {
  const std::string copybook =
      "       01  CLIENT-REC.\n           05 CLIENT-DCN      PIC 9(8).\n"
      "           05 LAST-NAME       PIC X(15).\n           05 FIRST-NAME      PIC X(12).\n"
      "           05 BIRTH-DATE      PIC 9(8).\n           05 SSN             PIC 9(9).\n";
  std::string data;
  for (int i = 0; i < 40; ++i)
    data += fmt::format("{:08}{:<15}{:<12}{}{:09}\n", 10'000'000 + i * 7, "DOE", "JANE",
                        19'740'309 + i % 9, 212'341'000 + i);
  for (const Kind& kind : kKinds) {
    const FileFindings findings = analyse_packed(
        packed({{"data/clients.txt", data}, {"copy/clients.cpy", copybook}}, kind.how), kind.name);
    EXPECT_THAT(findings.members[0].findings.report.recognised_by,
                HasSubstr("copybook copy/clients.cpy"))
        << kind.name;
  }
}

void put_le(std::string& to, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    to.push_back(static_cast<char>(value >> (8 * i)));
}
std::uint32_t crc_of(std::string_view text) {
  std::uint32_t crc = ~0U;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1)));
  }
  return ~crc;
}

// No program in Debian writes RAR. A stored member by the format's description: marker, archive
// header, file header, contents.
std::string rar_of(const std::string& name, const std::string& text) {
  const auto block = [](std::string body) {
    std::string out;
    put_le(out, crc_of(body) & 0xFFFF, 2);
    return out + body;
  };
  std::string main;
  main += '\x73';
  put_le(main, 0, 2);
  put_le(main, 13, 2);
  put_le(main, 0, 6);
  std::string file;
  file += '\x74';
  put_le(file, 0x8000, 2);
  put_le(file, static_cast<std::uint32_t>(32 + name.size()), 2);
  put_le(file, static_cast<std::uint32_t>(text.size()), 4);
  put_le(file, static_cast<std::uint32_t>(text.size()), 4);
  file += '\x03';  // Unix
  put_le(file, crc_of(text), 4);
  put_le(file, 0, 4);
  file += "\x1D\x30";  // version 2.9, stored
  put_le(file, static_cast<std::uint32_t>(name.size()), 2);
  put_le(file, 0100600, 4);
  file += name;
  return std::string("Rar!\x1A\x07\0", 7) + block(main) + block(file) + text +
         std::string("\xC4\x3D\x7B\x00\x40\x07\x00", 7);
}

TEST(Archives, RarIsRead) {
  EXPECT_EQ(told(analyse_packed(rar_of("jane.csv", kJane), "a.rar")), "jane.csv: delimited\n");
}

TEST(Archives, RarOfAnotherWriter) {
  const fs::path path =
      fs::path(BULKHEAD_SOURCE_DIR) / "../shared/data/dev/forensic/bulkextractor__jpegs.rar";
  if (!fs::exists(path))
    GTEST_SKIP() << "no sample files at ../shared/data/dev: nothing is checked";
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const FileFindings findings = analyse_packed(text.str(), "jpegs.rar");
  ASSERT_FALSE(findings.members.empty());
  for (const MemberFindings& member : findings.members)
    EXPECT_EQ(member.findings.report.format, "jpeg") << member.name;
}

TEST(Archives, FindingsWithMembersAreKept) {
  const std::string bytes = packed({{"x.zip", packed({{"jane.csv", kJane}})}, {"ed.csv", kEd}});
  const FileFindings findings = analyse_packed(bytes, "a.zip");
  const Bytes encoded = encode(findings);
  EXPECT_EQ(encoded[8], 2);
  auto decoded = decode(encoded);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(told(*decoded), told(findings));
  EXPECT_EQ(encode(*decoded), encoded);
  EXPECT_EQ(persons_ndjson(resolved("a.zip", std::move(*decoded))),
            persons_ndjson(resolved("a.zip", analyse_packed(bytes, "a.zip"))));
  for (std::size_t length = 0; length < encoded.size(); ++length)
    EXPECT_FALSE(decode(ByteView(encoded).first(length)).has_value()) << length;
  EXPECT_EQ(encode(analyse_text(kJane))[8], 1) << "what holds no others is as it was";
}

}  // namespace
}  // namespace bulkhead::exposure::test
