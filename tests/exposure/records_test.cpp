// Files of records without delimiters, read by copybooks and layouts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exposure/layouts/layout_fit.h"
#include "exposure/layouts/record_stream.h"
#include "generate/mainframe.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

using generate::binary;
using generate::ebcdic;
using generate::packed;

constexpr const char* kClients = R"(
       01  CLIENT-RECORD.
           05  CL-DCN            PIC 9(8).
           05  CL-LAST-NAME      PIC X(15).
           05  CL-FIRST-NAME     PIC X(12).
           05  CL-DOB            PIC 9(8) COMP-3.
           05  CL-SSN            PIC 9(9) COMP.
           05  CL-ZIP            PIC X(5).
)";

struct Client {
  const char *dcn, *last, *first, *birth, *ssn;
};
constexpr Client kPeople[] = {{"10000001", "DOE", "JANE", "19740309", "012341234"},
                              {"10000002", "ROE", "JOHN", "19601224", "512341235"},
                              {"10000003", "POE", "ANN", "20010101", "212341236"},
                              {"10000004", "O'NEIL", "MARY", "19330704", "212341237"},
                              {"10000005", "DOE", "EDGAR", "19990228", "212341238"}};

std::string client_record(const Client& client) {
  return ebcdic(fmt::format("{}{:<15}{:<12}", client.dcn, client.last, client.first)) +
         packed(client.birth, 8) + binary(std::stoull(client.ssn), 4) + ebcdic("65401");
}

std::string all_clients() {
  std::string text;
  for (const Client& client : kPeople)
    text += client_record(client);
  return text;
}

void expect_clients(const Exposure& exposure) {
  EXPECT_EQ(exposure.roles[0].count, std::size(kPeople));
  for (const Client& client : kPeople) {
    const Person* person = find_named(exposure, client.first, client.last);
    ASSERT_NE(person, nullptr) << client.first;
    const std::string birth(client.birth);
    EXPECT_EQ(person->dates_of_birth,
              std::vector<std::string>{birth.substr(0, 4) + "-" + birth.substr(4, 2) + "-" +
                                       birth.substr(6)});
    EXPECT_TRUE(has_identifier(*person, IdentifierType::kSsn, client.ssn)) << client.first;
    EXPECT_TRUE(has_identifier(*person, IdentifierType::kMemberId, client.dcn)) << client.first;
  }
}

std::string word(std::size_t length) {
  return {static_cast<char>(length >> 8), static_cast<char>(length & 0xFF), '\0', '\0'};
}

TEST(Records, EbcdicFixedWithPackedAndBinaryNumbers) {
  const std::string text = all_clients();
  const Exposure exposure = resolve_laid_out(text, {layout_from(kClients)});
  EXPECT_TRUE(exposure.complete());
  expect_clients(exposure);
  EXPECT_EQ(exposure.files[0].report.format, "ebcdic");
  EXPECT_EQ(exposure.files[0].report.recognised_by,
            "copybook layout, 49 bytes a record, 6 of 6 fields known");
}

TEST(Records, EvidenceIsWhereTheBytesAre) {
  const std::string text = all_clients();
  const Exposure exposure = resolve_laid_out(text, {layout_from(kClients)});
  const Person* jane = find_named(exposure, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  std::size_t checked = 0;
  for (const PersonEvidence& place : jane->exposures[0].evidence) {
    const std::string bytes = text.substr(place.offset, place.length);
    if (place.where == "CL-LAST-NAME") {
      EXPECT_EQ(bytes, ebcdic("DOE"));
      ++checked;
    }
    if (place.where == "CL-DOB") {
      EXPECT_EQ(bytes, packed("19740309", 8));
      ++checked;
    }
    if (place.where == "CL-SSN") {
      EXPECT_EQ(bytes, binary(12341234, 4));
      ++checked;
    }
  }
  EXPECT_EQ(checked, 3U);
}

TEST(Records, EveryRecordFormat) {
  const LayoutPtr layout = layout_from(kClients);
  std::string variable, without_itself, little, lines, block;
  for (const Client& client : kPeople) {
    const std::string record = client_record(client);
    variable += word(record.size() + 4) + record;
    without_itself += word(record.size()) + record;
    little += std::string(2, '\0') + static_cast<char>(record.size()) + '\0' + record;
    block += word(record.size() + 4) + record;
  }
  const std::string blocked = word(block.size() + 4) + block;
  const std::pair<const char*, std::string> files[] = {{"v", variable},
                                                       {"v-without-itself", without_itself},
                                                       {"v-little-endian", little},
                                                       {"vb", blocked}};
  for (const auto& [framing, text] : files) {
    const Exposure exposure = resolve_laid_out(text, {layout});
    SCOPED_TRACE(framing);
    EXPECT_TRUE(exposure.complete());
    expect_clients(exposure);
    EXPECT_NE(
        exposure.files[0].report.recognised_by.find(std::string("records in ") + framing + ","),
        std::string::npos)
        << exposure.files[0].report.recognised_by;
  }
}

TEST(Records, DamageInVariableRecordsCostsOnlyThem) {
  std::string text;
  std::size_t damaged = 0;
  for (int i = 0; i < 60; ++i) {
    const Client client{"10000001", "DOE", "JANE", "19740309", "212341234"};
    std::string record = client_record(client);
    const std::string dcn = std::to_string(20000000 + i);
    record.replace(0, 8, ebcdic(dcn));
    if (i == 30) damaged = text.size();
    text += word(record.size() + 4) + record;
  }
  text.replace(damaged, 4, "\xFF\xFF\xFF\xFF");
  const Exposure exposure = resolve_laid_out(text, {layout_from(kClients)});
  EXPECT_EQ(exposure.files[0].report.records, 59U);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 53U);
  EXPECT_EQ(exposure.files[0].report.not_understood.at(0).first_offset, damaged);
}

