#include <gtest/gtest.h>

#include "exposure/readers/hl7_syntax.h"
#include "exposure/readers/hl7_table.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

std::string header(std::string_view event = "ADT^A01", std::string_view rest = "|1|P|2.5") {
  return "MSH|^~\\&|REG|RIVER|IF|ENGINE|20230526101500||" + std::string(event) + std::string(rest) +
         "\r";
}
const std::string kPid =
    "PID|1||4711^^^RIVER^MR~12345678^^^MO HEALTHNET^MA||DOE^JANE^M^^^^L||19740309|F|||1 MAIN "
    "ST^^ROLLA^MO^65401||"
    "^PRN^PH^^^573^5550123||||||212341234\r";

// Jane, read wholly: what every variant of the syntax must give.
void expect_jane(const std::string& text, const char* variant) {
  const Exposure exposure = resolve_text(text);
  const Person& jane = only_member(exposure);
  EXPECT_EQ(jane.names, (std::vector<PersonName>{{"JANE", "M", "DOE", ""}})) << variant;
  EXPECT_EQ(jane.dates_of_birth, std::vector<std::string>{"1974-03-09"}) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kSsn, "212341234")) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMedicalRecordNumber, "4711")) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMemberId, "12345678")) << variant;
  EXPECT_EQ(jane.phones, std::vector<std::string>{"5735550123"}) << variant;
  EXPECT_EQ(words(jane.elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn,
                            Element::kMemberId, Element::kMedicalRecordNumber, Element::kAddress,
                            Element::kPhone, Element::kDemographics})))
      << variant;
  EXPECT_TRUE(exposure.complete()) << variant;
  for (const PersonEvidence& place : jane.exposures[0].evidence) {
    const std::string bytes = text.substr(place.offset, place.length);
    if (place.element == Element::kSsn) {
      EXPECT_EQ(bytes, "212341234") << variant;
    }
    if (place.element == Element::kDateOfBirth) {
      EXPECT_EQ(bytes, "19740309") << variant;
    }
    if (place.element == Element::kMedicalRecordNumber) {
      EXPECT_EQ(bytes, "4711") << variant;
    }
    if (place.element == Element::kPhone) {
      EXPECT_EQ(bytes.substr(0, 3), "573") << variant;
    }
  }
}

std::string translated(std::string text, std::string_view to) {
  for (char& c : text) {
    const std::size_t at = std::string_view("|^~\\&").find(c);
    if (at != std::string_view::npos) c = to[at];
  }
  return text;
}

TEST(Hl7Syntax, Variants) {
  const std::string plain = header() + kPid;
  expect_jane(plain, "CR");
  expect_jane(replaced(plain, "\r", "\n"), "LF");
  expect_jane(replaced(plain, "\r", "\r\n"), "CR LF");
  expect_jane(replaced(plain, "\r", "\r\n\r\n"), "blank lines");
  expect_jane("\xEF\xBB\xBF" + plain, "byte order mark");
  expect_jane("\x0B" + plain + "\x1C\r", "MLLP");
  expect_jane("\x0B" + plain.substr(0, plain.size() - 1) + "\x1C\r", "MLLP without the last CR");
  expect_jane("FHS|^~\\&|A\rBHS|^~\\&|A\r" + plain + "BTS|1\rFTS|1\r", "batch");
  expect_jane(plain.substr(0, plain.size() - 1), "no last CR");
  expect_jane(translated(plain, "^~|\\&"), "field separator ^");
  expect_jane(replaced(plain, "|^~\\&|", "|^~\\}|"), "subcomponent }");
  expect_jane(replaced(plain, "|^~\\&|", "|^~\\\\&|"), "escaped escape");
  expect_jane(replaced(plain, "|^~\\&|", "|^~\\&#|"), "truncation character");
  expect_jane(translated(plain, "!$%?*"), "others");
  expect_jane(plain + header("ADT^A08", "|2|P|2.5") + kPid, "two messages");
}

TEST(Hl7Syntax, DelimitersOfEachMessage) {
  const std::string john = translated(
      replaced(replaced(header() + kPid, "JANE", "JOHN"), "19740309", "19500101"), "^~|\\&");
  const Exposure exposure = resolve_text(
      header() + kPid + replaced(replaced(john, "4711", "4712"), "212341234", "212341235"));
  EXPECT_NE(find_named(exposure, "JANE", "DOE"), nullptr);
  EXPECT_NE(find_named(exposure, "JOHN", "DOE"), nullptr);
}

