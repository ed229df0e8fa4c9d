// clang-format off: tables, to be read as such.
// 834 Benefit Enrollment and Maintenance, 005010X220A1 and 004010X095A1, with what states add to it.
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t {
  kHeader, k1000, k2000, k2100A, k2100B, k2100C, k2100D, k2100E, k2100F, k2100G,
  k2100H, k2200, k2300, k2310, k2320, k2330, k2700, k2750,
};
constexpr std::string_view kLoopNames[] = {"header", "1000",  "2000",  "2100A", "2100B", "2100C", "2100D", "2100E", "2100F",
                                           "2100G",  "2100H", "2200",  "2300",  "2310",  "2320",  "2330",  "2700", "2750"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kOutsideHeader = ~in({kHeader, k1000});
// NM1 loops of one member may come in any order (real files do not keep the guide's).
constexpr X12LoopSet kMemberPart = in({k2000, k2100A, k2100B, k2100C, k2100D, k2100E, k2100F,
                                       k2100G, k2100H, k2200});
constexpr X12LoopSet kCoveragePart = in({k2300, k2310});
constexpr X12LoopSet kCobPart = in({k2320, k2330});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data
    {"INS", "", 0, kAnywhere, k2000, kMemberStarts},
    {"N1", "IN", 1, in({kHeader, k1000}), k1000, kPayer},
    {"N1", "", 1, in({kHeader, k1000}), k1000, kNobody},
    {"NM1", "IL 74", 1, kOutsideHeader & ~kCobPart & ~kCoveragePart, k2100A, kMember},
    {"NM1", "70", 1, kMemberPart, k2100B, kMemberOtherName},
    {"NM1", "31", 1, kMemberPart, k2100C, kMemberOnly},
    {"NM1", "36", 1, kMemberPart, k2100D, kNobody},
    {"NM1", "M8", 1, kMemberPart, k2100E, kNobody},
    {"NM1", "S3", 1, kMemberPart, k2100F, kRelatedStarts},
    {"NM1", "6Y 9K E1 EI EXS GB GD J6 LR QD S1 TZ X4", 1, kMemberPart, k2100G, kRelatedStarts},
    {"NM1", "45", 1, kMemberPart, k2100H, kNobody},
    {"DSB", "", 0, kMemberPart, k2200, kMemberOnly},
    {"HD", "", 0, kOutsideHeader, k2300, kMemberOnly},
    {"NM1", "P3 1X 3D 80 FA OD OP QA QN Y2", 1, kCoveragePart, k2310, kProviderStarts, true},
    {"COB", "", 0, kOutsideHeader, k2320, kMemberOnly},
    {"NM1", "", 1, kCobPart, k2330, kNobody},
    {"LS", "", 0, kOutsideHeader, k2700, kMemberOnly},
    {"N1", "75", 1, in({k2700, k2750}), k2750, kMemberOnly},
    {"LE", "", 0, kOutsideHeader, k2700, kMemberOnly},
    {"NM1", "", 1, kOutsideHeader, k2100D, kNobody},  // an entity that the guide does not know: nobody's data
};

