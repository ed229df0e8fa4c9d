#include <gtest/gtest.h>

#include "exposure/readers/ncpdp_syntax.h"
#include "exposure/readers/ncpdp_table.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

// Written with | for FS, ^ for RS and # for GS.
std::string telecom(std::string text) {
  for (char& c : text)
    c = c == '|' ? kNcpdpField : c == '^' ? kNcpdpSegment : c == '#' ? kNcpdpGroup : c;
  return text;
}

const std::string kHeader = "610442D0B1MOMEDICAID1011427051234     20230526SW1       ";
const std::string kPatient =
    "^|AM01|CX01|CY212341234|C419740309|C52|CAJANE|CBDOE|CM1 MAIN "
    "ST|CNROLLA|COMO|CP65401|CQ5735550123";
const std::string kInsurance = "^|AM04|C2W123456789|C1GRP1|C301|C61";
const std::string kClaim =
    "#^|AM07|EM1|D2000000012345|E103|D700093505601|E730000^|AM03|EZ01|DB1234567893|DRCURE|2JANN^|"
    "AM13|WE02|DOF1120";

void expect_jane(const std::string& text, const char* variant) {
  const Exposure exposure = resolve_text(text);
  const Person& jane = only_member(exposure);
  EXPECT_EQ(jane.names, (std::vector<PersonName>{{"JANE", "", "DOE", ""}})) << variant;
  EXPECT_EQ(jane.dates_of_birth, std::vector<std::string>{"1974-03-09"}) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kSsn, "212341234")) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMemberId, "W123456789")) << variant;
  for (const Element element : {Element::kPrescription, Element::kDiagnosis,
                                Element::kTreatingProvider, Element::kAddress, Element::kPhone})
    EXPECT_TRUE(jane.elements.has(element)) << variant << " " << to_string(element);
  EXPECT_EQ(jane.sensitive, static_cast<SensitivitySet>(Sensitivity::kSubstanceUse)) << variant;
  EXPECT_EQ(exposure.roles[2].count, 1U) << variant;
  EXPECT_TRUE(exposure.complete()) << variant << exposure.files[0].report.bytes_not_understood;
  for (const PersonEvidence& place : jane.exposures[0].evidence) {
    const std::string bytes = ncpdp_plain(text.substr(place.offset, place.length));
    if (place.where == "304-C4") {
      EXPECT_NE(bytes.find("19740309"), std::string::npos) << variant;
    }
    if (place.where == "401-D1") {
      EXPECT_EQ(bytes, "20230526") << variant;
    }
  }
}

TEST(NcpdpSyntax, Variants) {
  const std::string body = kPatient + kInsurance + kClaim;
  const std::string one = telecom(kHeader + body);
  expect_jane(one, "one transmission");
  expect_jane(one + "\r\n", "with a line end");
  expect_jane(replaced(one, telecom("^|AM"), telecom("^AM")), "no FS before AM");
  expect_jane(telecom(kHeader + body.substr(2)), "no separator behind the header");
  expect_jane(replaced(one, "0", "\xC3\x98"), "stroked zeros, UTF-8");
  expect_jane(replaced(one, "0", "\xD8"), "stroked zeros, Latin-1");
  expect_jane(replaced(one, "D0B1", "51B1"), "version 5.1");
  expect_jane(one + one, "one behind the other");
  expect_jane(one + "\n" + one + "\n", "one a line");
  const std::string batch_head =
      std::string("\x02") + "00TPHARMACY" + std::string(40, ' ') + "12\x03\r\n";
  const std::string record = std::string("\x02") + "G10000000001" + one + "\x03\r\n";
  expect_jane(batch_head + record + record + "\x02" + "9900000010000000002\x03\r\n", "batch");
  expect_jane(batch_head + record.substr(0, record.size() - 3) + record, "batch without ETX");
}

TEST(NcpdpSyntax, Headers) {
  EXPECT_TRUE(ncpdp_header(kHeader));
  EXPECT_TRUE(ncpdp_header("D0B11A011427051234     20230526")->response);
  EXPECT_FALSE(ncpdp_header("61044XD0B1MOMEDICAID1011427051234     20230526SW1       "));
  EXPECT_FALSE(ncpdp_header("D0B11Z011427051234     "));
  EXPECT_FALSE(ncpdp_header("short"));
  EXPECT_FALSE(looks_like_ncpdp(kHeader));  // without a single separator
}

