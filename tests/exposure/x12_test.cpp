#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exposure/readers/x12_syntax.h"
#include "exposure/readers/x12_table.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

const std::string kMember =
    "INS*Y*18*021*XN*A*C**FT~REF*0F*M1~NM1*IL*1*DOE*JANE*M***34*212341234~N3*1 MAIN "
    "ST~N4*ROLLA*MO*65401~"
    "DMG*D8*19740309*F~HD*021**HLT~";

// One person, read wholly: what every variant of the syntax must give.
void expect_jane(const std::string& text, const char* variant) {
  const Exposure exposure = resolve_text(text);
  ASSERT_EQ(exposure.persons.size(), 1U) << variant;
  const Person& jane = exposure.persons[0];
  EXPECT_EQ(jane.names[0].last, "DOE") << variant;
  EXPECT_EQ(jane.dates_of_birth, std::vector<std::string>{"1974-03-09"}) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kSsn, "212341234")) << variant;
  EXPECT_EQ(
      words(jane.elements),
      words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn, Element::kMemberId,
                      Element::kAddress, Element::kDemographics, Element::kEligibility})))
      << variant;
  EXPECT_TRUE(exposure.complete())
      << variant << " " << exposure.files[0].report.bytes_not_understood;
  // Evidence: the bytes at each place are the value that the person has.
  for (const PersonEvidence& place : jane.exposures[0].evidence) {
    const std::string bytes = text.substr(place.offset, place.length);
    if (place.element == Element::kSsn) {
      EXPECT_EQ(bytes, "212341234") << variant;
    }
    if (place.element == Element::kDateOfBirth) {
      EXPECT_EQ(bytes, "19740309") << variant;
    }
    if (place.where == "NM103") {
      EXPECT_EQ(bytes, "DOE") << variant;
    }
    if (place.where == "NM104") {
      EXPECT_EQ(bytes, "JANE") << variant;
    }
    if (place.where == "N301") {
      EXPECT_EQ(bytes, "1 MAIN ST") << variant;
    }
  }
}

TEST(X12Syntax, Variants) {
  const std::string plain = x834(kMember);
  expect_jane(plain, "plain");
  expect_jane("\xEF\xBB\xBF" + plain, "byte order mark");
  expect_jane(replaced(plain, "~", "~\r\n"), "line breaks");
  expect_jane(replaced(plain, "~", "~\n    "), "indented");
  expect_jane(replaced(plain, "~", "\n"), "LF ends segments");
  expect_jane(replaced(plain, "~", "\r\n"), "CR LF ends segments");
  expect_jane(replaced(plain, "~", "\x1D"), "group separator");
  expect_jane(replaced(plain, "~", "\\"), "backslash");
  expect_jane(replaced(replaced(plain, "*", "|"), "^", "!"), "pipes");
  expect_jane(replaced(replaced(plain, "~", "'"), "*", "~"), "tilde between elements");
  expect_jane(plain + "\x1A", "end-of-file character");
  expect_jane(plain.substr(plain.find("GS*")), "no ISA");
  expect_jane(plain.substr(plain.find("ST*")), "from ST");
  expect_jane(replaced(plain.substr(plain.find("ST*")), "~", "\n"), "from ST, lines");
  expect_jane(replaced(plain, "ISA*00*          *00", "ISA*00*         *00"), "ISA one short");
  expect_jane(replaced(replaced(plain, "00501*0", "00401*0"), "005010X220A1", "004010X095A1"),
              "4010");
  expect_jane(plain.substr(0, plain.size() - 1), "last terminator missing");
}

TEST(X12Syntax, SeveralInterchangesWithOtherDelimiters) {
  const std::string other =
      replaced(replaced(x834(replaced(kMember, "JANE", "JOAN")), "~", "\n"), "*", "|");
  const Exposure exposure =
      resolve_text(x834(kMember) + "\n" + replaced(other, "212341234", "212341235"));
  EXPECT_EQ(exposure.persons.size(), 2U);
  EXPECT_TRUE(exposure.complete());
}

