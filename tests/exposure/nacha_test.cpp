#include <gtest/gtest.h>

#include "exposure/readers/nacha_reader.h"
#include "exposure/readers/nacha_table.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

std::string cut(std::string_view text, std::size_t width) {
  std::string out(text.substr(0, width));
  out.resize(width, ' ');
  return out;
}
const std::string kHeader = "101 0810002101446000987230526" + std::string("0200A094101") +
                            cut("RIVER BANK", 23) + cut("STATE", 23) + cut("", 8) + "\n";
std::string batch(std::string_view code, std::string_view company = "ACME PAYROLL") {
  return "5220" + cut(company, 16) + cut("", 20) + "1446000987" + std::string(code) +
         cut("PAY", 10) + "230526230526   1081000210000001\n";
}
std::string entry(std::string_view account, std::string_view middle, std::string_view end,
                  std::string_view bank = "081000210") {
  return "622" + std::string(bank) + cut(account, 17) + "0000003521" + cut(middle, 15) +
         cut(end, 22) + "  0081000210000001\n";
}
std::string addenda(std::string_view type, std::string_view text) {
  return "7" + std::string(type) + cut(text, 80) + "00010000001\n";
}
const std::string kEnd =
    "82200000020003130001000000000000000000000000231380104                          "
    "231380100000001\n";

std::string without_line_ends(std::string text) {
  std::erase(text, '\n');
  return text;
}

TEST(Nacha, RecordsAreWellFormedHere) {
  for (const std::string& record :
       {kHeader, batch("PPD"), entry("1", "2", "3"), addenda("05", "x"), kEnd})
    EXPECT_EQ(record.size(), 95U) << record;
}

void expect_jane(const std::string& text, const char* variant) {
  const Exposure exposure = resolve_text(text);
  const Person jane = only_member(exposure);
  EXPECT_EQ(jane.names, (std::vector<PersonName>{{"Jane", "", "Doe", ""}})) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kBankAccount, "992369841")) << variant;
  EXPECT_EQ(words(jane.elements), words(elements({Element::kName, Element::kBankAccount})))
      << variant;
  EXPECT_TRUE(exposure.complete()) << variant;
  for (const PersonEvidence& place : jane.exposures[0].evidence) {
    const std::string bytes = text.substr(place.offset, place.length);
    EXPECT_EQ(bytes, place.element == Element::kName ? "Jane Doe" : "992369841") << variant;
  }
}

TEST(Nacha, Variants) {
  const std::string text = kHeader + batch("PPD") + entry("992369841", "E77", "Jane Doe") + kEnd +
                           std::string(94, '9') + "\n";
  expect_jane(text, "lines");
  expect_jane(replaced(text, "\n", "\r\n"), "CR LF");
  expect_jane(without_line_ends(text), "no line ends");
  expect_jane("\xEF\xBB\xBF" + text, "byte order mark");
  expect_jane(text.substr(95), "no file header");
  expect_jane(entry("992369841", "E77", "Jane Doe"), "an entry alone");
  expect_jane(replaced(text, "Jane Doe              ", "Jane Doe              "), "padding");
  expect_jane(text + text, "two files in one");
}

TEST(Nacha, BlocksCutAnywhere) {
  std::string text = kHeader + batch("PPD");
  for (int i = 0; i < 6000; ++i)
    text += entry(std::to_string(10'000'000 + i), "", "Jane Doe");
  EXPECT_EQ(analyse_text(text).persons.size(), 6000U);
  const FileFindings joined = analyse_text(without_line_ends(text));
  EXPECT_EQ(joined.persons.size(), 6000U);
  EXPECT_EQ(joined.report.bytes_not_understood, 0U);
}

TEST(Nacha, ShortLinesAndOtherLetters) {
  const std::string text = kHeader + batch("PPD") + entry("1234567", "E77", "Jane Doe");
  const std::string line = entry("7654321", "E78", "Ren\xC3\xA9 Roe");
  const Exposure exposure = resolve_text(text.substr(0, text.size() - 20) + "\n" +
                                         line.substr(0, line.size() - 18) + "\n");
  EXPECT_NE(find_named(exposure, "Jane", "Doe"), nullptr);
  EXPECT_NE(find_named(exposure, "Ren\xC3\xA9", "Roe"), nullptr);
}

