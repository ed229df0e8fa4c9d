// A file that several threads read in parts says what it says when one reads it from its front: the
// very bytes of the findings, also where it is damaged.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "exposure/readers/delimited_reader.h"
#include "exposure/readers/x12_reader.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

constexpr std::size_t kPart = 1500;  // small ones: many borders

std::string isa(char element, char component, char terminator) {
  std::string text = fmt::format(
      "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *230526*1023*^*00501*"
      "000000001*0*P*{}~",
      component);
  for (char& c : text)
    c = c == '*' ? element : c == '~' ? terminator : c;
  return text;
}

struct X12Text {
  std::string text;
  char element = '*', terminator = '~';
  void segment(std::string_view line) {
    for (const char c : line)
      text.push_back(c == '*' ? element : c);
    text.push_back(terminator);
    if (terminator == '~') text.push_back('\n');
  }
  void interchange(char e, char t) {
    element = e;
    terminator = t;
    text += isa(e, ':', t);
  }
};

void enrolment_set(X12Text& out, unsigned set, unsigned members) {
  out.segment(fmt::format("ST*834*{:04}*005010X220A1", set));
  out.segment("BGN*00*1*20230526*1023****4");
  out.segment(fmt::format("N1*P5*STATE {}*FI*12345678{}", set, set % 10));
  out.segment(fmt::format("N1*IN*MO HEALTHNET {}*FI*446000988", set));
  for (unsigned i = 0; i < members; ++i) {
    out.segment("INS*Y*18*030*XN*A*E**AC");
    out.segment(fmt::format("REF*0F*{:08}", 10'000'000 + (set * 31 + i) % 97));
    out.segment(fmt::format("NM1*IL*1*WESTDALE{}*LISA*Q***34*21234{:04}", i % 7, 1 + i));
    out.segment("N3*1 MAIN ST*APT INS*");
    out.segment("N4*ROLLA*MO*65401");
    out.segment(fmt::format("DMG*D8*19740{}0{}*F", 1 + i % 9, 1 + set % 9));
    if (i % 5 == 0) out.segment("NM1*S3*1*ROE*JANE");
    out.segment("HD*030**HMO*MC PLUS*IND");
  }
  out.segment("SE*99*0001");
}

void claim_set(X12Text& out, unsigned set, unsigned claims) {
  out.segment(fmt::format("ST*837*{:04}*005010X222A1", set));
  out.segment("BHT*0019*00*244579*20230526*1023*CH");
  out.segment("HL*1**20*1");
  out.segment("NM1*85*2*RIVER CLINIC*****XX*1234567893");
  for (unsigned i = 0; i < claims; ++i) {
    out.segment(fmt::format("HL*{}*1*22*0", i + 2));
    out.segment("SBR*P*18*******MC");
    out.segment(fmt::format("NM1*IL*1*DOE*JOHN{}****MI*{:08}", char('A' + i % 26), i));
    out.segment("DMG*D8*19740309*M");
    out.segment("NM1*PR*2*MO HEALTHNET*****PI*446000988");
    out.segment(fmt::format("CLM*{}*150***11:B:1*Y*A*Y*Y", i));
    out.segment("HI*ABK:F1120");
  }
  out.segment("SE*99*0001");
}

std::string x12_text() {
  X12Text out;
  for (unsigned n = 0; n < 4; ++n) {
    out.interchange(n == 2 ? '^' : '*', n == 2 ? '\n' : '~');
    out.segment("GS*BE*A*B*20230526*1023*1*X*005010X220A1");
    enrolment_set(out, n, 40);
    enrolment_set(out, n + 10, 3);
    out.segment("GE*2*1");
    out.segment("GS*HC*A*B*20230526*1023*1*X*005010X222A1");
    for (unsigned set = 0; set < 5; ++set)
      claim_set(out, set, 9);
    out.segment("GE*2*1");
    out.segment("IEA*1*000000001");
  }
  return out.text;
}

std::string delimited_text(bool quotes) {
  std::string text = "DCN,Last Name,First Name,Date of Birth,Comments\n";
  for (unsigned i = 0; i < 900; ++i) {
    text +=
        fmt::format("{:08},DOE{},JANE,01/{:02}/1974,", 10'000'000 + i % 300, i % 11, 1 + i % 28);
    text += quotes && i % 3 == 0 ? "\"said \"\"call\"\"\nand, more\"\n" : "none\n";
  }
  return text;
}