TEST(Records, AHalfRecordAtTheEndIsToldOf) {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += client_record(kPeople[static_cast<std::size_t>(i) % 5]);
  text += client_record(kPeople[0]).substr(0, 20);
  const Exposure exposure = resolve_laid_out(text, {layout_from(kClients)});
  expect_clients(exposure);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 20U);
}

// What a careless change does must be refused or show.
TEST(Records, MutationsAreRefusedOrShow) {
  const std::string good = all_clients();
  const LayoutPtr layout = layout_from(kClients);
  const auto names = [&](const std::string& text, const LayoutPtr& by) {
    const Exposure exposure = resolve_laid_out(text, {by});
    return exposure.complete() ? persons_ndjson(exposure) : std::string("not read");
  };
  const std::string answer = names(good, layout);
  ASSERT_NE(answer, "not read");
  // shifted by one byte, a byte lost, another length of record
  EXPECT_EQ(names(ebcdic(" ") + good, layout), "not read");
  EXPECT_EQ(names(good.substr(1), layout), "not read");
  std::string wrong = kClients;
  wrong.replace(wrong.find("PIC X(12)"), 9, "PIC X(13)");
  EXPECT_EQ(names(good, layout_from(wrong)), "not read");
  // two columns swapped in the layout
  std::string swapped = kClients;
  swapped.replace(swapped.find("CL-LAST-NAME "), 13, "CL-FIRST-NAME");
  swapped.replace(swapped.rfind("CL-FIRST-NAME "), 14, "CL-LAST-NAME  ");
  EXPECT_NE(names(good, layout_from(swapped)), answer);
  // as text that was not converted
  EXPECT_EQ(resolve_text(good).files[0].report.read, false);
}

// The kinds of record share one area; the copybook does not say which letter stands for which.
constexpr const char* kExport = R"(
       01  EXPORT-RECORD.
           05  EX-REC-TYPE              PIC X.
           05  EX-STAMP                 PIC X(10).
           05  EX-STAMP-R REDEFINES EX-STAMP.
               10  EX-DAY               PIC X(8).
               10  EX-HOUR              PIC XX.
           05  EX-DATA                  PIC X(60).
           05  EX-PERSON REDEFINES EX-DATA.
               10  EX-CUST-ID           PIC 9(9) COMP.
               10  EX-CUST-LAST-NAME    PIC X(15).
               10  EX-CUST-FIRST-NAME   PIC X(12).
               10  EX-CUST-SSN          PIC 9(9).
               10  FILLER               PIC X(20).
           05  EX-XREF REDEFINES EX-DATA.
               10  EX-XREF-CARD-NUM     PIC X(16).
               10  EX-XREF-CUST-ID      PIC 9(9).
               10  EX-XREF-ACCT-ID      PIC 9(11) COMP.
               10  FILLER               PIC X(27).
           05  EX-CARD REDEFINES EX-DATA.
               10  EX-CARD-NUM          PIC X(16).
               10  EX-CARD-ACCT-ID      PIC 9(11) COMP.
               10  EX-CARD-CVV-CD       PIC 9(3) COMP.
               10  EX-CARD-EMBOSSED-NAME PIC X(34).
)";