TEST(Hl7Syntax, Separators) {
  EXPECT_FALSE(hl7_delimiters("MSHA^~\\&"));
  EXPECT_FALSE(hl7_delimiters("MSH,,name"));
  EXPECT_FALSE(hl7_delimiters("MSH|abc|"));
  EXPECT_FALSE(hl7_delimiters("PID|^~\\&|"));
  EXPECT_EQ(hl7_delimiters("MSH|^|")->repetition, '~');
  EXPECT_EQ(hl7_delimiters("MSH|^~\\&#&|")->subcomponent, '&');  // v2.7's five, one twice
  EXPECT_FALSE(hl7_delimiters("MSH|^~\\&#@|"));
  EXPECT_EQ(hl7_delimiters("MSH~^~")->repetition, '\0');  // taken by the fields
}

TEST(Hl7Syntax, Escapes) {
  std::string out;
  hl7_unescape("A\\T\\B\\F\\C\\S\\D\\R\\E\\E\\F\\X4A4f\\\\.br\\G\\H\\x\\N\\ \\Zq\\ \\end", {}, out);
  EXPECT_EQ(out, "A&B|C^D~E\\FJO Gx \\Zq\\ \\end");
  const Exposure exposure = resolve_text(header() + replaced(kPid, "DOE^JANE", "O\\T\\BRIEN^JANE"));
  EXPECT_NE(find_named(exposure, "JANE", "O&BRIEN"), nullptr);
}

TEST(Hl7Syntax, Latin1AndUtf8) {
  EXPECT_NE(find_named(resolve_text(header() + replaced(kPid, "DOE^", "MU\xD1OZ^")), "JANE",
                       "MU\xC3\x91OZ"),
            nullptr);
  EXPECT_NE(find_named(resolve_text(header() + replaced(kPid, "DOE^", "MU\xC3\x91OZ^")), "JANE",
                       "MU\xC3\x91OZ"),
            nullptr);
}

