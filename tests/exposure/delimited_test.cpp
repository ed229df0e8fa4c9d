#include "exposure/readers/delimited_syntax.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exposure/readers/delimited_reader.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

TEST(DelimitedSyntax, Rows) {
  const auto fields = [](std::string_view row, char delimiter = ',') {
    std::vector<std::string_view> list;
    const std::size_t count =
        split_row(row, delimiter, row.find('"') != std::string_view::npos, 100, list);
    EXPECT_EQ(count, list.size());
    return std::vector<std::string>(list.begin(), list.end());
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(fields("a,b,c"), (List{"a", "b", "c"}));
  EXPECT_EQ(fields("a,,"), (List{"a", "", ""}));
  EXPECT_EQ(fields("\"a,b\",c"), (List{"a,b", "c"}));
  EXPECT_EQ(fields("\"a\"\"b\",c"), (List{"a\"\"b", "c"}));
  EXPECT_EQ(fields("5' 5\"\",x"), (List{"5' 5\"\"", "x"}));
  EXPECT_EQ(fields("a|b", '|'), (List{"a", "b"}));
  // Longer than a vector register, every border.
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string cell(length, 'x');
    EXPECT_EQ(fields(cell + "," + cell + ",z"), (List{cell, cell, "z"}));
  }
  std::vector<std::string_view> few;
  EXPECT_EQ(split_row("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u", ',', false, 2, few), 21U);
  EXPECT_EQ(few.size(), 2U);
}

TEST(DelimitedSyntax, RowEnds) {
  EXPECT_EQ(find_row_end("a,b\r\nc", ',', true).length, 3U);
  EXPECT_EQ(find_row_end("a,b\r\nc", ',', true).taken, 5U);
  EXPECT_FALSE(find_row_end("a,b", ',', false).complete);
  EXPECT_TRUE(find_row_end("a,b", ',', true).complete);
  EXPECT_EQ(find_row_end("a,\"b\nc\",d\ne", ',', true).length, 9U);  // a line break inside quotes
  EXPECT_FALSE(find_row_end("a,\"b\nc", ',', false).complete);
  const RowEnd stray = find_row_end("a,\"b\nc,d\n", ',', true);  // a quote that nothing closes
  EXPECT_TRUE(stray.stray_quote);
  EXPECT_EQ(stray.length, 4U);
}

const std::string kHeader =
    "DCN,Last Name,First Name,DOB,SSN,Street Address,City,State,Zip,Phone\n";

TEST(Delimited, DelimitersQuotesAndEvidence) {
  const std::string row =
      "12345678,Doe,Jane,03/09/1974,212-34-1234,\"1 Main St, Apt 2\",Rolla,MO,65401,(573) "
      "555-0123\n";
  for (const char delimiter : {',', '\t', '|', ';'}) {
    std::string text = kHeader + row + row;
    if (delimiter != ',') {
      text = kHeader +
             "12345678,Doe,Jane,03/09/1974,212-34-1234,1 Main St Apt 2,Rolla,MO,65401,(573) "
             "555-0123\n";
      std::replace(text.begin(), text.end(), ',', delimiter);
    }
    const Exposure exposure = resolve_text(text);
    ASSERT_EQ(exposure.persons.size(), 1U) << delimiter;
    EXPECT_TRUE(exposure.complete());
    const Person& jane = exposure.persons[0];
    EXPECT_EQ(jane.dates_of_birth, std::vector<std::string>{"1974-03-09"});
    EXPECT_EQ(jane.phones, std::vector<std::string>{"5735550123"});
    EXPECT_TRUE(has_identifier(jane, IdentifierType::kSsn, "212341234"));
    EXPECT_EQ(flags_of(jane, "12345678"), std::vector<std::string>{});
    EXPECT_EQ(exposure.files[0].report.format, "delimited");
    for (const PersonEvidence& place : jane.exposures[0].evidence) {
      const std::string bytes = text.substr(place.offset, place.length);
      if (place.where == "SSN") {
        EXPECT_EQ(bytes, "212-34-1234");
      }
      if (place.where == "DOB") {
        EXPECT_EQ(bytes, "03/09/1974");
      }
      if (place.where == "Last Name") {
        EXPECT_EQ(bytes, "Doe");
      }
      if (place.where == "Street Address" && delimiter == ',') {
        EXPECT_EQ(bytes, "1 Main St, Apt 2");
      }
    }
  }
}