std::string export_file() {
  std::string text;
  const std::string stamp = ebcdic("2026010100");
  std::vector<std::string> cards;
  for (unsigned i = 0; i < 6; ++i) {
    const std::string id = fmt::format("{:09}", i + 1);
    text += ebcdic("C") + stamp + binary(i + 1, 4) +
            ebcdic(fmt::format("{:<15}{:<12}{:09}{:20}", "DOE", i % 2 == 0 ? "JANE" : "JOHN",
                               212341230 + i, ""));
  }
  for (unsigned i = 0; i < 6; ++i) {
    cards.push_back(fmt::format("40000000000000{:02}", 10 + i * 8));
    text += ebcdic("X") + stamp + ebcdic(cards[i] + fmt::format("{:09}", i + 1)) +
            binary(700 + i, 8) + ebcdic(std::string(27, ' '));
  }
  for (unsigned i = 0; i < 6; ++i) {
    text += ebcdic("D") + stamp + ebcdic(cards[i]) + binary(700 + i, 8) + binary(123, 2) +
            ebcdic(fmt::format("{:<34}", i % 2 == 0 ? "JANE DOE" : "JOHN DOE"));
  }
  return text;
}

TEST(Records, KindsOfRecordByRedefines) {
  const Exposure exposure = resolve_laid_out(export_file(), {layout_from(kExport)});
  EXPECT_TRUE(exposure.complete());
  // The card leads to its customer only through the cross-reference.
  EXPECT_EQ(exposure.roles[0].count, 6U);
  for (const Person& person : exposure.persons) {
    EXPECT_EQ(words(person.elements),
              words(elements({Element::kName, Element::kSsn, Element::kAccountNumber,
                              Element::kPaymentCard})));
    EXPECT_EQ(person.exposures[0].records, 3U);
  }
}

TEST(Records, AKindThatNobodyDescribesIsToldOf) {
  std::string text = export_file();
  const std::size_t before = text.size();
  std::string strange = ebcdic("Q2026010100");
  for (unsigned i = 0; i < 60; ++i)
    strange.push_back(static_cast<char>(i % 32));
  text.insert(71 * 8, strange);
  const Exposure exposure = resolve_laid_out(text, {layout_from(kExport)});
  EXPECT_EQ(exposure.roles[0].count, 6U);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, text.size() - before);
}

// A copybook is found by its fit: any name, and others beside it.
TEST(Records, TheFittingLayoutIsTaken) {
  const LayoutPtr other =
      layout_from("01 R.\n 05 A PIC 9(40).\n 05 LAST-NAME PIC X(9).\n", "other");
  const LayoutPtr everything = layout_from("01 R.\n 05 A PIC X(49).\n", "everything");
  MemorySource source(as_bytes(std::string_view()));
  const std::string text = all_clients();
  const std::vector<LayoutPtr> beside = {everything, other, layout_from(kClients, "clients")};
  const FileFindings findings =
      analyse_text(text, "f", default_rules(), {.beside = [&] { return beside; }});
  EXPECT_EQ(findings.report.recognised_by,
            "copybook clients, 49 bytes a record, 6 of 6 fields known");
  // One that fits everything says nothing.
  const FileFindings nothing =
      analyse_text(text, "f", default_rules(),
                   {.beside = [&] { return std::vector<LayoutPtr>{everything, other}; }});
  EXPECT_FALSE(nothing.report.read);
}

TEST(Records, TextInColumnsWithHeaderAndTrailer) {
  const std::string copybook = R"(
       01  R.
           05  DCN         PIC X(8).
           05  LAST-NAME   PIC X(12).
           05  FIRST-NAME  PIC X(10).
           05  DOB.
               10  DOB-MM    PIC 99.
               10  DOB-DD    PIC 99.
               10  DOB-CCYY  PIC 9(4).
           05  SSN         PIC X(11).
           05  FILLER      PIC X(20).
)";
  std::string text = "HDR20260101CLIENTS OF MAY\r\n";
  for (const Client& client : kPeople) {
    const std::string birth(client.birth), ssn(client.ssn);
    // Blanks at the end of lines were cut off on the way.
    text += fmt::format("{}{:<12}{:<10}{}{}{}-{}-{}\r\n", client.dcn, client.last, client.first,
                        birth.substr(4), birth.substr(0, 4), ssn.substr(0, 3), ssn.substr(3, 2),
                        ssn.substr(5));
  }
  text += "TRAILER00005\r\n";
  const Exposure exposure = resolve_laid_out(text, {layout_from(copybook)});
  EXPECT_TRUE(exposure.complete());
  expect_clients(exposure);
  EXPECT_EQ(exposure.files[0].report.format, "fixed-width");
  EXPECT_EQ(exposure.files[0].report.warnings.size(), 2U);
  // Two such files, one behind the other.
  const Exposure twice = resolve_laid_out(text + text, {layout_from(copybook)});
  EXPECT_TRUE(twice.complete());
  expect_clients(twice);
  // What stands there and is no trailer is told of.
  const Exposure damaged = resolve_laid_out(text + "?!?!?!?!12345\r\n", {layout_from(copybook)});
  EXPECT_EQ(damaged.roles[0].count, 5U);
  EXPECT_FALSE(damaged.complete());
}