// A line feed in a value, where segments end with CR.
TEST(Hl7Syntax, LineEndInsideAValue) {
  const Exposure exposure = resolve_text(header() + replaced(kPid, "1 MAIN ST", "1 MAIN\nST"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_TRUE(has_identifier(only_member(exposure), IdentifierType::kSsn, "212341234"));
}

TEST(Hl7Syntax, TextOverSeveralLines) {
  const Exposure exposure = resolve_text(
      replaced(header() + kPid + "OBX|1|TX|X||first\nsecond line\n\nthird|||\r", "\r", "\n"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_TRUE(only_member(exposure).elements.has(Element::kClinical));
}

// A text of some lines is a text; thousands of them may hold anything.
TEST(Hl7Damage, TextWithoutEndIsReported) {
  for (const char* const segment : {"NTE|1||first\r", "OBX|1|TX|X||first\r", "ZPI|1|first\r"}) {
    std::string lines;
    for (int i = 0; i < 5000; ++i)
      lines += "DOE JANE " + std::to_string(212'340'000 + i) + "\r";
    const Exposure exposure = resolve_text(header() + kPid + segment + lines);
    EXPECT_GT(exposure.files[0].report.bytes_not_understood, lines.size() * 8 / 10) << segment;
  }
}

// Base64 in lines, as MIME writes it, and in one whose component was forgotten.
TEST(Hl7Damage, DocumentsInLinesAreReported) {
  const std::string line = std::string(76, 'Q') + "\r";
  const auto missed = [&](const std::string& document) {
    const Exposure exposure = resolve_text(header() + kPid + document + "DG1|1|I10|E11.9\r");
    EXPECT_TRUE(only_member(exposure).elements.has(Element::kDiagnosis));
    return exposure.files[0].report.bytes_not_understood;
  };
  EXPECT_EQ(missed("OBX|1|ED|PDF||^AP^PDF^Base64^" + line + line + line), 3U * 76);
  EXPECT_EQ(missed("OBX|1|ED|PDF||" + std::string(900, 'Q') + "\r"), 900U);
  EXPECT_EQ(missed("OBX|1|ED|PDF||^AP^PDF^Base64^" + std::string(900, 'Q') + "\r" + line),
            900U + 76);
  EXPECT_EQ(missed("OBX|1|ED|PDF||^AP^PDF^Base64^" + line), 0U);  // smaller than a document is
}

TEST(Hl7Syntax, BlocksCutAnywhere) {
  std::string text;
  for (int i = 0; i < 4000; ++i) {
    text +=
        header() + replaced(replaced(kPid, "4711", std::to_string(100'000 + i)), "212341234", "");
    text = replaced(std::move(text), "unused", "");
    if (i % 100 == 0) text += "OBX|1|TX|X||" + std::string(static_cast<std::size_t>(i), 'x') + "\r";
  }
  text = replaced(text, "12345678^^^MO HEALTHNET^MA", "");
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.persons.size(), 4000U);
  EXPECT_EQ(findings.report.bytes_not_understood, 0U);
}

TEST(Hl7Damage, OnlyTheDamagedMessageIsLost) {
  const std::string john = replaced(
      replaced(replaced(header() + kPid, "JANE", "JOHN"), "4711", "4712"), "212341234", "");
  const std::string broken = "MSH|a^~\\&|REG\rPID|1||1^^^RIVER||ROE^MARY\r";
  const Exposure exposure =
      resolve_text(header() + kPid + broken + replaced(john, "12345678", "87654321"));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, broken.size() - 2);  // but for line ends
  EXPECT_FALSE(exposure.complete());
}

TEST(Hl7Damage, GarbageBeforeTheFirstMessage) {
  const Exposure exposure = resolve_text("garbage\r" + header() + kPid);
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 7U);
}

TEST(Hl7Damage, LostSegmentEnd) {
  const std::string text =
      replaced(header() + kPid, "212341234\r", "212341234") +
      replaced(replaced(replaced(header() + kPid, "JANE", "JOHN"), "4711", "4712"), "212341234",
               "");
  const Exposure exposure = resolve_text(replaced(text, "12345678^^^MO HEALTHNET^MA", ""));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_FALSE(exposure.files[0].report.warnings.empty());
}

TEST(Hl7Damage, AHeadersNameAtTheEndOfASegment) {  // found by fuzzing
  EXPECT_TRUE(resolve_text(header() + kPid + "NTE|1||MSH\r").complete());
}

TEST(Hl7Damage, UnknownSegmentIsReported) {
  const Exposure exposure = resolve_text(header() + kPid + "QQQ|1\r");
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 5U);
}

TEST(Hl7Damage, HugeSegment) {
  const std::string document = "OBX|1|ED|PDF||^AP^PDF^Base64^" + std::string(900'000, 'Q') + "\r";
  const Exposure exposure = resolve_text(header() + kPid + document + "DG1|1|I10|E11.9\r");
  EXPECT_FALSE(exposure.complete());
  EXPECT_GT(exposure.files[0].report.bytes_not_understood, 890'000U);
  EXPECT_TRUE(only_member(exposure).elements.has(Element::kDiagnosis));
}

// The sender's name and the patient's number are in every relative's row.
TEST(Hl7Damage, LongNamesOfSendersCostNothing) {
  std::string text = replaced(header(), "RIVER", std::string(100'000, 'R')) +
                     replaced(kPid, "4711", "4711" + std::string(50'000, '7'));
  for (int i = 0; i < 2000; ++i)
    text += "NK1|1|R" + std::to_string(i) + "\r";
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.persons.size(), 2001U);
  EXPECT_LT(encode(findings).size(), 4U * 1024 * 1024);
}

// A message in every 13 bytes and not one end of a segment: what was searched is not searched
// again, or this takes minutes.
TEST(Hl7Damage, HeadersWithoutSegmentEnds) {
  std::string text = header() + kPid;
  while (text.size() < 24U * 1024 * 1024)
    text += "BHS|^~\\&|ABC|";
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.persons.size(), 1U);
  EXPECT_FALSE(findings.report.warnings.empty());
}

// Changes that must not go by unseen: another answer, or bytes that were not understood.
TEST(Hl7Mutation, ChangesAreSeen) {
  const std::string good = header() + kPid + "DG1|1|I10|E11.9\r";
  const std::string before = persons_ndjson(resolve_text(good));
  const std::string moved = replaced(good, "MSH|", "MSH|");
  ASSERT_EQ(persons_ndjson(resolve_text(moved)), before);
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"|DOE^JANE^M^^^^L||19740309|", "|19740309||DOE^JANE^M^^^^L|"},  // two fields swapped
           {"DOE^JANE", "JANE^DOE"},                                        // two components
           {kPid, ""},                                                      // a segment dropped
           {"PID|", "ID|"},                                                 // shifted by one byte
           {"PID|1||4711", "PID|1|4711"},                                   // a separator lost
           {"MSH|", "SH|"}}) {
    const Exposure exposure = resolve_text(replaced(good, what, with));
    EXPECT_TRUE(persons_ndjson(exposure) != before || !exposure.complete()) << what;
  }
}

TEST(Hl7Numbers, TypesSayWhatTheyAre) {
  const Exposure exposure = resolve_text(header() +
                                         "PID|1|111^^^A|222^^^B^PI~212-34-1234^^^USA^SS~AB123^^^MO&"
                                         "1.2&ISO^DL~1EG4TE5MK73^^^CMS^MC~P77^^^USA^PPN~V1^^^A^VN~"
                                         "9^^^A^XX|333||DOE^JANE\r");
  const Person& jane = only_member(exposure);
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMedicalRecordNumber, "222"));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMedicalRecordNumber, "333"));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kSsn, "212341234"));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kDriversLicense, "AB123"));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMedicareId, "1EG4TE5MK73"));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kPassport, "P77"));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kAccountNumber, "V1"));
  EXPECT_FALSE(has_identifier(jane, IdentifierType::kMedicalRecordNumber, "9"));
}