TEST(Delimited, EmptyColumnsExposeNothing) {
  const Exposure exposure = resolve_text(
      kHeader +
      "12345678,Doe,Jane,03/09/1974,,,,,,\n12345679,Roe,Ann,,000-00-0000,,,,,9999999999\n");
  ASSERT_EQ(exposure.persons.size(), 2U);
  for (const Person& person : exposure.persons) {
    EXPECT_FALSE(person.elements.has(Element::kSsn));
    EXPECT_FALSE(person.elements.has(Element::kAddress));
    EXPECT_FALSE(person.elements.has(Element::kPhone));
  }
  EXPECT_EQ(exposure.fillers[static_cast<std::size_t>(Element::kSsn)], 1U);
  EXPECT_EQ(exposure.fillers[static_cast<std::size_t>(Element::kPhone)], 1U);
}

TEST(Delimited, InvalidAndSpecimenNumbersCountWithAFlag) {
  const Exposure exposure = resolve_text(
      kHeader + "1,Doe,Jane,03/09/1974,078-05-1120,,,,,\n2,Roe,Ann,03/10/1974,666-12-1234,,,,,\n");
  const Person* jane = find_named(exposure, "Jane", "Doe");
  const Person* ann = find_named(exposure, "Ann", "Roe");
  ASSERT_TRUE(jane != nullptr && ann != nullptr);
  EXPECT_EQ(flags_of(*jane, "078051120"), std::vector<std::string>{"specimen"});
  EXPECT_EQ(flags_of(*ann, "666121234"), std::vector<std::string>{"invalid"});
  EXPECT_TRUE(ann->elements.has(Element::kSsn));
}

TEST(Delimited, UnnamedNumbersStayPossible) {
  const Exposure exposure = resolve_text(
      "Last Name,First Name,DOB,Wibble\nDoe,Jane,1974-03-09,212341234\nRoe,Ann,1975-03-09,77\n");
  const Person* jane = find_named(exposure, "Jane", "Doe");
  ASSERT_NE(jane, nullptr);
  EXPECT_FALSE(jane->elements.has(Element::kSsn));
  EXPECT_TRUE(jane->possible.has(Element::kSsn));
  EXPECT_EQ(exposure.found_persons[static_cast<std::size_t>(Element::kSsn)], 0U);
  EXPECT_EQ(exposure.possible[static_cast<std::size_t>(Element::kSsn)], 1U);
}

TEST(Delimited, NobodysTables) {
  for (const char* text : {
           "Id,NAME,ADDRESS,CITY,STATE,ZIP,PHONE\nx1,STURDY HOSPITAL,211 "
           "PARK,ATTLEBORO,MA,02703,5082225200\n"
           "x2,OTHER HOSPITAL,2 PARK,BOSTON,MA,02703,5082225201\n",
           "CODE,DESCRIPTION\nE119,Type 2 diabetes\nI10,Hypertension\nB20,HIV disease\n",
           "timestamp,level,message,user\n2026-01-01T00:00:00,info,started,root\n2026-01-01T00:00:"
           "01,info,stopped,root\n",
           "date,temperature,humidity\n2026-01-01,12,40\n2026-01-02,13,41\n",
       }) {
    const Exposure exposure = resolve_text(text);
    EXPECT_TRUE(exposure.persons.empty()) << text;
  }
}

TEST(Delimited, ADirectoryHoldsProvidersOnly) {
  const Exposure exposure = resolve_text(
      "NPI,Entity Type Code,Provider Last Name,Provider First Name,Provider Business Practice "
      "Location Telephone Number\n"
      "1234567893,1,WELBY,MARCUS,5735550100\n1245319599,1,KILDARE,BEN,5735550101\n");
  EXPECT_EQ(exposure.roles[0].count, 0U);
  EXPECT_EQ(exposure.roles[2].count, 2U);
}

TEST(Delimited, ADirectoryOfClinicsHoldsNobody) {
  const FileFindings findings = analyse_text(
      "NPI,Organization Name,Taxonomy Code,City\n1234567893,RIVER CLINIC,207Q00000X,ROLLA\n"
      "1234567893,LAKE CLINIC,207Q00000X,ROLLA\n");
  EXPECT_TRUE(findings.report.read);
  EXPECT_EQ(findings.persons.size(), 0U);
}