TEST(X12Syntax, DamageCostsOnlyTheDamaged) {
  const std::string second = replaced(replaced(kMember, "JANE", "JOAN"), "212341234", "212341235");
  // The first set is cut off in the middle of a segment, and a new interchange begins.
  const std::string first = x834(kMember);
  const std::string cut = first.substr(0, first.find("DMG*") + 6) + x834(second);
  const Exposure exposure = resolve_text(cut);
  EXPECT_NE(find_named(exposure, "JANE", "DOE"), nullptr);
  const Person* joan = find_named(exposure, "JOAN", "DOE");
  ASSERT_NE(joan, nullptr);
  EXPECT_EQ(joan->dates_of_birth, std::vector<std::string>{"1974-03-09"});
  EXPECT_FALSE(exposure.complete());
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 6U);
  // Rubbish between two interchanges: skipped, counted.
  const std::string rubbish(200'000, '\x07');
  const Exposure skipped = resolve_text(first + rubbish + x834(second));
  EXPECT_EQ(skipped.persons.size(), 2U);
  EXPECT_EQ(skipped.files[0].report.bytes_not_understood, rubbish.size());
}

TEST(X12Syntax, DamageTakesNoLongerThanItsBytes) {
  // Every third byte begins a set that never ends. Quadratic work would take minutes.
  std::string hostile = x834(kMember);
  while (hostile.size() < 8'000'000)
    hostile += "ST*";
  const Exposure exposure = resolve_text(hostile);
  EXPECT_EQ(exposure.persons.size(), 1U);
  EXPECT_GT(exposure.files[0].report.bytes_not_understood, 7'900'000U);
}

TEST(X12Syntax, UnknownSegmentsAndSetsAreReported) {
  const Exposure exposure = resolve_text(x834("ZZ9*SECRET~" + kMember + "*NONAME~"));
  EXPECT_EQ(exposure.persons.size(), 1U);
  EXPECT_EQ(exposure.files[0].report.bytes_not_understood, 11U + 8U);
  const Exposure other = resolve_text(interchange("850", "004010", "BEG*00*NE*1~N1*ST*JANE DOE~"));
  EXPECT_TRUE(other.persons.empty());
  EXPECT_FALSE(other.complete());
  EXPECT_EQ(other.files[0].report.format, "x12-850");
  EXPECT_FALSE(other.files[0].report.read);
}

TEST(X12Syntax, SegmentsAcrossBlocks) {
  // Larger than the window, with members all along: none is lost at a border, and offsets stay
  // true.
  std::string body;
  for (int i = 0; i < 5000; ++i)
    body += replaced(kMember, "212341234", fmt::format("{:09}", 212340000 + i * 2 + 1));
  body = replaced(body, "*M1~", "~");
  const std::string text = x834(body);
  ASSERT_GT(text.size(), 2 * BlockWindow::kBytes);
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.report.records, 5000U);
  EXPECT_EQ(findings.report.bytes_not_understood, 0U);
  for (std::uint32_t i = 0; i < findings.persons.size(); ++i) {
    for (const Evidence& place : findings.persons.evidence(i)) {
      if (place.element == Element::kDateOfBirth) {
        EXPECT_EQ(text.substr(place.offset, place.length), "19740309");
      }
    }
  }
}

TEST(X12Tables, AreWellFormed) {
  for (const X12SetTable* table :
       {&x12_834_table(), &x12_837_table(), &x12_270_table(), &x12_271_table(), &x12_835_table(),
        &x12_276_table(), &x12_277_table(), &x12_278_table(), &x12_820_table(), &x12_997_table(),
        &x12_999_table()}) {
    EXPECT_LE(table->loops.size(), 64U);
    for (const X12LoopRule& rule : table->loop_rules) {
      EXPECT_LT(rule.loop, table->loops.size()) << rule.segment;
      EXPECT_NE((" " + std::string(table->known_segments) + " ")
                    .find(" " + std::string(rule.segment) + " "),
                std::string::npos);
    }
    for (const X12FieldRule& rule : table->field_rules) {
      EXPECT_GT(rule.element, 0) << rule.segment;
      EXPECT_NE(rule.inside, 0U) << rule.segment;
      EXPECT_NE((" " + std::string(table->known_segments) + " ")
                    .find(" " + std::string(rule.segment) + " "),
                std::string::npos)
          << rule.segment;
      if (!rule.qualifiers.empty()) {
        EXPECT_NE(rule.qualifier_element, 0) << rule.segment;
      }
    }
  }
}