TEST(Records, ALayoutOfOurs) {
  const LayoutPtr layout = layout_from(R"(version: 1
record_format: fixed
record_length: 40
header_records: 1
trailer_records: 1
records:
  - name: person
    when: {at: 1, equals: P}
    fields:
      - {name: NR, at: 2, length: 6, is: member_id, label: Case number}
      - {name: N, at: 8, length: 16, is: full_name}
      - {name: B, at: 24, length: 6, is: date_of_birth}
      - {name: GUARDIAN, at: 30, length: 10, is: full_name, of: related}
  - name: filler
    when: {at: 1, equals: F}
)");
  const std::string text =
      fmt::format("{:<40}", "9 header 9") +
      fmt::format("P{:06}{:<16}{}{:<11}", 1, "DOE, JANE Q", "740309", "DOE, ED") +
      fmt::format("{:<40}", "F nothing of anybody") +
      fmt::format("P{:06}{:<16}{}{:<11}", 2, "ROE, JOHN", "251231", "") +
      fmt::format("{:<40}", "? of no kind") + fmt::format("{:<40}", "9 trailer 2");
  const Exposure exposure = resolve_laid_out(text, {layout});
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.roles[1].count, 1U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  EXPECT_EQ(jane->dates_of_birth, std::vector<std::string>{"1974-03-09"});
  EXPECT_EQ(jane->identifiers.at(0).label, "Case number");
  EXPECT_EQ(find_named(exposure, "JOHN", "ROE")->dates_of_birth,
            std::vector<std::string>{"2025-12-31"});
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 40U);
  EXPECT_EQ(exposure.files[0].report.not_understood.at(0).reason,
            "record of no kind that the layout names");
}

TEST(Records, EntriesOfATableWithNamesArePersons) {
  const LayoutPtr layout = layout_from(R"(
       01  R.
           05  MEMBER-ID           PIC X(9).
           05  LAST-NAME           PIC X(10).
           05  FIRST-NAME          PIC X(10).
           05  DEPENDENT-COUNT     PIC 9.
           05  DEPENDENT OCCURS 0 TO 3 TIMES DEPENDING ON DEPENDENT-COUNT.
               10  DEP-LAST-NAME   PIC X(10).
               10  DEP-FIRST-NAME  PIC X(10).
               10  DEP-DOB         PIC 9(8).
           05  DIAGNOSIS-CODE      PIC X(5).
)");
  std::string text;
  const auto dependent = [](const char* first, const char* birth) {
    return fmt::format("{:<10}{:<10}{}", "DOE", first, birth);
  };
  text += fmt::format("M00000001{:<10}{:<10}2", "DOE", "JANE") + dependent("TIM", "20100101") +
          dependent("TOM", "20120202") + "E119 \n";
  text += fmt::format("M00000002{:<10}{:<10}0", "ROE", "JOHN") + "I10  \n";
  text +=
      fmt::format("M00000003{:<10}{:<10}1", "POE", "ANN") + dependent("AL", "20120203") + "I10  \n";
  const Exposure exposure = resolve_laid_out(text, {layout});
  EXPECT_EQ(exposure.roles[0].count, 6U);
  const Person* tim = find_named(exposure, "TIM", "DOE");
  ASSERT_NE(tim, nullptr);
  EXPECT_EQ(tim->dates_of_birth, std::vector<std::string>{"2010-01-01"});
  EXPECT_FALSE(tim->elements.has(Element::kDiagnosis));  // the diagnosis is the member's
  EXPECT_TRUE(find_named(exposure, "JOHN", "ROE")->elements.has(Element::kDiagnosis));
}