// Italy's SSN is its health service: sixteen letters and digits.
TEST(Hl7Numbers, ALocalWordIsNoSsn) {
  const Person jane =
      only_member(resolve_text(header() + "PID|1||ZZZZZZ83M64Z148R^^^SSN^SSN||DOE^JANE\r"));
  EXPECT_FALSE(jane.elements.has(Element::kSsn));
}

TEST(Hl7Numbers, ProgrammesAreNamed) {
  const Person jane = only_member(resolve_text(header() + kPid));
  const auto at =
      std::find_if(jane.identifiers.begin(), jane.identifiers.end(),
                   [](const PersonIdentifier& id) { return id.type == IdentifierType::kMemberId; });
  ASSERT_NE(at, jane.identifiers.end());
  EXPECT_EQ(at->label, "DCN");
}

TEST(Hl7Persons, LinkedIdentitiesAreOnePerson) {
  const std::string two =
      "PID|1||1^^^A||SMITH^JOHN||19500101\rPID|2||2^^^A||SMITH^JACK||19500102\r";
  const Person one = only_member(resolve_text(header("ADT^A24") + two));
  EXPECT_TRUE(has_identifier(one, IdentifierType::kMedicalRecordNumber, "2"));
  EXPECT_EQ(resolve_text(header("ADT^A37") + two).roles[0].count, 2U);  // unlinked
  EXPECT_EQ(resolve_text(header("RSP^K22") + two).roles[0].count, 2U);  // an answer of several
}

TEST(Hl7Persons, MergedNumbersJoin) {
  const std::string before = header() + "PID|1||OLD1^^^A||MILLER^ANN||19800101\r";
  const std::string after = header() + "PID|1||NEW1^^^A||SMITH^ANN||19800101\r";
  const std::string merge =
      header("ADT^A40") + "PID|1||NEW1^^^A||SMITH^ANN||19800101\rMRG|OLD1^^^A||||||MILLER^ANN\r";
  EXPECT_EQ(resolve_text(before + after).roles[0].count, 2U);
  EXPECT_EQ(resolve_text(before + after + merge).roles[0].count, 1U);
}

// A44 moves an account that was booked on the wrong patient: two persons.
TEST(Hl7Persons, MovedAccountsDoNotJoin) {
  const std::string wrong = header() + "PID|1||7^^^A||ROE^RICHARD||19600101\r";
  const std::string move =
      header("ADT^A44") + "PID|1||8^^^A||DOE^JANE||19740309\rMRG|7^^^A||99||||ROE^RICHARD\r";
  EXPECT_EQ(resolve_text(wrong + move).roles[0].count, 2U);
}