TEST(X12_834, NumbersAndWhatTheyAre) {
  const Exposure exposure =
      resolve_text(x834("N1*IN*MO "
                        "HEALTHNET*FI*1~INS*Y*18*021~REF*0F*12345678~REF*F6*212341234A~REF*3H*C99~"
                        "REF*Q4*OLD77777~REF*4A*7391~"
                        "NM1*IL*1*DOE*JANE~PER*IP**HP*5735550123*EM*JANE@EXAMPLE.ORG~DMG*D8*"
                        "20150309*F*M*C~LUI*LE*ENG~HLH*T*60*150~"
                        "DSB*1******DX*F3290~"));
  ASSERT_EQ(exposure.persons.size(), 1U);
  const Person& jane = exposure.persons[0];
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMemberId, "12345678"));
  for (const PersonIdentifier& id : jane.identifiers) {
    if (id.value == "12345678") {
      EXPECT_EQ(id.label, "DCN");  // MO HEALTHNET issues DCNs
    }
  }
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMedicareId, "212341234A"));
  EXPECT_EQ(flags_of(jane, "212341234"), (std::vector<std::string>{"from_hicn", "shared"}));
  EXPECT_EQ(flags_of(jane, "OLD77777"), std::vector<std::string>{"prior"});
  EXPECT_EQ(jane.phones, std::vector<std::string>{"5735550123"});
  EXPECT_EQ(jane.emails, std::vector<std::string>{"JANE@EXAMPLE.ORG"});
  EXPECT_EQ(jane.minor_on, kToday);
  EXPECT_EQ(jane.sensitive, static_cast<SensitivitySet>(Sensitivity::kMentalHealth));
  EXPECT_EQ(words(jane.elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn,
                            Element::kMemberId, Element::kMedicareId, Element::kPhone,
                            Element::kEmail, Element::kDemographics, Element::kEligibility,
                            Element::kDiagnosis, Element::kClinical, Element::kCredentials})));
}

TEST(X12_834, OtherNamesGuardiansProvidersAndOrganisations) {
  const Exposure exposure = resolve_text(x834(
      "N1*P5*ACME "
      "INC*FI*1~INS*Y*18*001~REF*0F*M1~NM1*74*1*NEW*MARY****34*212341234~DMG*D8*19830719*F~"
      "NM1*70*1*OLD*MARIE****34*212341239~DMG*D8*19830620*F~NM1*31*1~N3*PO BOX 1~N4*SALEM*OR*97301~"
      "NM1*36*2*ACME INC~NM1*M8*2*SCHOOL~NM1*S3*1*PARENT*PAT~PER*PQ**HP*5035550123~N3*9 "
      "ELM~N4*SALEM*OR*97301~"
      "NM1*GD*2*A "
      "COMPANY~HD*001**HMO~LX*1~NM1*P3*1*HEAL*DAN****XX*1234567893~COB*U*X99*5~NM1*IN*2*OTHER "
      "INS~N3*2 PINE~"));
  const Person* mary = find_named(exposure, "MARY", "NEW");
  ASSERT_NE(mary, nullptr);
  EXPECT_EQ(mary, find_named(exposure, "MARIE", "OLD"));  // one person with two names
  EXPECT_EQ(mary->dates_of_birth, (std::vector<std::string>{"1983-06-20", "1983-07-19"}));
  EXPECT_EQ(flags_of(*mary, "212341239"), std::vector<std::string>{"other_name"});
  ASSERT_EQ(mary->addresses.size(), 1U);
  EXPECT_EQ(mary->addresses[0].lines, std::vector<std::string>{"PO BOX 1"});
  EXPECT_TRUE(mary->elements.has(Element::kTreatingProvider));
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_EQ(exposure.roles[2].count, 1U);
  const std::vector<const Person*> related = persons_of(exposure, Role::kRelated);
  ASSERT_EQ(related.size(), 1U);
  EXPECT_EQ(related[0]->names[0].last, "PARENT");
  EXPECT_EQ(words(related[0]->elements),
            words(elements({Element::kName, Element::kAddress, Element::kPhone})));
  EXPECT_EQ(related[0]->related_to, std::vector<std::string>{mary->id});
}

