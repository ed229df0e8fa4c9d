#include "exposure/detect/values.h"

#include <gtest/gtest.h>

#include "exposure/detect/dates.h"
#include "exposure/detect/element.h"
#include "exposure/detect/header_dictionary.h"
#include "exposure/detect/sensitive.h"
#include "exposure/resolve/name_match.h"

namespace bulkhead::exposure {
namespace {

TEST(Values, SocialSecurityNumbers) {
  EXPECT_EQ(check_ssn("544001234"), SsnCheck::kInvalid);  // group 00
  EXPECT_EQ(check_ssn("544011234"), SsnCheck::kValid);
  EXPECT_EQ(check_ssn("000121234"), SsnCheck::kInvalid);
  EXPECT_EQ(check_ssn("666121234"), SsnCheck::kInvalid);
  EXPECT_EQ(check_ssn("900121234"), SsnCheck::kInvalid);
  EXPECT_EQ(check_ssn("123120000"), SsnCheck::kInvalid);
  EXPECT_EQ(check_ssn("078051120"), SsnCheck::kSpecimen);
  EXPECT_EQ(check_ssn("987654325"), SsnCheck::kSpecimen);
  EXPECT_EQ(check_ssn("12345678"), SsnCheck::kNotOne);
  EXPECT_EQ(check_ssn("12345678X"), SsnCheck::kNotOne);
  EXPECT_TRUE(is_itin("912701234"));
  EXPECT_FALSE(is_itin("912661234"));
  EXPECT_FALSE(is_itin("812701234"));
}

TEST(Values, MedicareNumbers) {
  EXPECT_EQ(check_mbi("1EG4TE5MK73"), MbiCheck::kValid);
  EXPECT_EQ(check_mbi("1S00E00AA01"), MbiCheck::kSynthetic);
  EXPECT_EQ(check_mbi("9AB2WW3GR44"),
            MbiCheck::kNotOne);  // B in position 3: only its column says what it is
  EXPECT_EQ(check_mbi("0EG4TE5MK73"), MbiCheck::kNotOne);
  EXPECT_EQ(check_hicn("123121234A").ssn, "123121234");
  EXPECT_EQ(check_hicn("123121234C1").ssn, "123121234");
  EXPECT_EQ(check_hicn("WA123121234").ssn, "123121234");
  EXPECT_TRUE(check_hicn("A123456").is);
  EXPECT_TRUE(check_hicn("A123456").ssn.empty());
  EXPECT_FALSE(check_hicn("12312123A").is);
}

TEST(Values, Checksums) {
  EXPECT_TRUE(is_npi("1234567893"));
  EXPECT_FALSE(is_npi("1234567890"));
  EXPECT_FALSE(is_npi("1999996666"));
  EXPECT_TRUE(is_payment_card("4111111111111111"));
  EXPECT_FALSE(is_payment_card("4111111111111112"));
  EXPECT_FALSE(is_payment_card("9111111111111111"));
  EXPECT_TRUE(is_aba_routing("081000210"));
  EXPECT_FALSE(is_aba_routing("081000211"));
}

TEST(Values, FillersAndMasks) {
  for (const char* filler :
       {"", "0", "000000000", "999999999", "111-11-1111", "  ", "N/A", "none", "--"}) {
    EXPECT_TRUE(is_filler_number(filler)) << filler;
  }
  for (const char* value : {"7", "123", "000000002", "A1"})
    EXPECT_FALSE(is_filler_number(value)) << value;
  for (const char* masked : {"XXXX", "***-**-1234", "X999999999", "999999999X", "XXX99999999X"}) {
    EXPECT_TRUE(is_masked(masked)) << masked;
  }
  for (const char* value : {"MAX", "X123456", "9999", "EXXON", "1234"})
    EXPECT_FALSE(is_masked(value)) << value;
}

TEST(Values, Dates) {
  const Date expected{1942, 1, 17};
  for (const char* text :
       {"19420117", "1942-01-17", "01/17/1942", "1/17/1942", "17-Jan-1942", "17-JAN-1942",
        "1942-01-17T00:00:00.000000", "1942-01-17 10:46:44.969102", "194201171230", "17/01/1942"}) {
    EXPECT_EQ(parse_date(text), expected) << text;
  }
  for (const char* text :
       {"19420230", "1942-13-01", "Jan 1942", "194201", "1234567890", "00000000", "2023-02-29"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
  EXPECT_EQ(parse_date("03/09/1974"), (Date{1974, 3, 9}));
  EXPECT_EQ(parse_date("03/09/1974", true), (Date{1974, 9, 3}));
  EXPECT_TRUE(is_placeholder({1900, 1, 1}));
  EXPECT_TRUE(is_placeholder({9999, 12, 31}));
  EXPECT_FALSE(is_placeholder({1974, 3, 9}));
  EXPECT_EQ(age_on({2008, 11, 25}, {2026, 11, 24}), 17);
  EXPECT_EQ(age_on({2008, 11, 24}, {2026, 11, 24}), 18);
}

TEST(Values, SensitiveCodes) {
  EXPECT_EQ(sensitivity_of(CodeSystem::kIcd10, "F11.20"),
            static_cast<SensitivitySet>(Sensitivity::kSubstanceUse));
  EXPECT_EQ(sensitivity_of(CodeSystem::kIcd10, "F329"),
            static_cast<SensitivitySet>(Sensitivity::kMentalHealth));
  EXPECT_EQ(sensitivity_of(CodeSystem::kIcd10, "B20"),
            static_cast<SensitivitySet>(Sensitivity::kHiv));
  EXPECT_EQ(sensitivity_of(CodeSystem::kIcd10, "E119"), 0);
  EXPECT_EQ(sensitivity_of(CodeSystem::kIcd9, "30401"),
            static_cast<SensitivitySet>(Sensitivity::kSubstanceUse));
  EXPECT_EQ(sensitivity_of(CodeSystem::kIcd9, "042"),
            static_cast<SensitivitySet>(Sensitivity::kHiv));
  EXPECT_EQ(sensitivity_of(CodeSystem::kProcedure, "90834"),
            static_cast<SensitivitySet>(Sensitivity::kMentalHealth));
}

TEST(Values, FirstNames) {
  EXPECT_EQ(match_first_names("JOHN", "JOHN"), NameMatch::kEqual);
  EXPECT_EQ(match_first_names("J", "JOHN"), NameMatch::kWeak);
  EXPECT_EQ(match_first_names("BOB", "ROBERT"), NameMatch::kWeak);
  EXPECT_EQ(match_first_names("JANE", "JACK"), NameMatch::kContradicts);
  EXPECT_EQ(match_first_names("", "JACK"), NameMatch::kUnknown);
  EXPECT_EQ(match_first_names("BABYBOY", "JACK"), NameMatch::kUnknown);
  EXPECT_EQ(normal_name("O'Néil-Smith"), "ONEILSMITH");
}

struct HeaderCase {
  const char* header;
  FieldKind kind;
};

TEST(Headers, PlainEnglishAndResearchFiles) {
  const Rules rules = default_rules();
  const HeaderCase cases[] = {
      {"BENE_SRNM_NAME", FieldKind::kLastName},
      {"BENE_GVN_NAME", FieldKind::kFirstName},
      {"BENE_MDL_NAME", FieldKind::kMiddleName},
      {"BENE_1ST_NAME", FieldKind::kFirstName},
      {"BENE_BIRTH_DT", FieldKind::kBirthDate},
      {"BENE_BRTH_DT", FieldKind::kBirthDate},
      {"DOB", FieldKind::kBirthDate},
      {"Date of Birth", FieldKind::kBirthDate},
      {"dateOfBirth", FieldKind::kBirthDate},
      {"Birthday", FieldKind::kBirthDate},
      {"MBI_NUM", FieldKind::kMedicareId},
      {"BENE_MBI_ID", FieldKind::kMedicareId},
      {"BENE_CRNT_HIC_NUM", FieldKind::kMedicareId},
      {"BENE_MBI_EFCTV_DT", FieldKind::kNone},
      {"BENE_ID", FieldKind::kPseudonym},
      {"DESYNPUF_ID", FieldKind::kPseudonym},
      {"SSN", FieldKind::kSsn},
      {"Social Security Number", FieldKind::kSsn},
      {"patient_ssn", FieldKind::kSsn},
      {"Member ID", FieldKind::kMemberId},
      {"subscriberId", FieldKind::kMemberId},
      {"DCN", FieldKind::kMemberId},
      {"Medicaid Number", FieldKind::kMemberId},
      {"MRN", FieldKind::kMedicalRecordNumber},
      {"Patient First Name", FieldKind::kFirstName},
      {"LAST", FieldKind::kLastName},
      {"lname", FieldKind::kLastName},
      {"Street Address", FieldKind::kAddressLine1},
      {"Address 2", FieldKind::kAddressLine2},
      {"BENE_LINE_1_ADR", FieldKind::kAddressLine1},
      {"BENE_LINE_2_ADR", FieldKind::kAddressLine2},
      {"ZipCode", FieldKind::kPostalCode},
      {"Home Phone", FieldKind::kPhone},
      {"EmailAddress", FieldKind::kEmail},
      {"IP Address", FieldKind::kNone},
      {"ICD9_DGNS_CD_1", FieldKind::kDiagnosis},
      {"HCPCS_CD_3", FieldKind::kProcedure},
      {"ICD9_PRCDR_CD_1", FieldKind::kProcedure},
      {"CLM_ID", FieldKind::kClaim},
      {"AT_PHYSN_NPI", FieldKind::kTreatingProvider},
      {"Driver's License", FieldKind::kDriversLicense},
      {"Password", FieldKind::kCredentials},
      {"Gender", FieldKind::kDemographics},
  };
  for (const HeaderCase& test : cases) {
    const HeaderMeaning meaning = meaning_of(test.header, rules);
    EXPECT_TRUE(meaning.known) << test.header;
    EXPECT_EQ(static_cast<int>(meaning.kind), static_cast<int>(test.kind)) << test.header;
  }
  EXPECT_FALSE(meaning_of("Wibble", rules).known);
  EXPECT_EQ(meaning_of("DCN", rules).label, "DCN");
  EXPECT_EQ(meaning_of("Attending Physician Last Name", rules).subject, HeaderSubject::kProvider);
  EXPECT_EQ(meaning_of("Guardian First Name", rules).subject, HeaderSubject::kRelated);
  EXPECT_EQ(meaning_of("Employer Name", rules).subject, HeaderSubject::kNobody);
}

TEST(Rules, ProgrammesFromConfiguration) {
  const auto rules = parse_rules(
      "[[identifier]]\nname = \"CIN\"\npattern = \"AA99999A\"\nheaders = [\"client "
      "identification\"]\n",
      "rules.toml");
  ASSERT_TRUE(rules.has_value());
  EXPECT_EQ(rules->programmes.size(), default_rules().programmes.size() + 1);
  EXPECT_NE(rules->version(), default_rules().version());
  const HeaderMeaning meaning = meaning_of("Client Identification", *rules);
  EXPECT_EQ(meaning.label, "CIN");
  EXPECT_EQ(static_cast<int>(meaning.kind), static_cast<int>(FieldKind::kMemberId));
  for (const char* bad :
       {"x = 1\n", "[[identifier]]\nname = \"A\"\ncolour = \"red\"\n",
        "[[identifier]]\npattern = \"9\"\n", "[[identifier]]\nname = 3\n", "not toml"}) {
    const auto refused = parse_rules(bad, "rules.toml");
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_NE(refused.error().message.find("rules.toml"), std::string::npos);
  }
}

}  // namespace
}  // namespace bulkhead::exposure