TEST(Hl7Persons, NextOfKinAndGuarantor) {
  const std::string kin =
      "NK1|1|DOE^JOHN|FTH|2 ELM ST^^ROLLA^MO^65401|(573)555-0199||||||||||M|19500101\r"
      "GT1|1|77|DOE^JOHN||2 ELM ST^^ROLLA^MO^65401||||M||FTH|222334444\r";
  const Exposure exposure = resolve_text(header() + kPid + kin + header("ADT^A03") + kPid + kin);
  EXPECT_EQ(exposure.roles[0].count, 1U);
  ASSERT_EQ(exposure.roles[1].count, 1U);  // one man in four segments
  const Person& john = *persons_of(exposure, Role::kRelated)[0];
  EXPECT_TRUE(has_identifier(john, IdentifierType::kSsn, "222334444"));
  EXPECT_EQ(john.dates_of_birth, std::vector<std::string>{"1950-01-01"});
  EXPECT_EQ(john.related_to.size(), 1U);
  EXPECT_FALSE(has_identifier(only_member(exposure), IdentifierType::kSsn, "222334444"));
}

TEST(Hl7Persons, GuarantorWhoIsThePatient) {
  const std::string text =
      header() + "PID|1||5^^^A||DOE^JANE||19740309\rGT1|1||DOE^JANE||||||||SEL|212341234\r";
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.roles[1].count, 0U);
  EXPECT_TRUE(has_identifier(only_member(exposure), IdentifierType::kSsn, "212341234"));
}

// The father's policy covers the child: the number, birth date and SSN are his.
TEST(Hl7Persons, InsuredIsSomebodyElse) {
  const std::string text = header() +
                           "PID|1||5^^^A||DOE^JIMMY||20150309\r"
                           "IN1|1|PPO|60054|AETNA||||||||20230101||||DOE^JAMES|CHD|19740101||||||||"
                           "||||||||||W123456789\r"
                           "IN2||212341234\r";
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* const child = find_named(exposure, "JIMMY", "DOE");
  const Person* const father = find_named(exposure, "JAMES", "DOE");
  ASSERT_TRUE(child != nullptr && father != nullptr);
  EXPECT_TRUE(child->elements.has(Element::kEligibility));
  EXPECT_FALSE(child->elements.has(Element::kSsn));
  EXPECT_TRUE(father->elements.has(Element::kSsn));
  EXPECT_TRUE(has_identifier(*father, IdentifierType::kMemberId, "W123456789"));
}

TEST(Hl7Persons, InsuredIsThePatient) {
  const std::string text = header() +
                           "PID|1||5^^^A||DOE^JANE||19740309\r"
                           "IN1|1|PPO|60054|AETNA||||||||20230101||||DOE^JANE|SEL|19740309|||||||||"
                           "|||||||||W123456789\rIN2||212341234\r";
  const Person jane = only_member(resolve_text(text));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMemberId, "W123456789"));
  EXPECT_TRUE(jane.elements.has(Element::kSsn));
  EXPECT_EQ(jane.names.size(), 1U);
}

// Whose policy it is, is said ("the spouse's") but not who that is: nobody is invented. The number
// is the patient's insurance, and says nothing about who the patient is.
TEST(Hl7Persons, InsuredIsNotNamed) {
  const auto text = [](std::string_view code, std::string_view more = "") {
    return header() + "PID|1||5^^^A||DOE^JANE||19740309\rIN1|1|PPO|60054|AETNA|||||||||||||" +
           std::string(code) + "|||||||||||||||||||W123456789\r" + std::string(more);
  };
  for (const char* const code : {"SPO", "SEL", ""}) {
    const Exposure exposure = resolve_text(text(code));
    const Person& jane = only_member(exposure);
    EXPECT_EQ(exposure.roles[0].count, 1U) << code;
    EXPECT_EQ(jane.names, (std::vector<PersonName>{{"JANE", "", "DOE", ""}})) << code;
    EXPECT_TRUE(has_identifier(jane, IdentifierType::kMemberId, "W123456789")) << code;
    EXPECT_TRUE(jane.elements.has(Element::kMemberId)) << code;
  }
  // Jane and John, both insured by somebody's policy, are two.
  const std::string john = replaced(replaced(text("SPO"), "DOE^JANE", "ROE^JOHN"), "|5^^^A|", "||");
  EXPECT_EQ(resolve_text(text("SPO") + john).roles[0].count, 2U);
  // An SSN is somebody's whose name is not there, and not Jane's.
  const Exposure exposure = resolve_text(text("SPO", "IN2||212341234\r"));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* const jane = find_named(exposure, "JANE", "DOE");
  ASSERT_NE(jane, nullptr);
  EXPECT_FALSE(jane->elements.has(Element::kSsn));
}