TEST(Records, DatesInEveryForm) {
  struct {
    const char* picture;
    const char* first;
    const char* second;
  } const cases[] = {
      {"9(8)", "19740309", "19601224"}, {"9(8)", "03091974", "12241960"},
      {"9(6)", "740309", "601224"},     {"9(6)", "030974", "122460"},
      {"9(7)", "0740309", "0601224"},   {"9(7)", "1974068", "1960359"},
      {"9(5)", "74068", "60359"},       {"X(10)", "03/09/1974", "12/24/1960"},
  };
  for (const auto& one : cases) {
    const LayoutPtr layout = layout_from(fmt::format(
        "01 R.\n05 LAST-NAME PIC X(5).\n05 FIRST-NAME PIC X(5).\n05 BIRTH-DATE PIC {}.\n",
        one.picture));
    const std::string text =
        fmt::format("DOE  JANE {}\nROE  JOHN {}\nPOE  ANN  {}\n", one.first, one.second, one.first);
    const Exposure exposure = resolve_laid_out(text, {layout});
    const Person* jane = find_named(exposure, "JANE", "DOE");
    ASSERT_NE(jane, nullptr) << one.first;
    EXPECT_EQ(jane->dates_of_birth, std::vector<std::string>{"1974-03-09"}) << one.first;
    EXPECT_EQ(find_named(exposure, "JOHN", "ROE")->dates_of_birth,
              std::vector<std::string>{"1960-12-24"});
  }
}

TEST(Records, ZonedNumbersWithSigns) {
  const LayoutPtr layout = layout_from(
      "01 R.\n05 LAST-NAME PIC X(5).\n05 FIRST-NAME PIC X(5).\n05 SSN PIC S9(9).\n05 DCN PIC S9(8) "
      "SIGN LEADING "
      "SEPARATE.\n");
  std::string text;
  for (int i = 0; i < 4; ++i) {
    std::string ssn = ebcdic(fmt::format("21234123{}", i));
    ssn[8] = static_cast<char>((ssn[8] & 0x0F) | 0xC0);  // a plus over the last digit
    text += ebcdic("DOE  JANE ") + ssn + ebcdic(fmt::format("+1000000{}", i));
  }
  const Exposure exposure = resolve_laid_out(text, {layout});
  EXPECT_EQ(exposure.roles[0].count, 4U);
  for (const Person& person : exposure.persons) {
    EXPECT_TRUE(flags_of(person, person.identifiers[0].value).empty());
    EXPECT_EQ(person.elements, elements({Element::kName, Element::kSsn, Element::kMemberId}));
  }
}

TEST(Records, LettersOutsideAsciiAreUtf8) {
  const LayoutPtr layout = layout_from(
      "version: 1\nencoding: ebcdic-1140\nrecord_format: fixed\nfields:\n"
      "  - {name: LAST-NAME, length: 8}\n  - {name: FIRST-NAME, length: 6}\n  - {name: DCN, "
      "length: 8}\n");
  std::string text;
  for (int i = 0; i < 5; ++i)
    text +=
        ebcdic("MU") + "\xDC" + ebcdic("LLER JOS") + "\x51" + ebcdic(fmt::format("  1000000{}", i));
  const Exposure exposure = resolve_laid_out(text, {layout});
  ASSERT_EQ(exposure.roles[0].count, 5U);
  const Person& person = exposure.persons[0];
  EXPECT_EQ(person.names.at(0).last, "MUüLLER");
  EXPECT_EQ(person.names.at(0).first, "JOSé");
  for (const PersonEvidence& place : person.exposures[0].evidence) {
    if (place.where == "LAST-NAME") {
      EXPECT_EQ(place.length, 7U);  // bytes of the file, not of UTF-8
    }
  }
}

TEST(Records, FillersAndBlanksExposeNothing) {
  std::string text = all_clients();
  const std::size_t ssn = 8 + 15 + 12 + 5;
  text.replace(ssn, 4, binary(0, 4));
  text.replace(49 + 35, 5, std::string(5, '\x40'));  // a packed date that was never written
  const Exposure exposure = resolve_laid_out(text, {layout_from(kClients)});
  EXPECT_TRUE(exposure.complete());
  EXPECT_FALSE(find_named(exposure, "JANE", "DOE")->elements.has(Element::kSsn));
  EXPECT_FALSE(find_named(exposure, "JOHN", "ROE")->elements.has(Element::kDateOfBirth));
  EXPECT_EQ(exposure.fillers[static_cast<std::size_t>(Element::kSsn)], 1U);
}