TEST(X12_834, StateDialectsPackSeveralValues) {
  const Exposure exposure =
      resolve_text(x834("INS*Y*18*001~REF*0F*M1~REF*23*9;20110811;20110815~REF*3H*343N7777777122;B "
                        "~NM1*IL*1*DOE*JANE~"));
  ASSERT_EQ(exposure.persons.size(), 1U);
  EXPECT_TRUE(has_identifier(exposure.persons[0], IdentifierType::kMemberId, "343N7777777122"));
  EXPECT_EQ(exposure.persons[0].identifiers.size(), 2U);
}

const std::string kBilling =
    "HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~N3*1 WAY~N4*ROLLA*MO*65401~PER*IC*JANE "
    "DOE*TE*5735550100~";

TEST(X12_837, TheClaimIsThePatientsNotTheSubscribers) {
  const Exposure exposure = resolve_text(
      x837(kBilling + "HL*2*1*22*1~SBR*P********CI~NM1*IL*1*SMITH*JACK****MI*T55~N3*1 "
                      "ELM~N4*ROLLA*MO*65401~DMG*D8*19430101*M~"
                      "NM1*PR*2*PAYER*****PI*9~HL*3*2*23*0~PAT*19~NM1*QC*1*SMITH*TED~N3*1 "
                      "ELM~DMG*D8*19730501*M~REF*SY*212341234~"
                      "CLM*26*100***11:B:1~HI*ABK:B20*ABF:E119~REF*EA*MR7~NM1*82*1*KILDARE*BEN****"
                      "34*212341299~NM1*77*2*PLACE~"
                      "LX*1~SV1*HC:99213*40*UN*1~DTP*472*D8*20230101~LIN**N4*01234567891~"));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* jack = find_named(exposure, "JACK", "SMITH");
  const Person* ted = find_named(exposure, "TED", "SMITH");
  ASSERT_TRUE(jack != nullptr && ted != nullptr);
  EXPECT_EQ(words(jack->elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kMemberId,
                            Element::kAddress, Element::kDemographics})));
  EXPECT_EQ(
      words(ted->elements),
      words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn,
                      Element::kMedicalRecordNumber, Element::kAccountNumber, Element::kAddress,
                      Element::kDemographics, Element::kClaim, Element::kDiagnosis,
                      Element::kProcedure, Element::kPrescription, Element::kTreatingProvider})));
  EXPECT_EQ(ted->sensitive, static_cast<SensitivitySet>(Sensitivity::kHiv));
  EXPECT_EQ(ted->related_to, std::vector<std::string>{jack->id});
  const std::vector<const Person*> providers = persons_of(exposure, Role::kProvider);
  ASSERT_EQ(providers.size(), 1U);
  EXPECT_TRUE(has_identifier(*providers[0], IdentifierType::kSsn, "212341299"));
  EXPECT_EQ(find_named(exposure, "JANE", "DOE"), nullptr);  // PER names a contact of the clinic
}

