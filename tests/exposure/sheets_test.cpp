// Workbooks: what a cell holds and what a person sees, where tables begin, and what is made to do
// harm.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "exposure/containers/sheet_reader.h"
#include "packed.h"

namespace bulkhead::exposure::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A workbook of these sheets. Styles: 1 a date, 2 an own format of dates, 3 nine digits, 4 an
// SSN's.
struct Book {
  std::vector<std::string> sheets;  // what stands in <sheetData>
  std::string strings = "";         // <si>…</si>
  std::string properties = "";      // attributes of workbookPr
  std::string state = "";           // attributes of the first sheet
  std::vector<NamedText> more = {};
};

std::string bytes_of(const Book& book) {
  std::string list, relations;
  std::vector<NamedText> parts = {{"[Content_Types].xml", "<Types/>"}};
  for (std::size_t i = 1; i <= book.sheets.size(); ++i) {
    list += fmt::format("<sheet name=\"S{}\" sheetId=\"{}\" r:id=\"rId{}\" {}/>", i, i, i,
                        i == 1 ? book.state : "");
    relations += fmt::format(
        "<Relationship Id=\"rId{}\" Type=\"http://x/relationships/worksheet\" "
        "Target=\"worksheets/sheet{}.xml\"/>",
        i, i);
    parts.push_back({fmt::format("xl/worksheets/sheet{}.xml", i),
                     "<?xml version=\"1.0\"?><worksheet xmlns=\"x\"><sheetData>" +
                         book.sheets[i - 1] + "</sheetData></worksheet>"});
  }
  parts.push_back({"xl/workbook.xml", "<workbook xmlns=\"x\" xmlns:r=\"r\"><workbookPr " +
                                          book.properties + "/><sheets>" + list +
                                          "</sheets></workbook>"});
  parts.push_back(
      {"xl/_rels/workbook.xml.rels", "<Relationships>" + relations + "</Relationships>"});
  parts.push_back(
      {"xl/styles.xml",
       "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-409]d\\-mmm\\-yyyy\"/>"
       "<numFmt numFmtId=\"165\" formatCode=\"000000000\"/><numFmt numFmtId=\"166\" "
       "formatCode=\"000\\-00\\-0000\"/></numFmts><cellStyleXfs><xf "
       "numFmtId=\"14\"/></cellStyleXfs>"
       "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/>"
       "<xf numFmtId=\"165\"/><xf numFmtId=\"166\"/></cellXfs></styleSheet>"});
  if (!book.strings.empty())
    parts.push_back({"xl/sharedStrings.xml", "<sst>" + book.strings + "</sst>"});
  parts.insert(parts.end(), book.more.begin(), book.more.end());
  return packed(parts);
}

// A row of texts; what begins with '<' is a cell as it stands.
std::string row(const std::vector<std::string>& cells) {
  std::string text = "<row>";
  for (const std::string& cell : cells) {
    text += cell.empty()            ? "<c/>"
            : cell.starts_with('<') ? cell
                                    : "<c t=\"inlineStr\"><is><t>" + cell + "</t></is></c>";
  }
  return text + "</row>";
}
const std::string kHeader = row({"Member ID", "Last Name", "First Name", "DOB", "SSN", "Zip"});

Exposure resolved(FileFindings findings) {
  std::vector<NamedFindings> files;
  files.push_back({"a.xlsx", std::move(findings)});
  return resolve(std::move(files), {}, {.as_of = kToday});
}
Exposure resolve_book(const Book& book) {
  return resolved(analyse_packed(bytes_of(book), "a.xlsx"));
}

