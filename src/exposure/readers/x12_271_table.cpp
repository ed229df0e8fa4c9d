// clang-format off: tables, to be read as such.
// 270 Eligibility Inquiry and 271 Response (005010X279A1, 004010X092A1): one structure, the response says more.
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t {
  kHeader, k2000A, k2100A, k2000B, k2100B, k2000C, k2100C, k2000D, k2100D, k2110, k2120, k2120P,
};
constexpr std::string_view kLoopNames[] = {"header", "2000A", "2100A", "2000B", "2100B", "2000C",
                                           "2100C",  "2000D", "2100D", "2110",  "2120",  "2120"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kBenefit = in({k2110, k2120, k2120P});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data, treats
    {"HL", "20", 3, kAnywhere, k2000A, kFamilyEnds},
    {"HL", "21", 3, kAnywhere, k2000B, kFamilyEnds},
    {"HL", "22", 3, kAnywhere, k2000C, kMemberStarts},
    {"HL", "23", 3, kAnywhere, k2000D, kDependentStarts},
    {"NM1", "", 1, in({kHeader, k2000A}), k2100A, kPayer},            // the source: a payer or plan
    {"NM1", "", 1, in({k2000B}), k2100B, kProviderStarts},            // the receiver: who asks
    {"NM1", "IL", 1, in({k2000C, k2100C}), k2100C, kMember},
    {"NM1", "03 QC", 1, in({k2000D, k2100D, k2100C}), k2100D, kDependent},
    {"EB", "", 0, kAnywhere, k2110, kPatient},
    {"EQ", "", 0, kAnywhere, k2110, kPatient},
    {"NM1", "P3 P4 P5", 1, kBenefit, k2120P, kProviderStarts, true},  // primary care provider
    {"NM1", "", 1, kBenefit, k2120, kNobody},                         // other payers, contacts
};

constexpr X12LoopSet kMembers = in({k2100C, k2100D});
constexpr X12LoopSet kNamed = in({k2100B, k2100C, k2100D, k2120P});

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label, flags, step
    {"NM1", 3, 0, 2, 0, "1", kNamed, kLastName},
    {"NM1", 4, 0, 2, 0, "1", kNamed, kFirstName},
    {"NM1", 5, 0, 2, 0, "1", kNamed, kMiddleName},
    {"NM1", 7, 0, 2, 0, "1", kNamed, kNameSuffix},
    {"NM1", 9, 0, 8, 0, "MI II ZZ N C1 MR MC", kMembers, kMemberId},
    {"NM1", 9, 0, 8, 0, "HN", kMembers, kMedicareId},
    {"NM1", 9, 0, 8, 0, "34 SY", kNamed, kSsn},
    {"NM1", 9, 0, 8, 0, "XX", in({k2100B, k2120P}), kNpi},
    {"N3", 1, 0, 0, 0, "", kNamed, kAddressLine1},
    {"N3", 2, 0, 0, 0, "", kNamed, kAddressLine2},
    {"N4", 1, 0, 0, 0, "", kNamed, kCity},
    {"N4", 2, 0, 0, 0, "", kNamed, kState},
    {"N4", 3, 0, 0, 0, "", kNamed, kPostalCode},
    {"PER", 4, 0, 3, 0, "TE HP CP WP", kMembers, kPhone, "", 0, 2},
    {"PER", 4, 0, 3, 0, "EM", kMembers, kEmail, "", 0, 2},
    {"DMG", 2, 0, 0, 0, "", kMembers, kBirthDate},
    {"DMG", 3, 0, 0, 0, "", kMembers, kDemographics},
    {"REF", 2, 0, 1, 0, "SY", kMembers | in({k2100B}), kSsn},
    {"REF", 2, 0, 1, 0, "0F 1W", kMembers, kMemberId, "member number"},
    {"REF", 2, 0, 1, 0, "NQ", kMembers, kMemberId, "Medicaid number"},
    {"REF", 2, 0, 1, 0, "HJ", kMembers, kMemberId, "identity card number"},
    {"REF", 2, 0, 1, 0, "3H", kMembers, kMemberId, "case number", kFactNotAKey},
    {"REF", 2, 0, 1, 0, "IG", kMembers, kMemberId, "policy number", kFactNotAKey},
    {"REF", 2, 0, 1, 0, "Q4", kMembers, kMemberId, "prior number", kFactPrior},
    {"REF", 2, 0, 1, 0, "F6", kMembers, kMedicareId, "health insurance claim number"},
    {"REF", 2, 0, 1, 0, "EA", kMembers, kMedicalRecordNumber},
    {"REF", 2, 0, 1, 0, "EJ", kMembers, kAccountNumber},
    {"REF", 2, 0, 1, 0, "Y4", kMembers, kClaim},
    {"REF", 2, 0, 1, 0, "18 1L 6P", kMembers, kEligibility},           // plan, group
    {"DTP", 3, 0, 1, 0, "291 307 346 347 356 357 348 349 539 540", kMembers, kEligibility},
    {"DTP", 3, 0, 1, 0, "442", kMembers, kDeathDate},
    {"HI", 1, 2, 1, 1, "BK BF", kMembers, kDiagnosis, "", 0, 1, CodeSystem::kIcd9},
    {"HI", 1, 2, 1, 1, "ABK ABF", kMembers, kDiagnosis, "", 0, 1, CodeSystem::kIcd10},
    // --- 2110: what the response says of the benefits
    {"EB", 1, 0, 0, 0, "", in({k2110}), kEligibility},
    {"DTP", 3, 0, 0, 0, "", in({k2110}), kEligibility},
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE TA1 BHT HL TRN NM1 N2 N3 N4 PER REF PRV DMG INS HI DTP MPI EQ EB AMT III HSD MSG AAA LS LE VEH PDI PDP";

constexpr X12SetTable kInquiry = {"270", kLoopNames, kLoopRules, kFieldRules, kKnown};
constexpr X12SetTable kResponse = {"271", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_270_table() { return kInquiry; }
const X12SetTable& x12_271_table() { return kResponse; }

}  // namespace bulkhead::exposure
