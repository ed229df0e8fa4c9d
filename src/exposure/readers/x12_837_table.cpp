// clang-format off: tables, to be read as such.
// 837 Health Care Claim: professional (005010X222A1, 004010X098A1), institutional (005010X223A2, 004010X096A1),
// dental (005010X224A2, 004010X097A1).
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t {
  kHeader, k1000, k2000A, k2010AA, k2010AB, k2000B, k2010BA, k2010BB, k2010BC,
  k2000C, k2010CA, k2300, k2310, k2310C, k2320, k2330A, k2330B,
  k2330C, k2400, k2420, k2420C, k2430,
};
constexpr std::string_view kLoopNames[] = {"header", "1000",  "2000A", "2010AA", "2010AB", "2000B", "2010BA", "2010BB",
                                           "2010BC", "2000C", "2010CA", "2300",  "2310",   "2310C", "2320",  "2330A",
                                           "2330B",  "2330C", "2400",   "2420",  "2420C",  "2430"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kBeforeClaim = in({kHeader, k1000, k2000A, k2010AA, k2010AB, k2000B, k2010BA,
                                        k2010BB, k2010BC, k2000C, k2010CA});
constexpr X12LoopSet kClaimPart = in({k2300, k2310, k2310C});
constexpr X12LoopSet kOtherPart = in({k2320, k2330A, k2330B, k2330C});
constexpr X12LoopSet kLinePart = in({k2400, k2420, k2420C, k2430});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data, treats
    {"HL", "20", 3, kAnywhere, k2000A, kFamilyEnds},
    {"HL", "22", 3, kAnywhere, k2000B, kMemberStarts},
    {"HL", "23", 3, kAnywhere, k2000C, kDependentStarts},
    {"NM1", "41 40", 1, kAnywhere, k1000, kNobody},
    {"NM1", "85", 1, kBeforeClaim, k2010AA, kProviderStarts},
    {"NM1", "87 PE", 1, kBeforeClaim, k2010AB, kProviderStarts},
    {"NM1", "IL", 1, kBeforeClaim, k2010BA, kMember},
    {"NM1", "PR", 1, kBeforeClaim, k2010BB, kPayer},
    {"NM1", "QD S1 GD AO", 1, kBeforeClaim, k2010BC, kRelatedStarts},
    {"NM1", "QC", 1, kBeforeClaim, k2010CA, kDependent},
    {"CLM", "", 0, kAnywhere, k2300, kPatient},
    // 2310: claim level. 77 and FA are places; DN and P3 refer, 82 renders, 71 attends, 72 operates, DQ supervises.
    {"NM1", "82 71 72 73 ZZ DQ DN P3 DK DD QB AS", 1, kClaimPart, k2310, kProviderStarts, true},
    {"NM1", "IL GB", 1, kClaimPart, k2330A, kOtherInsured},  // its SBR is missing
    {"NM1", "", 1, kClaimPart, k2310C, kNobody},
    // 2320: other insurance of the patient
    {"SBR", "", 0, kClaimPart | kOtherPart, k2320, kOtherInsuredStarts},
    {"NM1", "IL GB", 1, kOtherPart, k2330A, kOtherInsured},
    {"NM1", "QC", 1, kOtherPart, k2330C, kPatient},
    {"NM1", "PR", 1, kOtherPart, k2330B, kPayer},
    {"NM1", "", 1, kOtherPart, k2330B, kNobody},
    // 2400: service lines
    {"LX", "", 0, kClaimPart | kOtherPart | kLinePart, k2400, kPatient},
    {"NM1", "82 71 72 73 ZZ DQ DN P3 DK DD QB AS", 1, kLinePart, k2420, kProviderStarts, true},
    {"NM1", "IL", 1, kLinePart, k2010BA, kMember},           // its HL is missing
    {"NM1", "QC", 1, kLinePart, k2010CA, kDependent},
    {"NM1", "", 1, kLinePart, k2420C, kNobody},
    {"SVD", "", 0, kLinePart, k2430, kPatient},
    {"NM1", "", 1, kBeforeClaim, k2010AB, kNobody},  // an entity that the guide does not know
};