TEST(Sheets, SerialNumbersAreDays) {
  EXPECT_EQ(day_of_serial(1, false), "1900-01-01");
  EXPECT_EQ(day_of_serial(59, false), "1900-02-28");
  EXPECT_EQ(day_of_serial(60, false), "1900-02-29");
  EXPECT_EQ(day_of_serial(61, false), "1900-03-01");
  EXPECT_EQ(day_of_serial(27'097, false), "1974-03-09");
  EXPECT_EQ(day_of_serial(27'097.75, false), "1974-03-09");
  EXPECT_EQ(day_of_serial(0, true), "1904-01-01");
  EXPECT_EQ(day_of_serial(27'097 - 1462, true), "1974-03-09");
  EXPECT_EQ(day_of_serial(-1, false), "");
  EXPECT_EQ(day_of_serial(3e9, false), "");
}

TEST(Sheets, FormatsSayWhatANumberIs) {
  EXPECT_TRUE(shape_of("mm/dd/yyyy").date);
  EXPECT_TRUE(shape_of("[$-409]d\\-mmm\\-yy;@").date);
  EXPECT_FALSE(shape_of("\"day \"0").date);
  EXPECT_FALSE(shape_of("[Red]0.00").date);
  EXPECT_EQ(shape_of("000-00-0000").digits, 9U);
  EXPECT_EQ(shape_of("00000000").digits, 8U);
  EXPECT_EQ(shape_of("#,##0.00").digits, 0U);
}

TEST(Sheets, CellsAreWhatAPersonSees) {
  const Exposure exposure = resolve_book(
      {.sheets = {kHeader +
                  // Shared and rich strings, a date by its format, an SSN that lost a zero.
                  row({"<c><v>10000017</v></c>", "<c t=\"s\"><v>1</v></c>",
                       "<c t=\"s\"><v>0</v></c>", "<c s=\"1\"><v>27097</v></c>",
                       "<c s=\"3\"><v>12341234</v></c>", "<c><v>2139</v></c>"}) +
                  // What a program wrote as a float, a formula's text, an own format of dates.
                  row({"<c><v>1.0000018E7</v></c>", "<c t=\"str\"><f>A1</f><v>ROE</v></c>", "ED",
                       "<c s=\"2\"><v>27396.0</v></c>", "<c s=\"4\"><v>212341235.0000000</v></c>",
                       "<c><v>65401</v></c>"}) +
                  // No format at all: the column says that it is a day, and what has lost a zero.
                  row({"M3", "POE", "AL", "<c><v>27761</v></c>", "<c><v>12341236</v></c>",
                       "65401"})},
       .strings =
           "<si><t>JANE</t><rPh><t>x</t></rPh></si><si><r><t>DO</t></r><r><t>E</t></r></si>"});
  EXPECT_EQ(exposure.roles[0].count, 3U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  EXPECT_EQ(jane->dates_of_birth, std::vector<std::string>{"1974-03-09"});
  EXPECT_TRUE(has_identifier(*jane, IdentifierType::kSsn, "012341234"));
  EXPECT_TRUE(has_identifier(*jane, IdentifierType::kMemberId, "10000017"));
  EXPECT_EQ(jane->addresses.at(0).postal_code, "02139");
  const Person* ed = find_named(exposure, "ED", "ROE");
  ASSERT_NE(ed, nullptr);
  EXPECT_EQ(ed->dates_of_birth, std::vector<std::string>{"1975-01-02"});
  EXPECT_TRUE(has_identifier(*ed, IdentifierType::kMemberId, "10000018"));
  EXPECT_TRUE(has_identifier(*ed, IdentifierType::kSsn, "212341235"));
  const Person* al = find_named(exposure, "AL", "POE");
  ASSERT_NE(al, nullptr);
  EXPECT_EQ(al->dates_of_birth, std::vector<std::string>{"1976-01-02"});
  EXPECT_TRUE(has_identifier(*al, IdentifierType::kSsn, "012341236"));
  EXPECT_TRUE(exposure.complete());
}

TEST(Sheets, YearsOf1904) {
  const Exposure exposure = resolve_book(
      {.sheets = {kHeader + row({"M1", "DOE", "JANE", "<c s=\"1\"><v>25635</v></c>", "", ""})},
       .properties = "date1904=\"1\""});
  EXPECT_EQ(only_member(exposure).dates_of_birth, std::vector<std::string>{"1974-03-09"});
}

TEST(Sheets, EvidenceIsWhereTheCellStands) {
  const std::string sheet =
      kHeader + row({"M1", "DOE", "JANE", "1974-03-09", "<c><v>212341234</v></c>", ""});
  FileFindings findings = analyse_packed(bytes_of({.sheets = {sheet}}), "a.xlsx");
  EXPECT_EQ(told(findings), "xl/worksheets/sheet1.xml: xlsx\n");
  EXPECT_EQ(findings.report.format, "xlsx");
  const std::string text = "<?xml version=\"1.0\"?><worksheet xmlns=\"x\"><sheetData>" + sheet +
                           "</sheetData></worksheet>";
  EXPECT_EQ(findings.members[0].findings.report.bytes, text.size());
  const Exposure exposure = resolved(std::move(findings));
  EXPECT_EQ(exposure.files[1].file, "a.xlsx!xl/worksheets/sheet1.xml");
  unsigned seen = 0;
  for (const PersonEvidence& place : only_member(exposure).exposures.at(0).evidence) {
    const std::string value = text.substr(place.offset, place.length);
    if (place.element == Element::kSsn) {
      EXPECT_EQ(value, "212341234");
      EXPECT_EQ(place.where, "SSN");
    }
    if (place.element == Element::kDateOfBirth) {
      EXPECT_EQ(value, "1974-03-09");
    }
    ++seen;
  }
  EXPECT_GE(seen, 3U);
}

TEST(Sheets, TitlesNotesAndRepeatedHeadersAreNoPersons) {
  const Exposure exposure = resolve_book(
      {.sheets = {row({"Extract of all clients"}) + row({"Made on", "2026-11-24"}) + row({}) +
                  kHeader + row({"M1", "DOE", "JANE", "1974-03-09", "", ""}) + kHeader +
                  row({"M2", "ROE", "ED", "1975-01-02", "", ""}) + row({"end of the extract"})}});
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_FALSE(exposure.complete()) << "what stands above and below is said";
  EXPECT_THAT(exposure.files[1].report.recognised_by, HasSubstr("sheet S1, header in row 4"));
}

TEST(Sheets, HeadersOfTwoRows) {
  const Exposure exposure = resolve_book(
      {.sheets = {row({"Patient", "", "", "Subscriber", "", ""}) +
                  row({"Last Name", "First Name", "DOB", "Last Name", "First Name", "Member ID"}) +
                  row({"DOE", "JANE", "1974-03-09", "DOE", "JOHN", "M1"})}});
  ASSERT_NE(find_named(exposure, "JANE", "DOE"), nullptr);
  ASSERT_NE(find_named(exposure, "JOHN", "DOE"), nullptr);
  EXPECT_TRUE(find_named(exposure, "JANE", "DOE")->elements.has(Element::kDateOfBirth));
  EXPECT_FALSE(find_named(exposure, "JOHN", "DOE")->elements.has(Element::kDateOfBirth));
  EXPECT_TRUE(exposure.complete());
  // Names of groups beside columns that are none, over both rows.
  const Exposure spanned =
      resolve_book({.sheets = {row({"SSN", "Name", "", "DOB"}) + row({"", "Last", "First", ""}) +
                               row({"212341234", "DOE", "JANE", "1974-03-09"})}});
  const Person* jane = find_named(spanned, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  EXPECT_TRUE(has_identifier(*jane, IdentifierType::kSsn, "212341234"));
}

TEST(Sheets, HiddenSheetsAreRead) {
  const Exposure exposure =
      resolve_book({.sheets = {kHeader + row({"M1", "DOE", "JANE", "1974-03-09", "", ""}), "",
                               row({"only", "texts"})},
                    .state = "state=\"veryHidden\""});
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_THAT(exposure.files[1].report.recognised_by, HasSubstr("sheet S1, hidden, header"));
  EXPECT_TRUE(exposure.files[2].report.complete()) << "nothing is in it";
  EXPECT_FALSE(exposure.files[3].report.complete()) << "no header: not understood";
}

TEST(Sheets, OtherPartsAreSaid) {
  const std::string bytes = bytes_of(
      {.sheets = {kHeader},
       .more = {{"xl/comments1.xml", "<comments>Jane</comments>"}, {"docProps/core.xml", "<x/>"}}});
  const FileFindings findings = analyse_packed(bytes, "a.xlsx");
  EXPECT_THAT(told(findings), HasSubstr("xl/comments1.xml: "));
  EXPECT_EQ(told(findings).find("docProps"), std::string::npos);
  EXPECT_FALSE(findings.complete());
}

TEST(Sheets, EntitiesAndDepthAreRefused) {
  const auto with = [](const std::string& sheet) {
    return packed(
        {{"[Content_Types].xml", "<Types/>"},
         {"xl/workbook.xml", "<workbook><sheets><sheet name=\"S\" id=\"r\"/></sheets></workbook>"},
         {"xl/_rels/workbook.xml.rels",
          "<R><Relationship Id=\"r\" Type=\"/worksheet\" Target=\"/xl/worksheets/s.xml\"/></R>"},
         {"xl/worksheets/s.xml", sheet}});
  };
  const FileFindings laughs = analyse_packed(
      with("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><worksheet>&b;</worksheet>"),
      "a.xlsx");
  ASSERT_EQ(laughs.members.size(), 1U) << told(laughs);
  EXPECT_FALSE(laughs.complete());
  EXPECT_THAT(laughs.members[0].findings.report.not_understood.at(0).reason,
              HasSubstr("declares a document type"));
  std::string deep = "<worksheet>";
  for (int i = 0; i < 1000; ++i)
    deep += "<a>";
  EXPECT_THAT(analyse_packed(with(deep), "a.xlsx")
                  .members.at(0)
                  .findings.report.not_understood.at(0)
                  .reason,
              HasSubstr("nested too deep"));
  const std::string endless = "<worksheet a=\"" + std::string(20 << 20, 'x');
  EXPECT_THAT(analyse_packed(with(endless), "a.xlsx")
                  .members.at(0)
                  .findings.report.not_understood.at(0)
                  .reason,
              HasSubstr("has no end"));
}

// Where a sheet is cut off, what came before is read, and the rest is said.
TEST(Sheets, DamageCostsOnlyTheRest) {
  const std::string good = kHeader + row({"M1", "DOE", "JANE", "1974-03-09", "", ""});
  const Exposure exposure = resolve_book({.sheets = {good + "<row><c></row>"}});
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_FALSE(exposure.complete());
}

TEST(Sheets, MissingStringsAreSaid) {
  const Exposure exposure = resolve_book(
      {.sheets = {kHeader + row({"M1", "DOE", "<c t=\"s\"><v>7</v></c>", "1974-03-09", "", ""})}});
  EXPECT_FALSE(exposure.complete());
}

// Two columns that change places change the answer.
TEST(Sheets, SwappedColumnsAreSeen) {
  const std::string swapped = row({"Member ID", "First Name", "Last Name", "DOB", "SSN", "Zip"});
  const std::string person = row({"M1", "DOE", "JANE", "1974-03-09", "", ""});
  EXPECT_NE(find_named(resolve_book({.sheets = {kHeader + person}}), "JANE", "DOE"), nullptr);
  EXPECT_NE(find_named(resolve_book({.sheets = {swapped + person}}), "DOE", "JANE"), nullptr);
}

class Writers : public testing::TestWithParam<const char*> {};

TEST_P(Writers, SayTheSame) {
  const std::string path =
      (fs::temp_directory_path() / fmt::format("bulkhead-{}-{}.xlsx", GetParam(), ::getpid()))
          .string();
  const std::string command =
      fmt::format("/usr/bin/python3 {}/exposure/write_workbook.py {} {} 2>/dev/null",
                  BULKHEAD_TEST_DATA, GetParam(), path);
  const int status = std::system(command.c_str());
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "python3-" << GetParam() << " is not installed";
  ASSERT_EQ(status, 0);
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  fs::remove(path);
  const Exposure exposure = resolved(analyse_packed(bytes.str(), "a.xlsx"));
  EXPECT_EQ(exposure.roles[0].count, 3U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  EXPECT_EQ(jane->dates_of_birth, std::vector<std::string>{"1974-03-09"});
  EXPECT_TRUE(has_identifier(*jane, IdentifierType::kSsn, "012341234"));
  EXPECT_EQ(jane->addresses.at(0).postal_code, "02139");
  EXPECT_NE(find_named(exposure, "AL", "POE"), nullptr) << "of the hidden sheet";
}
INSTANTIATE_TEST_SUITE_P(Sheets, Writers, testing::Values("openpyxl", "xlsxwriter"));

TEST(Sheets, SamplesOfOthers) {
  const fs::path folder = fs::path(BULKHEAD_SOURCE_DIR) / "../shared/data/dev/xlsx";
  if (!fs::exists(folder))
    GTEST_SKIP() << "no sample files at ../shared/data/dev: nothing is checked";
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const FileFindings findings = analyse_packed(bytes.str(), entry.path().filename().string());
    EXPECT_EQ(findings.report.format, "xlsx") << entry.path();
    // Flowers, cars and paper clips are nobody.
    if (entry.path().filename().string().starts_with("readxl")) {
      for (const MemberFindings& member : findings.members)
        EXPECT_EQ(member.findings.persons.size(), 0U) << entry.path() << " " << member.name;
    }
  }
}

}  // namespace
}  // namespace bulkhead::exposure::test