TEST(Hl7Persons, DoctorsTreat) {
  const Exposure exposure =
      resolve_text(header() + kPid +
                   "PV1|1|I|||||1234567893^CURE^ANN^B^^DR^MD^^NPI|77^LAB|||||||||||V1\rOBR|1|||X|||"
                   "|||||||||1234567893^CURE^ANN^B^^DR^MD^^NPI\r");
  ASSERT_EQ(exposure.roles[2].count, 1U);
  EXPECT_TRUE(has_identifier(*persons_of(exposure, Role::kProvider)[0], IdentifierType::kNpi,
                             "1234567893"));
  EXPECT_TRUE(only_member(exposure).elements.has(Element::kTreatingProvider));
  EXPECT_TRUE(only_member(exposure).elements.has(Element::kClaim));
}

TEST(Hl7Persons, ContentOfEverySegment) {
  const Person jane =
      only_member(resolve_text(header() + kPid +
                               "DG1|1|I10|F11.20^OPIOID^I10\rPR1|1|C4|99213^VISIT^C4\rOBX|1|NM|X||"
                               "5.4\rRXE|1|00093505601^DRUG^NDC\rFT1|1|||20230101||CG|99213\r"));
  for (const Element element : {Element::kDiagnosis, Element::kProcedure, Element::kClinical,
                                Element::kPrescription, Element::kClaim})
    EXPECT_TRUE(jane.elements.has(element)) << to_string(element);
  EXPECT_EQ(jane.sensitive, static_cast<SensitivitySet>(Sensitivity::kSubstanceUse));
}

TEST(Hl7Persons, DeletedFillersAndMasks) {
  const Exposure exposure = resolve_text(
      header() + "PID|1||REDACTED^^^A~\"\"^^^B||~^^^^^^S||19740309|\"\"|||||||||||000000000\r");
  const Person& one = only_member(exposure);
  EXPECT_EQ(words(one.elements), words(elements({Element::kDateOfBirth})));
  EXPECT_TRUE(one.masked.has(Element::kMedicalRecordNumber));
  EXPECT_EQ(exposure.fillers[static_cast<std::size_t>(Element::kSsn)], 1U);
}

// Two patients whose number was taken out are not one.
TEST(Hl7Persons, RedactedNumbersAreNoKey) {
  const Exposure exposure = resolve_text(header() + "PID|1||REDACTED^^^A||DOE^JANE||19740309\r" +
                                         header() + "PID|1||REDACTED^^^A||DOE^J||19740308\r");
  EXPECT_EQ(exposure.roles[0].count, 2U);
}

TEST(Hl7Persons, ZSegmentsOnlyShowWhatIsPossible) {
  const Person jane =
      only_member(resolve_text(header() + "PID|1||5^^^A||DOE^JANE\rZPI|1|212341234|text\r"));
  EXPECT_FALSE(jane.elements.has(Element::kSsn));
  EXPECT_TRUE(jane.possible.has(Element::kSsn));
}

TEST(Hl7Persons, Queries) {
  const Exposure exposure = resolve_text(
      header("QBP^Q22") + "QPD|Q22^Find|1|@PID.5.1^DOE~@PID.5.2.1^JANE~@PID.7^19740309~@PID.8^F\r");
  EXPECT_EQ(only_member(exposure).dates_of_birth, std::vector<std::string>{"1974-03-09"});
}

TEST(Hl7Persons, MessagesAboutNobody) {
  for (const char* body : {"MFI|STF\rMFE|MAD|1\rSTF|1|1^^^NPI|CURE^ANN|P|F|19700101\rPRA|1|X\r",
                           "MSA|AA|1\r", "MFI|LOC\rLOC|1\r"}) {
    const Exposure exposure = resolve_text(header("MFN^M02") + body);
    EXPECT_TRUE(exposure.persons.empty()) << body;
    EXPECT_TRUE(exposure.complete()) << body;
  }
}

TEST(Hl7Table, EverySegmentIsKnownAndEveryFieldIsReachable) {
  const std::string known = " " + std::string(hl7_known_segments()) + " ";
  for (const Hl7FieldRule& rule : hl7_field_rules()) {
    EXPECT_NE(known.find(" " + std::string(rule.segment) + " "), std::string::npos) << rule.segment;
    EXPECT_LT(rule.field, X12Elements::kMax - 2) << rule.segment;
  }
}

}  // namespace
}  // namespace bulkhead::exposure::test