template <typename Read>
std::optional<Bytes> findings_of(std::string_view text, Read read) {
  MemorySource source(as_bytes(text));
  FileFindings findings;
  const Rules rules = default_rules();
  Collector collector(findings, rules);
  if (!read(source, collector)) return std::nullopt;
  return encode(findings);
}

template <typename InParts, typename AtOnce>
bool same_or_refused(std::string_view text, InParts in_parts, AtOnce at_once) {
  const auto parts = findings_of(text, in_parts);
  if (parts) {
    EXPECT_EQ(*parts, *findings_of(text, at_once));
  }
  return parts.has_value();
}

bool x12_same_or_refused(std::string_view text, unsigned threads = 2) {
  return same_or_refused(
      text,
      [&](ByteSource& source, Collector& collector) {
        return read_x12_in_parts(source, collector, threads, kPart).value();
      },
      [](ByteSource& source, Collector& collector) {
        return read_x12(source, collector).has_value();
      });
}

bool delimited_same_or_refused(std::string_view text, std::size_t part = kPart) {
  const auto layout = find_delimited_layout(text.substr(0, 65'536), "f.csv", default_rules());
  if (!layout || !layout->has_header) return false;
  return same_or_refused(
      text,
      [&](ByteSource& source, Collector& collector) {
        return read_delimited_in_parts(source, *layout, collector, 2, part).value();
      },
      [&](ByteSource& source, Collector& collector) {
        return read_delimited(source, *layout, collector).has_value();
      });
}

// Bytes that mean something, where they do not belong.
void damage(std::string& text, std::mt19937_64& random) {
  static constexpr std::string_view kBytes = "~*\n\":,ISGATX0 \r";
  if (text.empty()) text = "x";
  for (unsigned n = 1 + random() % 4; n > 0; --n) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text.erase(at, random() % 200);
        break;
      case 1:
        text.insert(at, text.substr(random() % text.size(), random() % 400));
        break;
      default:
        text[at] = kBytes[random() % kBytes.size()];
    }
  }
}

TEST(Parts, X12SaysTheSame) {
  const std::string text = x12_text();
  for (const unsigned threads : {1U, 2U, 5U})
    EXPECT_TRUE(x12_same_or_refused(text, threads));
}

TEST(Parts, ALargeSetIsCutBetweenItsMembers) {
  X12Text out;
  out.interchange('*', '~');
  out.segment("GS*BE*A*B*20230526*1023*1*X*005010X220A1");
  enrolment_set(out, 1, 400);
  EXPECT_TRUE(x12_same_or_refused(out.text));  // cut off as well: no GE, no IEA
}

TEST(Parts, DamagedX12SaysTheSame) {
  const std::string whole = x12_text();
  std::mt19937_64 random(7);
  unsigned read = 0;
  for (unsigned round = 0; round < 150; ++round) {
    std::string text = whole;
    damage(text, random);
    read += x12_same_or_refused(text) ? 1 : 0;
  }
  EXPECT_GT(read, 30U);  // what is damaged a little still is read in parts
}

TEST(Parts, DelimitedTextSaysTheSame) {
  EXPECT_TRUE(delimited_same_or_refused(delimited_text(false)));
  EXPECT_TRUE(delimited_same_or_refused(delimited_text(true)));
}

TEST(Parts, DamagedDelimitedTextSaysTheSame) {
  std::mt19937_64 random(11);
  unsigned read = 0;
  for (unsigned round = 0; round < 150; ++round) {
    std::string text = delimited_text(round % 2 == 0);
    damage(text, random);
    read += delimited_same_or_refused(text) ? 1 : 0;
  }
  EXPECT_GT(read, 30U);
}

TEST(Parts, RowsThatAreTooLongAreReadFromTheFront) {
  std::string text = delimited_text(false);
  text += "10000000,DOE,JANE,01/01/1974," + std::string(300 * 1024, 'x') + "\n" +
          delimited_text(false).substr(50);
  EXPECT_FALSE(delimited_same_or_refused(text, 512 * 1024));
}

}  // namespace
}  // namespace bulkhead::exposure::test