// Four people and one account: a family, or a mistake, but four people.
TEST(Nacha, AnAccountIsNoPerson) {
  std::string text = kHeader + batch("WEB");
  for (const char* name :
       {"Bob Dole", "Adam Something", "James Bond", "Luke Skywalker", "James Bond"})
    text += entry("5654221", "", name);
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.roles[0].count, 4U);
  EXPECT_EQ(resolve_text(kHeader + batch("WEB") + entry("1111222", "", "James Bond") +
                         entry("3333444", "", "James Bond"))
                .roles[0]
                .count,
            2U);
}

// Father and son of one name at one account, each with his own client number.
TEST(Nacha, ProgrammeNumbersTellNamesakesApart) {
  const std::string text =
      kHeader + batch("PPD", "MO HEALTHNET") + entry("5654221", "12345678", "John Doe") +
      entry("5654221", "12345679", "John Doe") + entry("5654221", "12345678", "John Doe");
  EXPECT_EQ(resolve_text(text).roles[0].count, 2U);
}

TEST(Nacha, NameAndNumberChangePlaces) {
  const auto names_of = [](std::string_view code, std::string_view middle, std::string_view end) {
    return only_member(resolve_text(kHeader + batch(code) + entry("992369841", middle, end))).names;
  };
  const std::vector<PersonName> jane = {{"Jane", "", "Doe", ""}};
  EXPECT_EQ(names_of("PPD", "12345", "Jane Doe"), jane);
  EXPECT_EQ(names_of("CIE", "Jane Doe", "       12345"), jane);
  EXPECT_EQ(names_of("MTE", "Jane Doe", "       12345"), jane);
  EXPECT_EQ(names_of("MTE", "031300010000001", "Jane Doe"), jane);  // as some write it
}

TEST(Nacha, CompaniesAreNobody) {
  for (const char* code : {"CCD", "CTX", "ACK", "TRX", "ADV"}) {
    const Exposure exposure =
        resolve_text(kHeader + batch(code) + entry("992369841", "INV1", "Jane Doe"));
    EXPECT_TRUE(exposure.persons.empty()) << code;
    EXPECT_TRUE(exposure.complete()) << code;
  }
  EXPECT_TRUE(resolve_text(kHeader + batch("ARC") + entry("992369841", "123", "ABC Company"))
                  .persons.empty());
  for (const char* name : {"Best Co. #23", "RIVER CLINIC", "ACME INC", "Smith Holdings LLC"})
    EXPECT_TRUE(resolve_text(kHeader + batch("COR") + entry("992369841", "", name)).persons.empty())
        << name;
  EXPECT_EQ(
      resolve_text(kHeader + batch("COR") + entry("992369841", "", "Cody Incas")).roles[0].count,
      1U);
}

TEST(Nacha, NamesThatAreAlsoCompaniesWords) {
  const auto persons = [](std::string_view name) {
    return resolve_text(kHeader + batch("ARC") + entry("992369841", "123", name)).roles[0].count;
  };
  for (const char* name : {"JANE CHURCH", "Jane M Church", "CHURCH, JANE", "John Bank",
                           "MARY ANN CITY", "J JAMES STATE", "Susan Store", "MR JOHN CARE"})
    EXPECT_EQ(persons(name), 1U) << name;
  for (const char* name : {"FIRST CHURCH", "ST JOHN CHURCH", "RIVER BANK", "CITY OF ROLLA",
                           "STATE OF MISSOURI", "Corner Store", "John Doe Inc", "BANK, RIVER"})
    EXPECT_EQ(persons(name), 0U) << name;
}

// The name is optional there: whose the account is, is not told, but somebody's it is.
TEST(Nacha, AccountsWithoutAName) {
  for (const char* code : {"ARC", "BOC", "POP"}) {
    const Person one =
        only_member(resolve_text(kHeader + batch(code) + entry("992369841", "123", "")));
    EXPECT_TRUE(has_identifier(one, IdentifierType::kBankAccount, "992369841")) << code;
    EXPECT_TRUE(one.names.empty()) << code;
  }
}

