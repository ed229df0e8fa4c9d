// clang-format off: tables, to be read as such.
// 835 Health Care Claim Payment/Advice (005010X221A1, 004010X091A1). Each CLP is one claim of one patient.
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t { kHeader, k1000, k2000, k2100, kPatientName, kInsured, kCorrected, kRendering, kCrossover, k2110, kSummary };
constexpr std::string_view kLoopNames[] = {"header", "1000", "2000", "2100", "2100", "2100",
                                           "2100",   "2100", "2100", "2110", "summary"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kClaims = in({k2100, kPatientName, kInsured, kCorrected, kRendering, kCrossover});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data, treats
    {"N1", "PR", 1, kAnywhere, k1000, kPayer},
    {"N1", "", 1, in({kHeader, k1000}), k1000, kNobody},
    {"LX", "", 0, kAnywhere, k2000, kFamilyEnds},
    {"CLP", "", 0, kAnywhere, k2100, kMemberStarts},
    {"NM1", "QC", 1, kClaims, kPatientName, kMember},
    {"NM1", "IL GB", 1, kClaims, kInsured, kOtherInsured},   // only where they are not the patient
    {"NM1", "74", 1, kClaims, kCorrected, kMemberOtherName},
    {"NM1", "82", 1, kClaims, kRendering, kProviderStarts, true},
    {"NM1", "", 1, kClaims, kCrossover, kNobody},            // crossover carrier, corrected payer
    // What follows the names is the claim's again.
    {"MIA", "", 0, kClaims, k2100, kPatient},
    {"MOA", "", 0, kClaims, k2100, kPatient},
    {"REF", "", 1, kClaims, k2100, kPatient},
    {"DTM", "", 1, kClaims, k2100, kPatient},
    {"SVC", "", 0, kClaims | in({k2110}), k2110, kPatient},
    {"PLB", "", 0, kAnywhere, kSummary, kFamilyEnds},
};

constexpr X12LoopSet kNamed = in({kPatientName, kInsured, kCorrected, kRendering});

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label, flags, step
    {"CLP", 1, 0, 0, 0, "", in({k2100}), kAccountNumber, "patient control number"},
    {"CLP", 1, 0, 0, 0, "", in({k2100}), kClaim},
    {"CLP", 3, 0, 0, 0, "", in({k2100}), kClaim},
    {"CLP", 7, 0, 0, 0, "", in({k2100}), kClaim},            // the payer's number of the claim
    {"NM1", 3, 0, 2, 0, "1", kNamed, kLastName},
    {"NM1", 4, 0, 2, 0, "1", kNamed, kFirstName},
    {"NM1", 5, 0, 2, 0, "1", kNamed, kMiddleName},
    {"NM1", 7, 0, 2, 0, "1", kNamed, kNameSuffix},
    {"NM1", 9, 0, 8, 0, "MI II MR MC N C C1 ZZ", in({kPatientName, kInsured, kCorrected}), kMemberId},
    {"NM1", 9, 0, 8, 0, "HN", in({kPatientName, kInsured, kCorrected}), kMedicareId},
    {"NM1", 9, 0, 8, 0, "34 SY", kNamed, kSsn},
    {"NM1", 9, 0, 8, 0, "XX", in({kRendering}), kNpi},
    {"REF", 2, 0, 1, 0, "SY", in({k2100}), kSsn},
    {"REF", 2, 0, 1, 0, "1W", in({k2100}), kMemberId, "member number"},
    {"REF", 2, 0, 1, 0, "IG", in({k2100}), kMemberId, "policy number", kFactNotAKey},
    {"REF", 2, 0, 1, 0, "EA", in({k2100}), kMedicalRecordNumber},
    {"REF", 2, 0, 1, 0, "F8 G1 G3 BB 9A 9C D9", in({k2100}), kClaim},
    {"REF", 2, 0, 1, 0, "1L CE", in({k2100}), kEligibility}, // group; class of contract
    {"DTM", 2, 0, 1, 0, "036", in({k2100}), kEligibility},   // coverage ended
    {"DTM", 2, 0, 1, 0, "232 233 050", in({k2100}), kClaim},
    {"SVC", 1, 2, 1, 1, "HC AD ER IV WK HP", in({k2110}), kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SVC", 1, 2, 1, 1, "N4", in({k2110}), kPrescription},
    {"SVC", 1, 2, 1, 1, "NU", in({k2110}), kClaim},          // revenue code
    {"SVC", 2, 0, 0, 0, "", in({k2110}), kClaim},
    {"DTM", 2, 0, 1, 0, "472 150 151", in({k2110}), kClaim},
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE TA1 BPR NTE TRN CUR REF DTM N1 N2 N3 N4 PER RDM LX TS3 TS2 CLP CAS NM1 MIA MOA AMT QTY SVC LQ PLB";

constexpr X12SetTable kTable = {"835", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_835_table() { return kTable; }

}  // namespace bulkhead::exposure