TEST(Delimited, AbbreviatedHeaders) {
  const Exposure exposure = resolve_text(
      "CLNT_DCN|CLNT_LAST_NAME|CLNT_FIRST_NAME|CLNT_MID_INIT|CLNT_DOB|CLNT_SSN|ELIG_BEG_DT\n"
      "12345678|DOE|JANE|Q|19740309|212341234|20230101\n12345679|ROE|JOHN||19750309|212341235|"
      "20230101\n");
  ASSERT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(words(exposure.persons[0].elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn,
                            Element::kMemberId, Element::kEligibility})));
  EXPECT_EQ(exposure.persons[0].identifiers.back().label, "DCN");
}

TEST(Delimited, PatientSubscriberGuardianAndDoctorOfOneRow) {
  const Exposure exposure = resolve_text(
      "Patient First Name,Patient Last Name,Patient DOB,Subscriber First Name,Subscriber Last "
      "Name,Subscriber ID,"
      "Guardian First Name,Guardian Last Name,Attending Physician First Name,Attending Physician "
      "Last Name,Diagnosis Code\n"
      "Ted,Smith,1973-05-01,Jack,Smith,T55,Gail,Ward,Ben,Kildare,E119\n");
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.roles[1].count, 1U);
  EXPECT_EQ(exposure.roles[2].count, 1U);
  const Person* ted = find_named(exposure, "Ted", "Smith");
  const Person* jack = find_named(exposure, "Jack", "Smith");
  ASSERT_TRUE(ted != nullptr && jack != nullptr);
  EXPECT_TRUE(ted->elements.has(Element::kDiagnosis));
  EXPECT_TRUE(ted->elements.has(Element::kTreatingProvider));
  EXPECT_FALSE(jack->elements.has(Element::kDiagnosis));
  EXPECT_TRUE(jack->elements.has(Element::kMemberId));
}

TEST(Delimited, TitlesAboveTheHeaderAndTrailersBelow) {
  const std::string text =
      "Report of clients\nPrinted 2026-01-01\n\n" + kHeader +
      "12345678,Doe,Jane,03/09/1974,212-34-1234,1 Main St,Rolla,MO,65401,5735550123\n"
      "12345679,Roe,Ann,03/10/1974,212-34-1235,2 Main St,Rolla,MO,65401,5735550124\n"
      "12345670,Poe,Ed,03/11/1974,212-34-1236,3 Main St,Rolla,MO,65401,5735550125\nTRAILER,3\n";
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.persons.size(), 3U);
  EXPECT_FALSE(exposure.complete());
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood,
            text.find("DCN") + std::string("TRAILER,3\n").size());
}

TEST(Delimited, WithoutHeaderIsRecognisedNotRead) {
  const Exposure exposure = resolve_text(
      "12345678,Doe,Jane,1974-03-09\n12345679,Roe,Ann,1974-03-10\n12345670,Poe,Ed,1974-03-11\n");
  EXPECT_TRUE(exposure.persons.empty());
  EXPECT_EQ(exposure.files[0].report.format, "delimited without a header");
  EXPECT_FALSE(exposure.complete());
}

TEST(Delimited, RowsAcrossBlocks) {
  std::string text = kHeader;
  for (int i = 0; i < 20'000; ++i) {
    text += fmt::format("{},Doe,\"Jane\",03/09/1974,,\"1 Main St\n Apt {}\",Rolla,MO,65401,\n",
                        20'000'000 + i, i);
  }
  ASSERT_GT(text.size(), 2 * BlockWindow::kBytes);
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.report.records, 20'000U);
  EXPECT_EQ(findings.report.bytes_not_understood, 0U);
  for (std::uint32_t i = 0; i < findings.persons.size(); ++i) {
    for (const Evidence& place : findings.persons.evidence(i)) {
      if (place.element == Element::kDateOfBirth) {
        EXPECT_EQ(text.substr(place.offset, place.length), "03/09/1974");
      }
    }
  }
}