// What an employer withholds: the company's payment tells of the employee.
TEST(Nacha, ChildSupport) {
  const std::string text =
      kHeader + batch("CCD") + entry("992369841", "INV1", "STATE DISBURSEMENT") +
      addenda("05", "DED*CS*CASE77*230526*10000*212341234*Y*DOE,JOHN*29017\\") +
      entry("992369841", "INV1", "STATE DISBURSEMENT") +
      addenda("05", "DED*CS*CASE78*230526*10000*212341235*N*ROE,JANE*29017") + kEnd;
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_TRUE(exposure.complete());
  const Person* const john = find_named(exposure, "JOHN", "DOE");
  ASSERT_NE(john, nullptr);
  EXPECT_TRUE(has_identifier(*john, IdentifierType::kSsn, "212341234"));
  EXPECT_FALSE(john->elements.has(Element::kBankAccount));  // it is the state's
  for (const PersonEvidence& place : john->exposures[0].evidence) {
    const std::string bytes = text.substr(place.offset, place.length);
    EXPECT_EQ(bytes, place.element == Element::kName ? "DOE,JOHN" : "212341234");
  }
  ASSERT_NE(find_named(exposure, "JANE", "ROE"), nullptr);
}

// CTX: as many addenda as it takes, and segments go on from one to the next.
TEST(Nacha, ChildSupportOverSeveralAddenda) {
  std::string payment = "ISA*00*00\\GS*RA\\ST*820*0001\\BPR*C*100\\";
  for (int i = 0; i < 20; ++i)
    payment += "DED*CS*CASE" + std::to_string(i) + "*20230526*10000*2123412" +
               std::to_string(10 + i) + "*Y*DOE" + std::string(1, static_cast<char>('A' + i)) +
               ",JOHN*29017\\";
  payment += "SE*9*0001\\";
  std::string text = kHeader + batch("CTX") + entry("992369841", "INV1", "0016STATE");
  for (std::size_t at = 0; at < payment.size(); at += 80)
    text += addenda("05", payment.substr(at, 80));
  text += kEnd;
  const Exposure exposure = resolve_text(text);
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, 20U);
  for (const Person* const person : persons_of(exposure, Role::kMember)) {
    ASSERT_EQ(person->identifiers.size(), 1U);
    ASSERT_EQ(person->names.size(), 1U);
    for (const PersonEvidence& place : person->exposures[0].evidence) {
      // Where it goes on in the next record, that record's number and name lie between.
      std::string bytes = text.substr(place.offset, place.length);
      if (const std::size_t end = bytes.find("00010000001\n705"); end != std::string::npos)
        bytes.erase(end, 15);
      EXPECT_EQ(bytes, place.element == Element::kSsn ? person->identifiers[0].value
                                                      : person->names[0].last + ",JOHN");
    }
  }
}

// What else a company's payment tells is not read, and is said not to be.
TEST(Nacha, OtherPaymentsTexts) {
  const auto missed = [](std::string_view code, std::string_view payment) {
    return resolve_text(kHeader + batch(code) + entry("992369841", "INV1", "ACME") +
                        addenda("05", payment) + kEnd)
        .files[0]
        .report.bytes_not_understood;
  };
  EXPECT_EQ(missed("CCD", "TRN*1*12345*1512345678\\"), 0U);  // the number of a health plan's advice
  EXPECT_EQ(missed("CCD", "WAGES OF JANE DOE 212341234"), 27U);
  EXPECT_EQ(missed("CTX", "TRN*1*1\\NM1*IL*1*DOE*JANE\\"), 17U);
  EXPECT_EQ(missed("CCD", ""), 0U);
  std::string text = kHeader + batch("CTX") + entry("992369841", "INV1", "ACME");
  for (int i = 0; i < 1000; ++i)
    text += addenda("05", "DED*CS*" + std::string(73, 'X'));
  EXPECT_GT(resolve_text(text).files[0].report.bytes_not_understood, 79'000U);
}

TEST(Nacha, Enrolments) {
  const std::string text =
      kHeader + batch("ENR") + entry("0", "081000210000001", "0002AUTOENROLL") +
      addenda("05", "22*08100021*0*123987654321*212341234*DOE*JOHN*0\\") +
      addenda("05", "22*08100021*0*123987654322*212341235*ROE*JANE*0\\") + kEnd;
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* const john = find_named(exposure, "JOHN", "DOE");
  ASSERT_NE(john, nullptr);
  EXPECT_TRUE(has_identifier(*john, IdentifierType::kSsn, "212341234"));
  EXPECT_TRUE(has_identifier(*john, IdentifierType::kBankAccount, "123987654321"));
}

TEST(Nacha, DeathNotices) {
  const Exposure exposure = resolve_text(
      kHeader + batch("DNE") + entry("744567899", "081000210000001", "0001AGENCY") +
      addenda("05", "   DATE OF DEATH*010218*CUSTOMERSSN*212341234*AMOUNT*1.00\\") + kEnd);
  const Person one = only_member(exposure);
  EXPECT_TRUE(has_identifier(one, IdentifierType::kSsn, "212341234"));
  EXPECT_TRUE(has_identifier(one, IdentifierType::kBankAccount, "744567899"));
  EXPECT_TRUE(one.deceased);
}

TEST(Nacha, International) {
  const auto text = [](std::string_view name) {
    return kHeader + batch("IAT") + "6220810002100007             0000100000" +
           cut("123456789", 39) + "  1081000210000001\n" +
           addenda("10", "ANN000000000000100000928383-23938          " + std::string(name)) +
           addenda("15",
                   "987465493213987"
                   "2121 Front Street") +
           addenda("16", cut("LetterTown*AB\\", 35) + "CA*80014\\") + kEnd;
  };
  const Person jane = only_member(resolve_text(text("Jane Doe")));
  EXPECT_EQ(jane.addresses,
            (std::vector<PersonAddress>{{{"2121 Front Street"}, "LetterTown", "AB", "80014"}}));
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kBankAccount, "123456789"));
  EXPECT_TRUE(resolve_text(text("BEK Enterprises")).persons.empty());
}