TEST(X12_837, OtherInsurance) {
  const std::string patient =
      "HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*JOHN****MI*111222~DMG*D8*19600101*M~NM1*PR*2*"
      "PAYER*****PI*9~CLM*26*100***11:B:1~";
  // The spouse's policy (4010: her birth date comes before her name), and the patient's own second
  // one.
  const Exposure exposure = resolve_text(x837(kBilling + patient +
                                              "SBR*S*01~DMG*D8*19610202*F~OI***Y~NM1*IL*1*DOE*JANE*"
                                              "***MI*ZZ77~N3*2 OAK~NM1*PR*2*OTHER*****PI*8~"
                                              "SBR*T*18~OI***Y~NM1*IL*1*DOE*JOHN****MI*OWN2~NM1*PR*"
                                              "2*THIRD*****PI*7~LX*1~SV1*HC:99213*40~"));
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  const Person* john = find_named(exposure, "JOHN", "DOE");
  ASSERT_TRUE(jane != nullptr && john != nullptr);
  EXPECT_EQ(jane->dates_of_birth, std::vector<std::string>{"1961-02-02"});
  EXPECT_FALSE(jane->elements.has(Element::kClaim));
  EXPECT_EQ(john->dates_of_birth, std::vector<std::string>{"1960-01-01"});
  EXPECT_TRUE(has_identifier(*john, IdentifierType::kMemberId, "OWN2"));
  EXPECT_TRUE(john->elements.has(Element::kProcedure));
}

TEST(X12_837, AnEmployerAsSubscriberIsNobody) {
  const Exposure exposure =
      resolve_text(x837(
          kBilling + "HL*2*1*22*1~SBR*P~NM1*IL*2*ICE CREAM "
                     "SHOP*****MI*WC9~NM1*PR*2*PAYER*****PI*9~HL*3*2*23*0~PAT*20~"
                     "NM1*QC*1*PLUMP*PENNY****34*212341234~DMG*D8*19770211*F~CLM*6*350***13:A:1~"));
  ASSERT_EQ(exposure.persons.size(), 1U);
  EXPECT_EQ(exposure.persons[0].names[0].last, "PLUMP");
  EXPECT_TRUE(exposure.persons[0].elements.has(Element::kSsn));
}

TEST(X12_837, MaskedValuesAreNoValues) {
  const Exposure exposure = resolve_text(x837(
      kBilling +
      "HL*2*1*22*0~SBR*P*18~NM1*IL*1*XXXXXXXX*XXXX****MI*X99999999~N3*9999 XXXX~DMG*D8*19910406*M~"
      "CLM*9999*99.99***11:B:1~REF*EA*X99999~"));
  ASSERT_EQ(exposure.persons.size(), 1U);
  const Person& person = exposure.persons[0];
  EXPECT_EQ(person.identifiable, Identifiable::kPseudonymous);
  EXPECT_TRUE(person.names.empty());
  EXPECT_TRUE(person.identifiers.empty());
  for (const Element e :
       {Element::kName, Element::kMemberId, Element::kMedicalRecordNumber, Element::kAddress}) {
    EXPECT_TRUE(person.masked.has(e)) << to_string(e);
    EXPECT_FALSE(person.elements.has(e)) << to_string(e);
  }
}

TEST(X12_837, AClaimOfNobodyIsCounted) {
  const Exposure exposure =
      resolve_text(x837(kBilling + "HL*2*1*22*0~SBR*P*18~CLM*26*100***11:B:1~HI*ABK:B20~"));
  EXPECT_TRUE(exposure.persons.empty());
  EXPECT_EQ(exposure.files[0].report.anonymous_records, 1U);
}