TEST(Delimited, OpenQuotesTakeNoLongerThanTheirBytes) {
  std::string text = kHeader + "12345678,Doe,Jane,03/09/1974,,,,,,\n";
  while (text.size() < 8'000'000)
    text += "\"a,b,c,d,e,f,g,h,i,j\n";
  const Exposure exposure = resolve_text(text);
  EXPECT_NE(find_named(exposure, "Jane", "Doe"), nullptr);
}

// What a careless change of the file does must show in the answer.
TEST(Delimited, MutationsChangeTheAnswer) {
  const std::string header = "Member ID,Last Name,First Name,Date of Birth,SSN\n";
  const std::string good =
      header + "A17,DOE,JANE,1974-03-09,212341234\nA18,ROE,JOHN,1975-04-10,212341235\n";
  const auto answer = [](const std::string& text) {
    const Exposure exposure = resolve_text(text);
    return persons_ndjson(exposure) + summary_json(exposure);
  };
  // two columns swapped
  const std::string swapped =
      header + "A17,JANE,DOE,1974-03-09,212341234\nA18,JOHN,ROE,1975-04-10,212341235\n";
  EXPECT_NE(answer(good), answer(swapped));
  const Exposure dates_and_numbers = resolve_text(
      header + "A17,DOE,JANE,212341234,1974-03-09\nA18,ROE,JOHN,212341235,1975-04-10\n");
  EXPECT_FALSE(has_identifier(dates_and_numbers.persons[0], IdentifierType::kSsn, "212341234"));
  // a row dropped
  EXPECT_EQ(resolve_text(header + "A17,DOE,JANE,1974-03-09,212341234\n").roles[0].count, 1U);
  // shifted by one byte: the first column loses its first letter, and the evidence moves
  EXPECT_NE(answer(good), answer(good.substr(1)));
  std::string shifted = good;
  shifted.erase(header.size() + 3, 1);  // a delimiter lost: the row does not fit any more
  const Exposure refused = resolve_text(shifted);
  EXPECT_FALSE(refused.complete());
  EXPECT_EQ(refused.roles[0].count, 1U);
}

TEST(Delimited, CmsKeysJoinAndNameNobody) {
  const Exposure exposure = resolve_texts(
      {{"a.csv", "BENE_ID|BENE_SRNM_NAME|BENE_GVN_NAME|BENE_BIRTH_DT\n-100|Kris|Lou|17-Jan-1942\n"},
       {"b.csv", "BENE_ID|CLM_ID|ICD_DGNS_CD1\n-100|77|E119\n-101|78|E119\n"}});
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.identifiable[static_cast<std::size_t>(Identifiable::kPseudonymous)], 1U);
  const Person* kris = find_named(exposure, "Lou", "Kris");
  ASSERT_NE(kris, nullptr);
  EXPECT_TRUE(kris->elements.has(Element::kDiagnosis));
}

// Whom to talk to at a company is a person too; a list of them is not "nobody".
TEST(Delimited, ContactsOfCompaniesArePersonsOfRoleOther) {
  const Exposure exposure = resolve_text(
      "company_id,company_name,phone_number,contact_person\n"
      "77001,North Freight,573-555-0141,Jane Doe\n"
      "77002,South Mills,573-555-0142,John Roe\n");
  EXPECT_TRUE(exposure.complete());
  EXPECT_TRUE(persons_of(exposure, Role::kMember).empty());
  const auto contacts = persons_of(exposure, Role::kOther);
  ASSERT_EQ(contacts.size(), 2U);
  for (const Person* contact : contacts) {
    EXPECT_TRUE(contact->elements.has(Element::kName));
    EXPECT_TRUE(contact->elements.has(Element::kPhone));
  }
}

TEST(Delimited, AContactBesideAMemberIsAPersonOfItsOwn) {
  const Exposure exposure = resolve_text(
      "dcn,last_name,first_name,dob,contact_name\n"
      "10000001,Doe,Jane,1974-03-09,Edgar Poe\n"
      "10000002,Roe,John,1960-12-24,\n");
  ASSERT_EQ(persons_of(exposure, Role::kMember).size(), 2U);
  const auto contacts = persons_of(exposure, Role::kOther);
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_FALSE(contacts[0]->elements.has(Element::kDateOfBirth));
}

}  // namespace
}  // namespace bulkhead::exposure::test