TEST(Nacha, CardsAndProgrammes) {
  const Person card = only_member(resolve_text(
      kHeader + batch("SHR") + entry("992369841", "072012345678901", "4111111111111111")));
  EXPECT_TRUE(has_identifier(card, IdentifierType::kPaymentCard, "4111111111111111"));
  const Person client = only_member(resolve_text(kHeader + batch("PPD", "MO HEALTHNET") +
                                                 entry("992369841", "12345678", "Jane Doe")));
  EXPECT_TRUE(has_identifier(client, IdentifierType::kMemberId, "12345678"));
  // Nothing says what another originator's number is.
  const Person other = only_member(
      resolve_text(kHeader + batch("PPD") + entry("992369841", "212341234", "Jane Doe")));
  EXPECT_FALSE(other.elements.has(Element::kSsn));
  EXPECT_TRUE(other.possible.has(Element::kSsn));
}

TEST(NachaDamage, OnlyTheDamagedRecordIsLost) {
  const std::string bad = "garbage in between\n";
  const std::string shifted = entry("2222333", "", "Mary Roe").substr(1);
  const std::string torn = "622" + entry("2222333", "", "Mary Roe").substr(4);
  const Exposure exposure = resolve_text(kHeader + batch("PPD") + entry("1234567", "", "Jane Doe") +
                                         bad + shifted + torn + entry("7654321", "", "John Roe"));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(find_named(exposure, "Mary", "Roe"), nullptr);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood,
            bad.size() - 1 + shifted.size() - 1 + torn.size() - 1);
}

TEST(NachaMutation, ChangesAreSeen) {
  const std::string good = kHeader + batch("PPD") + entry("992369841", "E77", "Jane Doe") + kEnd;
  const std::string before = persons_ndjson(resolve_text(good));
  const std::string line = entry("992369841", "E77", "Jane Doe");
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {line, entry("E77", "992369841", "Jane Doe")},  // two fields swapped
           {line, ""},                                     // a record dropped
           {line, line.substr(1)},                         // shifted by one byte
           {"622081", "62208"},
           {"PPD", "XXX"}}) {
    const Exposure exposure = resolve_text(replaced(good, what, with));
    EXPECT_TRUE(persons_ndjson(exposure) != before || !exposure.complete()) << what;
  }
}

TEST(NachaSniff, WhatIsNone) {
  EXPECT_FALSE(looks_like_nacha("101,Jane,Doe\n102,John,Doe\n"));
  EXPECT_FALSE(looks_like_nacha(std::string(94, '6') + "\n"));
  EXPECT_FALSE(looks_like_nacha(""));
  EXPECT_TRUE(looks_like_nacha(kHeader));
}

}  // namespace
}  // namespace bulkhead::exposure::test