TEST(X12_271, SubscriberDependentAndBenefits) {
  const Exposure exposure = resolve_text(
      interchange("271", "005010X279A1",
                  "HL*1**20*1~NM1*PR*2*ABC*****PI*8~HL*2*1*21*1~NM1*1P*1*JONES*MARCUS****XX*"
                  "1234567893~HL*3*2*22*1~NM1*IL*1*SMITH*JOHN****MI*"
                  "M123~N3*1 BROADWAY~N4*KANSAS "
                  "CITY*MO*64108~DMG*D8*19630519*M~EB*1**30~DTP*291*D8*20230101~LS*2120~NM1*P3*1*"
                  "WELBY*ANN~LE*2120~"
                  "HL*4*3*23*0~NM1*03*1*SMITH*MARY~REF*SY*212341234~DMG*D8*19881014*F~EB*6**30~"
                  "HL*5**20*1~NM1*PR*2*XYZ*****PI*9~"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.roles[2].count, 2U);
  const Person* john = find_named(exposure, "JOHN", "SMITH");
  const Person* mary = find_named(exposure, "MARY", "SMITH");
  ASSERT_TRUE(john != nullptr && mary != nullptr);
  EXPECT_EQ(
      words(john->elements),
      words(elements({Element::kName, Element::kDateOfBirth, Element::kMemberId, Element::kAddress,
                      Element::kDemographics, Element::kEligibility, Element::kTreatingProvider})));
  EXPECT_EQ(words(mary->elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn,
                            Element::kDemographics, Element::kEligibility})));
  EXPECT_EQ(mary->related_to, std::vector<std::string>{john->id});
}

TEST(X12_820, PremiumsOfEachInsured) {
  const Exposure exposure = resolve_text(interchange(
      "820", "005010X218",
      "BPR*I*10*C*ACH*CCP*01*999999992*DA*123456*1~TRN*3*1~REF*14*99~N1*PE*A PLAN~N3*1 "
      "ELM~N1*PR*AN AGENCY~"
      "ENT*1*2J*34*212341234~NM1*IL*1*DOE*JANE****N*M1~RMR*IK*P1**10~REF*ZZ*1H~DTM*582****RD8*"
      "20250101-20250131~"
      "ENT*2*2J*EI*999999999~NM1*QE*1*ROE*JOHN****34*212341235~RMR*AZ*POL7**20~ADX*-5*53~"
      "ENT*3~RMR*IV*INVOICE**5~"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, 2U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  const Person* john = find_named(exposure, "JOHN", "ROE");
  ASSERT_TRUE(jane != nullptr && john != nullptr);
  const ElementSet with_number =
      elements({Element::kName, Element::kSsn, Element::kMemberId, Element::kEligibility});
  EXPECT_EQ(words(jane->elements), words(with_number));
  EXPECT_EQ(words(john->elements),
            words(elements({Element::kName, Element::kSsn, Element::kEligibility})));
}

TEST(X12_277, ClaimsOfSubscriberDependentAndPatient) {
  const Exposure exposure = resolve_text(interchange(
      "277", "005010X212",
      "HL*1**20*1~NM1*PR*2*PAYER*****PI*9~HL*2*1*21*1~NM1*41*1*HELP*DESK****46*1~"
      "HL*3*2*19*1~NM1*1P*1*WELBY*ANN****XX*1234567893~"
      "HL*4*3*22*1~DMG*D8*19740309*F~NM1*IL*1*DOE*JANE****MI*M1~"
      "HL*5*4*23~DMG*D8*20040309*M~NM1*QC*1*DOE*TOM~TRN*2*C1~STC*A1:20*20230101*WQ*10~REF*EJ*ACC1~"
      "DTP*472*D8*20230101~SVC*HC:99213*10*0~STC*A1:20*20230101~"
      "HL*6*3*PT~NM1*QC*1*ROE*JOHN****MI*M2~TRN*2*C2~STC*A2:20*20230101*WQ*9~"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, 3U);
  EXPECT_EQ(exposure.roles[2].count, 1U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  const Person* tom = find_named(exposure, "TOM", "DOE");
  const Person* john = find_named(exposure, "JOHN", "ROE");
  ASSERT_TRUE(jane != nullptr && tom != nullptr && john != nullptr);
  EXPECT_EQ(words(jane->elements), words(elements({Element::kName, Element::kDateOfBirth,
                                                   Element::kMemberId, Element::kDemographics})));
  EXPECT_EQ(words(tom->elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kDemographics,
                            Element::kAccountNumber, Element::kClaim, Element::kProcedure})));
  EXPECT_EQ(words(john->elements),
            words(elements({Element::kName, Element::kMemberId, Element::kClaim})));
}

TEST(X12_278, WhatIsAskedForIsThePatients) {
  const Exposure exposure = resolve_text(interchange(
      "278", "005010X217",
      "HL*1**20*1~NM1*X3*2*PAYER*****46*7~HL*2*1*21*1~NM1*1P*1*GARDENER*JAMES****46*8~"
      "HL*3*2*22*1~NM1*IL*1*DOE*JANE****MI*M1~HL*4*3*23*1~NM1*QC*1*DOE*TOM~DMG*D8*20040309*M~"
      "HL*5*4*EV*1~UM*SC*I*3*11:B~HCR*A1*AUTH1~HI*ABF:F1120~NM1*SJ*1*WATSON*SUSAN****34*212341234~"
      "PER*IC**TE*4029993456~NM1*FA*2*HOSPITAL*****24*1~N3*1 ELM~HL*6*5*SS*0~SV1*HC:99213~"));
  EXPECT_TRUE(exposure.complete());
  const Person* tom = find_named(exposure, "TOM", "DOE");
  const Person* susan = find_named(exposure, "SUSAN", "WATSON");
  ASSERT_TRUE(tom != nullptr && susan != nullptr);
  EXPECT_EQ(exposure.roles[0].count, 2U);
  EXPECT_EQ(exposure.roles[2].count, 2U);
  EXPECT_EQ(words(tom->elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kDemographics,
                            Element::kClaim, Element::kDiagnosis, Element::kProcedure,
                            Element::kTreatingProvider})));
  EXPECT_EQ(words(find_named(exposure, "JANE", "DOE")->elements),
            words(elements({Element::kName, Element::kMemberId})));
  EXPECT_EQ(words(susan->elements), words(elements({Element::kName, Element::kSsn})));
  EXPECT_EQ(susan->role, Role::kProvider);
}