constexpr X12LoopSet kPersonLoops = in({k2100A, k2100B, k2100F, k2100G, k2310});
constexpr X12LoopSet kAddressed = in({k2100A, k2100C, k2100F, k2100G, k2310});

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label, flags, step
    // --- 2000 member level
    {"INS", 3, 0, 0, 0, "", in({k2000}), kEligibility},                 // maintenance type: add, change, terminate
    {"INS", 12, 0, 11, 0, "D8", in({k2000}), kDeathDate},
    {"REF", 2, 0, 1, 0, "0F", in({k2000}), kMemberId, "subscriber number"},
    {"REF", 2, 0, 1, 0, "1D", in({k2000}), kMemberId, "Medicaid number"},
    {"REF", 2, 0, 1, 0, "1W", in({k2000}), kMemberId, "member number"},
    {"REF", 2, 0, 1, 0, "23", in({k2000}), kMemberId, "client number", 0, 0, {}, true},
    {"REF", 2, 0, 1, 0, "3H", in({k2000}), kMemberId, "case number", kFactNotAKey, 0, {}, true},
    {"REF", 2, 0, 1, 0, "ABB", in({k2000}), kMemberId, "personal id", kFactNotAKey, 0, {}, true},
    {"REF", 2, 0, 1, 0, "Q4", in({k2000}), kMemberId, "prior number", kFactPrior, 0, {}, true},
    {"REF", 2, 0, 1, 0, "F6", in({k2000}), kMedicareId, "health insurance claim number"},
    {"REF", 2, 0, 1, 0, "SY", in({k2000}), kSsn},
    {"REF", 2, 0, 1, 0, "4A", in({k2000}), kCredentials},               // personal identification number
    {"REF", 2, 0, 1, 0, "EA", in({k2000}), kMedicalRecordNumber},
    {"REF", 2, 0, 1, 0, "EJ", in({k2000}), kAccountNumber},
    {"REF", 2, 0, 1, 0, "1L 17", in({k2000}), kEligibility},            // group or policy; reporting category
    {"DTP", 3, 0, 0, 0, "", in({k2000}), kEligibility},
    // --- names (2100A, B, F, G; 2310 providers)
    {"NM1", 3, 0, 2, 0, "1", kPersonLoops, kLastName},
    {"NM1", 4, 0, 2, 0, "1", kPersonLoops, kFirstName},
    {"NM1", 5, 0, 2, 0, "1", kPersonLoops, kMiddleName},
    {"NM1", 7, 0, 2, 0, "1", kPersonLoops, kNameSuffix},
    {"NM1", 9, 0, 8, 0, "34 SY", kPersonLoops, kSsn},
    {"NM1", 9, 0, 8, 0, "ZZ MI II N C1 MR MC", in({k2100A, k2100B, k2100F, k2100G}), kMemberId},
    {"NM1", 9, 0, 8, 0, "HN", in({k2100A, k2100B}), kMedicareId},
    {"NM1", 9, 0, 8, 0, "XX", in({k2310}), kNpi},
    {"PER", 4, 0, 3, 0, "TE HP CP WP BN AP FX", kAddressed, kPhone, "", 0, 2},
    {"PER", 4, 0, 3, 0, "EM", kAddressed, kEmail, "", 0, 2},
    {"N3", 1, 0, 0, 0, "", kAddressed, kAddressLine1},
    {"N3", 2, 0, 0, 0, "", kAddressed, kAddressLine2},
    {"N4", 1, 0, 0, 0, "", kAddressed, kCity},
    {"N4", 2, 0, 0, 0, "", kAddressed, kState},
    {"N4", 3, 0, 0, 0, "", kAddressed, kPostalCode},
    {"DMG", 2, 0, 0, 0, "", in({k2100A, k2100B}), kBirthDate},
    {"DMG", 3, 0, 0, 0, "", in({k2100A, k2100B}), kDemographics},  // sex
    {"DMG", 4, 0, 0, 0, "", in({k2100A}), kDemographics},                  // marital status
    {"DMG", 5, 0, 0, 0, "", in({k2100A}), kDemographics},                  // race and ethnicity
    {"LUI", 2, 0, 0, 0, "", in({k2100A}), kDemographics},                  // language
    {"LUI", 3, 0, 0, 0, "", in({k2100A}), kDemographics},
    {"HLH", 1, 0, 0, 0, "", in({k2100A}), kClinical},                      // tobacco, alcohol
    {"HLH", 2, 0, 0, 0, "", in({k2100A}), kClinical},                      // height
    {"HLH", 3, 0, 0, 0, "", in({k2100A}), kClinical},                      // weight
    // --- 2200 disability
    {"DSB", 1, 0, 1, 0, "1 2 3", in({k2200}), kDiagnosis},                // 4 is "no disability"
    {"DSB", 8, 0, 7, 0, "DX ZZ", in({k2200}), kDiagnosis, "", 0, 0, CodeSystem::kAnyIcd},
    // --- 2300 coverage
    {"HD", 3, 0, 0, 0, "", in({k2300}), kEligibility},                      // insurance line
    {"HD", 4, 0, 0, 0, "", in({k2300}), kEligibility},                      // plan
    {"DTP", 3, 0, 0, 0, "", in({k2300}), kEligibility},
    {"REF", 2, 0, 1, 0, "1L 17 CE RB", in({k2300}), kEligibility},
    // --- 2320 other insurance
    {"COB", 2, 0, 0, 0, "", in({k2320}), kMemberId, "other insurer's number", kFactNotAKey},
    {"COB", 1, 0, 0, 0, "", in({k2320}), kEligibility},
    {"REF", 2, 0, 1, 0, "SY", in({k2320}), kSsn, "", kFactNotAKey},              // may be the policy holder's
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE BGN REF DTP QTY N1 N2 N3 N4 PER ACT INS NM1 DMG EC ICM AMT HLH LUI DSB AD1 PM HD IDC LX PLA "
    "COB LS LE TA1";

constexpr X12SetTable kTable = {"834", kLoopNames, kLoopRules, kFieldRules, kKnown, "INS"};

}  // namespace

const X12SetTable& x12_834_table() { return kTable; }

}  // namespace bulkhead::exposure