TEST(Records, AcrossBlocks) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    std::string record = client_record(kPeople[0]);
    record.replace(0, 8, ebcdic(std::to_string(20'000'000 + i)));
    text += word(record.size() + 4) + record;
  }
  ASSERT_GT(text.size(), 4 * BlockWindow::kBytes);
  const FileFindings findings =
      analyse_text(text, "f", default_rules(), {.given = {layout_from(kClients)}, .beside = {}});
  EXPECT_EQ(findings.report.records, 20'000U);
  EXPECT_EQ(findings.report.bytes_not_understood, 0U);
  for (std::uint32_t i = 0; i < findings.persons.size(); ++i) {
    for (const Evidence& place : findings.persons.evidence(i)) {
      if (place.element == Element::kName) {
        const std::string bytes = text.substr(place.offset, place.length);
        ASSERT_TRUE(bytes == ebcdic("DOE") || bytes == ebcdic("JANE"));
      }
    }
  }
}

// The copybook itself holds nobody, and is no file that was not understood.
TEST(Records, CopybooksAreRead) {
  const FileFindings findings = analyse_text(kClients);
  EXPECT_TRUE(findings.report.complete());
  EXPECT_EQ(findings.report.format, "record-layout");
  EXPECT_EQ(findings.persons.size(), 0U);
}

TEST(CodePages, LettersAndDigitsAreTheSameInAll) {
  for (const CodePage page :
       {CodePage::kEbcdic037, CodePage::kEbcdic500, CodePage::kEbcdic1047, CodePage::kEbcdic1140}) {
    const std::string_view plain = "ABCIJRSZabcijrsz0189 .-'(),/";
    const std::string bytes = ebcdic(plain);
    const auto& table = to_latin1(page);
    for (std::size_t i = 0; i < plain.size(); ++i)
      EXPECT_EQ(table[static_cast<unsigned char>(bytes[i])], static_cast<unsigned char>(plain[i]));
    // Each is a permutation.
    std::array<bool, 256> seen{};
    for (const unsigned char c : table)
      seen[c] = true;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true),
              page == CodePage::kEbcdic1140 ? 255 : 256);
  }
  EXPECT_EQ(to_latin1(CodePage::kEbcdic500)[0x4F], '!');
  EXPECT_EQ(to_latin1(CodePage::kEbcdic1047)[0xAD], '[');
  std::string euro;
  append_utf8(std::string(1, static_cast<char>(to_latin1(CodePage::kEbcdic1140)[0x9F])), euro);
  EXPECT_EQ(euro, "€");
}

// The blanks of EBCDIC are '@' in ASCII: as text of that they would fit any copybook of texts.
TEST(Records, EbcdicIsNotReadAsAsciiByACopybookOfSomethingElse) {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += ebcdic(fmt::format("{:05}{:<21}{:<14}", i, "JANE DOE", "ROLLA"));
  ASSERT_EQ(text.size() % 40, 0U);
  const LayoutPtr other = layout_from(R"(
       01  COMPANY.
           05  COMPANY-NAME      PIC X(16).
           05  SEAT              PIC X(20).
           05  TAXPAYER          PIC S9(7) COMP-3.
)");
  const Exposure exposure = resolve_laid_out(text, {other});
  EXPECT_FALSE(exposure.files[0].report.read) << exposure.files[0].report.recognised_by;
  EXPECT_EQ(exposure.files[0].report.format, "ebcdic");
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, text.size());
}

TEST(Records, ContactsOfCompaniesArePersonsOfRoleOther) {
  std::string text;
  for (int i = 0; i < 30; ++i)
    text += ebcdic(fmt::format("{:05}{:<16}{:<17}", i, "NORTH FREIGHT",
                               i % 2 ? "JANE DOE" : "ANN POE")) +
            ebcdic("5735550141");
  const Exposure exposure = resolve_laid_out(text, {layout_from(R"(
       01  COMPANY.
           05  COMPANY-ID        PIC 9(5).
           05  COMPANY-NAME      PIC X(16).
           05  CONTACT-PERSON    PIC X(17).
           05  PHONE-NUMBER      PIC X(10).
)")});
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[static_cast<std::size_t>(Role::kMember)].count, 0U);
  EXPECT_GT(exposure.roles[static_cast<std::size_t>(Role::kOther)].count, 0U);
}

}  // namespace
}  // namespace bulkhead::exposure::test
