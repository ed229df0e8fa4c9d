// clang-format off: tables, to be read as such.
// 276 Claim Status Request and 277 Response (005010X212), 277 Claim Acknowledgment (005010X214): one structure.
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t { kHeader, k2000A, k2100A, k2000B, k2100B, k2000C, k2100C, k2000D, k2100D, k2000E, k2100E, k2200, k2220 };
constexpr std::string_view kLoopNames[] = {"header", "2000A", "2100A", "2000B", "2100B", "2000C", "2100C",
                                           "2000D",  "2100D", "2000E", "2100E", "2200",  "2220"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kPersons = in({k2000D, k2100D, k2000E, k2100E, k2200, k2220});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data, treats
    {"HL", "20", 3, kAnywhere, k2000A, kFamilyEnds},
    {"HL", "21", 3, kAnywhere, k2000B, kFamilyEnds},
    {"HL", "19", 3, kAnywhere, k2000C, kFamilyEnds},
    {"HL", "22 PT", 3, kAnywhere, k2000D, kMemberStarts},    // PT: the patient, in an acknowledgment
    {"HL", "23", 3, kAnywhere, k2000E, kDependentStarts},
    {"NM1", "", 1, in({kHeader, k2000A}), k2100A, kPayer},
    {"NM1", "", 1, in({k2000B}), k2100B, kNobody},           // the submitter, and whom to call there
    {"NM1", "", 1, in({k2000C, k2100C}), k2100C, kProviderStarts},
    {"NM1", "QC", 1, in({k2000E, k2100E}), k2100E, kDependent},
    {"NM1", "IL QC", 1, in({k2000D, k2100D}), k2100D, kMember},
    {"NM1", "", 1, kPersons, k2200, kNobody},
    {"TRN", "", 0, kPersons, k2200, kPatient},               // a claim
    {"STC", "", 0, kPersons & ~in({k2220}), k2200, kPatient},
    {"SVC", "", 0, kPersons, k2220, kPatient},               // a line of it
};

constexpr X12LoopSet kMembers = in({k2100D, k2100E});
constexpr X12LoopSet kNamed = in({k2100C, k2100D, k2100E});
constexpr X12LoopSet kClaims = in({k2200, k2220});

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
    {"NM1", 9, 0, 8, 0, "XX", in({k2100C}), kNpi},
    {"DMG", 2, 0, 0, 0, "", in({k2000D, k2100D, k2000E, k2100E}), kBirthDate},   // before the name
    {"DMG", 3, 0, 0, 0, "", in({k2000D, k2100D, k2000E, k2100E}), kDemographics},
    {"TRN", 2, 0, 0, 0, "", in({k2200}), kClaim},                                // the provider's number of the claim
    {"STC", 2, 0, 0, 0, "", kClaims, kClaim},
    {"STC", 4, 0, 0, 0, "", kClaims, kClaim},                                    // the amount
    {"REF", 2, 0, 1, 0, "EJ", kClaims, kAccountNumber, "patient control number"},
    {"REF", 2, 0, 1, 0, "1K BLT D9 FJ XZ VV", kClaims, kClaim},
    {"REF", 2, 0, 1, 0, "EA", kClaims, kMedicalRecordNumber},
    {"REF", 2, 0, 1, 0, "SY", kClaims | kMembers, kSsn},
    {"AMT", 2, 0, 0, 0, "", kClaims, kClaim},
    {"DTP", 3, 0, 0, 0, "", kClaims, kClaim},
    {"SVC", 1, 2, 1, 1, "HC AD HP WK ER", in({k2220}), kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SVC", 1, 2, 1, 1, "N4", in({k2220}), kPrescription},
    {"SVC", 1, 2, 1, 1, "NU", in({k2220}), kClaim},                              // revenue code
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE TA1 BHT HL NM1 N3 N4 PER TRN STC REF DTP QTY AMT SVC DMG SBR PWK LQ PAT N1 REP SV1";

constexpr X12SetTable kRequest = {"276", kLoopNames, kLoopRules, kFieldRules, kKnown};
constexpr X12SetTable kResponse = {"277", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_276_table() { return kRequest; }
const X12SetTable& x12_277_table() { return kResponse; }

}  // namespace bulkhead::exposure