TEST(NcpdpSyntax, BlocksCutAnywhere) {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text +=
        "\x02"
        "G10000000001" +
        telecom(kHeader + replaced(kPatient, "212341234", std::to_string(212'000'001 + i)) +
                std::string(static_cast<std::size_t>(i % 40), ' ')) +
        "\x03\n";
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.persons.size(), 3000U);
  EXPECT_EQ(findings.report.bytes_not_understood, 0U);
}

TEST(NcpdpDamage, OnlyTheDamagedTransmissionIsLost) {
  const std::string good = telecom(kHeader + kPatient);
  const std::string john = replaced(replaced(good, "JANE", "JOHN"), "212341234", "212341235");
  const std::string bad = replaced(replaced(good, "JANE", "MARY"), "D0B1", "XXB1");
  const auto framed = [](const std::string& text) {
    return "\x02"
           "G10000000001" +
           text + "\x03\n";
  };
  const Exposure exposure = resolve_text(framed(good) + framed(bad) + framed(john));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(find_named(exposure, "MARY", "DOE"), nullptr);
  EXPECT_GT(exposure.files[0].report.bytes_not_understood, 100U);
  EXPECT_LT(exposure.files[0].report.bytes_not_understood, bad.size());
  const Exposure lines = resolve_text(good + "\n" + bad + "\n" + john + "\n");
  EXPECT_NE(find_named(lines, "JOHN", "DOE"), nullptr);
}

TEST(NcpdpDamage, FieldsAndSegmentsThatNobodyKnows) {
  EXPECT_FALSE(resolve_text(telecom(kHeader + kPatient + "^|AM99|D21")).complete());
  EXPECT_FALSE(resolve_text(telecom(kHeader + kPatient + "|1975")).complete());
  EXPECT_FALSE(
      resolve_text(telecom(kHeader + kPatient + "|" + std::string(300'000, 'x') + kInsurance))
          .complete());
}

std::uint64_t missed(const std::string& text) {
  return resolve_text(text).files[0].report.bytes_not_understood;
}

// Text that lies where nothing should: behind a segment's name, and behind a batch's records.
TEST(NcpdpDamage, TextBehindNames) {
  const std::string text = "JANE DOE 212341234";
  EXPECT_EQ(missed(telecom(kHeader + "^|AM01" + text + "|CAJANE|CBDOE")), text.size());
  EXPECT_EQ(missed(telecom(kHeader + "AM01" + text + "|CAJANE|CBDOE")), text.size());
  EXPECT_EQ(missed(telecom(kHeader + kPatient + "^AM04  \r\n")), 0U);
}

TEST(NcpdpDamage, TextBehindBatchRecords) {
  const std::string text = "JANE DOE 212341234";
  const std::string head =
      "\x02"
      "00T" +
      std::string(24, 'P') +
      "0000001"
      "202305260200"
      "1"
      "12" +
      std::string(24, 'R');
  const std::string end =
      "\x02"
      "99"
      "0000001"
      "0000000001" +
      std::string(35, 'M');
  const std::string record =
      "\x02"
      "G10000000001" +
      telecom(kHeader + kPatient) + "\x03\r\n";
  EXPECT_EQ(missed(head + "\x03\r\n" + record + end + "\x03\r\n"), 0U);
  EXPECT_EQ(missed(head + text + "\x03\r\n" + record + end + text + "\x03\r\n"), 2 * text.size());
  // Fields and segments there are nobody's.
  const std::string fields = telecom("^|AM01|CAJANE|CBDOE");
  EXPECT_EQ(missed(head + fields + "\x03\r\n" + record), fields.size() - 4);
  EXPECT_EQ(missed(record + fields), fields.size() - 4);
}

TEST(NcpdpMutation, ChangesAreSeen) {
  const std::string good = kHeader + kPatient + kInsurance + kClaim;
  const std::string before = persons_ndjson(resolve_text(telecom(good)));
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"|CAJANE|CBDOE", "|CADOE|CBJANE"},  // two fields swapped
           {"|CX01|CY", "|CY"},                 // a qualifier dropped
           {kPatient, ""},                      // a segment dropped
           {"|C419740309", "|419740309"},       // shifted by one byte
           {"|C4197", "C4197"},                 // a separator lost
           {"610442", "61044"}}) {              // the header shifted
    const Exposure exposure = resolve_text(telecom(replaced(good, what, with)));
    EXPECT_TRUE(persons_ndjson(exposure) != before || !exposure.complete()) << what;
  }
}