TEST(X12_999, NobodyIsNamedButClaimsAreQuoted) {
  const Exposure exposure =
      resolve_text(interchange("999", "005010X231A1",
                               "AK1*HC*17456~AK2*837*0001~IK3*CLM*22**8~CTX*CLM01:123456789~IK4*2*"
                               "782*1*212341234~IK5*R*5~AK9*P*1*1*1~"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_TRUE(exposure.persons.empty());
  EXPECT_EQ(exposure.files[0].report.anonymous_records, 1U);
}

TEST(X12_835, PatientsOtherNamesAndInsured) {
  const Exposure exposure =
      resolve_text(interchange("835", "005010X221A1",
                               "BPR*I*10*C*ACH*CCP*01*999999992*DA*123456*1~N1*PR*PAYER*XV*9~N1*PE*"
                               "CLINIC*XX*1234567893~LX*1~"
                               "CLP*ACC1*1*100*80**12*PC77~NM1*QC*1*DOE*JANE****MI*M123~NM1*IL*1*"
                               "DOE*JACK****MI*M124~NM1*74*1*ROE*JANE****C*M125~"
                               "NM1*82*1*WELBY*ANN****XX*1234567893~NM1*TT*2*CROSSOVER~REF*EA*MR8~"
                               "DTM*232*20230101~SVC*HC:99213*40*40~DTM*472*20230101~"
                               "CLP*ACC2*1*100*80**12*PC78~NM1*QC*1*POE*ED****34*212341234~SVC*N4:"
                               "01234567891*9*9~PLB*1234567893*20231231*CS:1*5~"));
  EXPECT_TRUE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, 3U);
  EXPECT_EQ(exposure.roles[2].count, 1U);
  const Person* jane = find_named(exposure, "JANE", "DOE");
  const Person* jack = find_named(exposure, "JACK", "DOE");
  const Person* ed = find_named(exposure, "ED", "POE");
  ASSERT_TRUE(jane != nullptr && jack != nullptr && ed != nullptr);
  EXPECT_EQ(jane, find_named(exposure, "JANE", "ROE"));
  EXPECT_TRUE(has_identifier(*jane, IdentifierType::kMemberId, "M125"));
  EXPECT_EQ(words(jane->elements),
            words(elements({Element::kName, Element::kMemberId, Element::kMedicalRecordNumber,
                            Element::kAccountNumber, Element::kClaim, Element::kProcedure,
                            Element::kTreatingProvider})));
  EXPECT_EQ(words(jack->elements), words(elements({Element::kName, Element::kMemberId})));
  EXPECT_EQ(words(ed->elements),
            words(elements({Element::kName, Element::kSsn, Element::kAccountNumber, Element::kClaim,
                            Element::kPrescription})));
}

TEST(X12_834, MutationsChangeTheAnswer) {
  const std::string text = x834(
      "INS*Y*18*030~REF*0F*M17~NM1*IL*1*DOE*JANE****34*212341234~DMG*D8*19740309*F~HD*030**HLT~"
      "INS*N*01*030~REF*0F*M17~NM1*IL*1*DOE*JOHN****34*212341235~DMG*D8*19730409*M~HD*030**HLT~");
  ASSERT_EQ(resolve_text(text).roles[0].count, 2U);
  EXPECT_EQ(find_named(resolve_text(replaced(text, "DOE*JANE", "JANE*DOE")), "JANE", "DOE"),
            nullptr);
  EXPECT_EQ(resolve_text(replaced(text,
                                  "INS*N*01*030~REF*0F*M17~NM1*IL*1*DOE*JOHN****34*212341235~"
                                  "DMG*D8*19730409*M~HD*030**HLT~",
                                  ""))
                .roles[0]
                .count,
            1U);
  // Another qualifier: no SSN any more. A byte too many before the name: not understood.
  const Exposure numbered = resolve_text(replaced(text, "34*212341234", "ZZ*212341234"));
  EXPECT_FALSE(find_named(numbered, "JANE", "DOE")->elements.has(Element::kSsn));
  EXPECT_FALSE(resolve_text(replaced(text, "~DMG*D8*19740309", "~XDMG*D8*19740309")).complete());
}

TEST(X12_835, MutationsChangeTheAnswer) {
  const std::string text =
      interchange("835", "005010X221A1",
                  "N1*PR*PAYER*XV*9~LX*1~CLP*A1*1*100*80**12*PC77~NM1*QC*1*DOE*JANE****MI*M123~SVC*"
                  "HC:99213*40*40~"
                  "CLP*A2*1*100*80**12*PC78~NM1*QC*1*ROE*JOHN****MI*M124~SVC*HC:99214*40*40~");
  ASSERT_EQ(resolve_text(text).roles[0].count, 2U);
  EXPECT_EQ(find_named(resolve_text(replaced(text, "DOE*JANE", "JANE*DOE")), "JANE", "DOE"),
            nullptr);
  // The second claim's loop is lost: its service line is Jane's.
  const Exposure dropped =
      resolve_text(replaced(text, "CLP*A2*1*100*80**12*PC78~NM1*QC*1*ROE*JOHN****MI*M124~", ""));
  EXPECT_EQ(dropped.roles[0].count, 1U);
  EXPECT_FALSE(resolve_text(replaced(text, "~SVC*HC:99213", "~XSVC*HC:99213")).complete());
}

// Mutations must change the answer: dropping a loop, exchanging two elements.
TEST(X12_837, MutationsChangeTheAnswer) {
  const std::string text =
      x837(kBilling +
           "HL*2*1*22*0~SBR*P*18~NM1*IL*1*DOE*JOHN****MI*M1~DMG*D8*19600101*M~CLM*2*1***11:B:1~");
  EXPECT_NE(find_named(resolve_text(text), "JOHN", "DOE"), nullptr);
  EXPECT_EQ(find_named(resolve_text(replaced(text, "DOE*JOHN", "JOHN*DOE")), "JOHN", "DOE"),
            nullptr);
  EXPECT_TRUE(resolve_text(replaced(text, "NM1*IL*1*DOE*JOHN****MI*M1~DMG*D8*19600101*M~", ""))
                  .persons.empty());
  EXPECT_FALSE(resolve_text(replaced(text, "NM1*IL", "NM1IL")).complete());
}

}  // namespace
}  // namespace bulkhead::exposure::test