constexpr X12LoopSet kMembers = in({k2010BA, k2010CA, k2010BC, k2330A});
constexpr X12LoopSet kProviders = in({k2010AA, k2010AB, k2310, k2420});
constexpr X12LoopSet kClaims = kClaimPart;
constexpr X12LoopSet kLines = kLinePart;

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label, flags, step
    {"NM1", 3, 0, 2, 0, "1", kMembers | kProviders, kLastName},
    {"NM1", 4, 0, 2, 0, "1", kMembers | kProviders, kFirstName},
    {"NM1", 5, 0, 2, 0, "1", kMembers | kProviders, kMiddleName},
    {"NM1", 7, 0, 2, 0, "1", kMembers | kProviders, kNameSuffix},
    {"NM1", 9, 0, 8, 0, "MI II ZZ N C1 MR MC 1W", kMembers, kMemberId},
    {"NM1", 9, 0, 8, 0, "HN", kMembers, kMedicareId},
    {"NM1", 9, 0, 8, 0, "34 SY", kMembers | kProviders, kSsn},
    {"NM1", 9, 0, 8, 0, "XX", kProviders, kNpi},
    {"NM1", 9, 0, 8, 0, "MI II", in({k2330C}), kMemberId, "other payer's number"},
    {"N3", 1, 0, 0, 0, "", kMembers | kProviders, kAddressLine1},
    {"N3", 2, 0, 0, 0, "", kMembers | kProviders, kAddressLine2},
    {"N4", 1, 0, 0, 0, "", kMembers | kProviders, kCity},
    {"N4", 2, 0, 0, 0, "", kMembers | kProviders, kState},
    {"N4", 3, 0, 0, 0, "", kMembers | kProviders, kPostalCode},
    {"DMG", 2, 0, 0, 0, "", kMembers | in({k2320}), kBirthDate},   // 4010: before the other subscriber's NM1
    {"DMG", 3, 0, 0, 0, "", kMembers | in({k2320}), kDemographics},
    {"REF", 2, 0, 1, 0, "SY", kMembers | kProviders, kSsn},
    {"REF", 2, 0, 1, 0, "1W", kMembers, kMemberId, "member number"},
    {"REF", 2, 0, 1, 0, "23", kMembers, kMemberId, "client number"},
    {"REF", 2, 0, 1, 0, "IG", kMembers, kMemberId, "policy number", kFactNotAKey},
    {"REF", 2, 0, 1, 0, "Y4", kMembers, kClaim},                             // property and casualty claim number
    {"PER", 4, 0, 3, 0, "TE HP CP WP", kMembers, kPhone, "", 0, 2},
    {"PER", 4, 0, 3, 0, "EM", kMembers, kEmail, "", 0, 2},
    {"PAT", 6, 0, 5, 0, "D8", in({k2000B, k2000C, k2010BA, k2010CA}), kDeathDate},
    {"PAT", 8, 0, 7, 0, "", in({k2000B, k2000C, k2010BA, k2010CA}), kClinical},  // weight
    // --- 2300 claim: the patient's
    {"CLM", 1, 0, 0, 0, "", in({k2300}), kAccountNumber, "patient control number"},
    {"CLM", 1, 0, 0, 0, "", in({k2300}), kClaim},
    {"CLM", 2, 0, 0, 0, "", in({k2300}), kClaim},
    {"DTP", 3, 0, 1, 0, "", in({k2300}), kClaim},
    {"REF", 2, 0, 1, 0, "EA", kClaims, kMedicalRecordNumber},
    {"REF", 2, 0, 1, 0, "F8 D9 G1 9F 9C", kClaims, kClaim},
    {"REF", 2, 0, 1, 0, "P4", kClaims, kClaim},
    {"NTE", 2, 0, 0, 0, "", kClaims, kClinical},
    {"CR1", 2, 0, 1, 0, "LB", kClaims, kClinical},                           // weight
    {"CL1", 1, 0, 0, 0, "", kClaims, kClaim},                                // admission
    {"HI", 1, 2, 1, 1, "BK BF BJ BN ZZ PR", kClaims, kDiagnosis, "", 0, 1, CodeSystem::kIcd9},
    {"HI", 1, 2, 1, 1, "ABK ABF ABJ ABN APR", kClaims, kDiagnosis, "", 0, 1, CodeSystem::kIcd10},
    {"HI", 1, 2, 1, 1, "BP BO BR BQ BBR BBQ CAH", kClaims, kProcedure, "", 0, 1, CodeSystem::kProcedure},
    {"HI", 1, 2, 1, 1, "DR BH BI BE BG TC", kClaims, kClaim, "", 0, 1},      // DRG, occurrences, values, conditions
    // --- 2400 service line: the patient's
    {"SV1", 1, 2, 0, 0, "", kLines, kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SV2", 2, 2, 0, 0, "", kLines, kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SV3", 1, 2, 0, 0, "", kLines, kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SV4", 1, 0, 0, 0, "", kLines, kPrescription},
    {"SV5", 1, 2, 0, 0, "", kLines, kProcedure},
    {"SV1", 2, 0, 0, 0, "", kLines, kClaim},
    {"SV2", 1, 0, 0, 0, "", kLines, kClaim},                                 // revenue code
    {"SV3", 2, 0, 0, 0, "", kLines, kClaim},
    {"DTP", 3, 0, 1, 0, "", kLines, kClaim},
    {"LIN", 3, 0, 2, 0, "N4", kLines, kPrescription},
    {"REF", 2, 0, 1, 0, "XZ VY", kLines, kPrescription},
    {"REF", 2, 0, 1, 0, "6R G1 9F", kLines, kClaim},
    {"MEA", 3, 0, 1, 0, "TR OG", kLines, kClinical},                         // test results
    {"NTE", 2, 0, 0, 0, "", kLines, kClinical},
    {"SVD", 3, 2, 0, 0, "", kLines, kProcedure, "", 0, 0, CodeSystem::kProcedure},
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE TA1 BHT REF NM1 N2 N3 N4 PER HL PRV CUR SBR PAT DMG CLM DTP CL1 DN1 DN2 PWK CN1 AMT K3 NTE CR1 "
    "CR2 CR3 CR5 CR6 CRC HI HCP HSD QTY CAS OI MIA MOA LX SV1 SV2 SV3 SV4 SV5 SV6 SV7 TOO PS1 MEA LIN CTP LQ FRM SVD IMM "
    "DSB UR LS LE ACT";

constexpr X12SetTable kTable = {"837", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_837_table() { return kTable; }

}  // namespace bulkhead::exposure