// One family's number: the person code tells a child from another, where no name does.
TEST(NcpdpPersons, PersonCodes) {
  const auto claim = [](const char* person, const char* born, const char* rx) {
    return telecom(kHeader + "^|AM01|C4" + born + "^|AM04|C2W1234567|C3" + person + "#^|AM07|D2" +
                   rx) +
           "\n";
  };
  EXPECT_EQ(
      resolve_text(claim("03", "20100101", "1") + claim("04", "20120101", "2")).roles[0].count, 2U);
  EXPECT_EQ(
      resolve_text(claim("03", "20100101", "1") + claim("03", "20100101", "2")).roles[0].count, 1U);
}

TEST(NcpdpPersons, ReversalsAndAnswersJoinTheirClaim) {
  const std::string claim = telecom(kHeader + kPatient + kInsurance + kClaim) + "\n";
  const std::string reversal =
      telecom(replaced(kHeader, "B1", "B2") + "^|AM04|C2W123456789#^|AM07|EM1|D212345") + "\n";
  const std::string answer =
      telecom(
          "D0B11A011427051234     "
          "20230526^|AM25|C2W123456789#^|AM21|ANP^|AM22|EM1|D2000000012345") +
      "\n";
  EXPECT_EQ(resolve_text(claim + reversal).roles[0].count, 1U);
  EXPECT_EQ(resolve_texts({{"requests", claim}, {"answers", answer}}).roles[0].count, 1U);
}

TEST(NcpdpPersons, CardholderIsSomebodyElse) {
  const Exposure exposure =
      resolve_text(telecom(kHeader + replaced(kPatient, "JANE", "JIMMY") +
                           "^|AM04|C2W123456789|CCJAMES|CDDOE|C302|C63" + kClaim));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* const child = find_named(exposure, "JIMMY", "DOE");
  const Person* const father = find_named(exposure, "JAMES", "DOE");
  ASSERT_TRUE(child != nullptr && father != nullptr);
  EXPECT_TRUE(child->elements.has(Element::kDiagnosis));
  EXPECT_FALSE(father->elements.has(Element::kDiagnosis));
  EXPECT_TRUE(has_identifier(*father, IdentifierType::kMemberId, "W123456789"));
}

TEST(NcpdpPersons, CardholderIsThePatient) {
  const Exposure exposure = resolve_text(
      telecom(kHeader + "^|AM01|C419740309^|AM04|C2W123456789|CCJANE|CDDOE|C61" + kClaim));
  EXPECT_EQ(only_member(exposure).names, (std::vector<PersonName>{{"JANE", "", "DOE", ""}}));
}

TEST(NcpdpPersons, ProceduresAndPrescriptions) {
  const Person vaccine =
      only_member(resolve_text(telecom(kHeader + kPatient + "#^|AM07|E107|D790658")));
  EXPECT_TRUE(vaccine.elements.has(Element::kProcedure));
  EXPECT_FALSE(vaccine.elements.has(Element::kPrescription));
}

TEST(NcpdpPersons, AnswersWithoutAPatientAreNobody) {
  const Exposure exposure =
      resolve_text(telecom("D0B11R011427051234     20230526#^|AM21|ANR|FB99"));
  EXPECT_TRUE(exposure.persons.empty());
  EXPECT_TRUE(exposure.complete());
}

TEST(NcpdpPersons, FillersAndMasks) {
  const Person one = only_member(resolve_text(telecom(
      kHeader + replaced(replaced(kPatient, "212341234", "999999999"), "JANE", "XXXX") + kClaim)));
  EXPECT_FALSE(one.elements.has(Element::kSsn));
}

TEST(NcpdpTable, EveryRuleNamesAKnownSegment) {
  const std::string known = " " + std::string(ncpdp_known_segments()) + " ";
  for (const NcpdpFieldRule& rule : ncpdp_field_rules()) {
    EXPECT_NE(known.find(" " + std::string(rule.segment) + " "), std::string::npos) << rule.number;
    EXPECT_EQ(rule.number.substr(4), rule.field) << rule.number;
  }
}

}  // namespace
}  // namespace bulkhead::exposure::test
