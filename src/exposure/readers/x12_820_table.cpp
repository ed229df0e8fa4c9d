// clang-format off: tables, to be read as such.
// 820 Payment Order/Remittance Advice: premiums for each insured person (005010X218, 004010X061A1; 005010X306 of the
// exchanges). Other trades pay with it too: mortgage insurers name borrowers, shops name nobody.
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t { kHeader, k1000, k2000, k2100, k2300 };
constexpr std::string_view kLoopNames[] = {"header", "1000", "2000", "2100", "2300"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kIndividual = in({k2000, k2100, k2300});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data
    {"N1", "", 1, in({kHeader, k1000}), k1000, kNobody},      // payer and payee: both organisations
    {"NM1", "", 1, in({kHeader, k1000}), k1000, kNobody},
    {"ENT", "", 0, kAnywhere, k2000, kMemberStarts},          // one an individual; one an organisation names nobody
    {"NM1", "IL EY QE DO BW", 1, kIndividual, k2100, kMember}, // insured, employee, policy holder, dependent, borrower
    {"NM1", "", 1, kIndividual, k2100, kNobody},
    {"N1", "", 1, kIndividual, k2100, kNobody},
    {"RMR", "", 0, kIndividual, k2300, kMemberOnly},
};

constexpr X12LoopSet kNamed = in({k2100});

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label, flags, step
    {"ENT", 4, 0, 3, 0, "34", in({k2000}), kSsn},
    {"ENT", 4, 0, 3, 0, "ZZ", in({k2000}), kMemberId},
    {"NM1", 3, 0, 2, 0, "1", kNamed, kLastName},
    {"NM1", 4, 0, 2, 0, "1", kNamed, kFirstName},
    {"NM1", 5, 0, 2, 0, "1", kNamed, kMiddleName},
    {"NM1", 7, 0, 2, 0, "1", kNamed, kNameSuffix},
    {"NM1", 9, 0, 8, 0, "34 SY", kNamed, kSsn},
    {"NM1", 9, 0, 8, 0, "N ZZ C1 MI II MR MC", kNamed, kMemberId},
    {"NM1", 9, 0, 8, 0, "HN", kNamed, kMedicareId},
    {"N3", 1, 0, 0, 0, "", kNamed, kAddressLine1},
    {"N3", 2, 0, 0, 0, "", kNamed, kAddressLine2},
    {"N4", 1, 0, 0, 0, "", kNamed, kCity},
    {"N4", 2, 0, 0, 0, "", kNamed, kState},
    {"N4", 3, 0, 0, 0, "", kNamed, kPostalCode},
    {"REF", 2, 0, 1, 0, "0F", kNamed, kMemberId, "subscriber number"},
    {"REF", 2, 0, 1, 0, "SY", kNamed, kSsn},
    {"REF", 2, 0, 1, 0, "38 1L 18 POL AZ", kNamed, kEligibility},         // policy, group, plan
    {"DMG", 2, 0, 0, 0, "", kNamed, kBirthDate},
    {"DMG", 3, 0, 0, 0, "", kNamed, kDemographics},
    // --- 2300 what is paid for: a policy, its premium, the time that it covers
    {"RMR", 2, 0, 1, 0, "AZ IK 11 9J ZZ", in({k2300}), kEligibility},
    {"REF", 2, 0, 1, 0, "14 18 2F 38 E9 LU ZZ", in({k2300}), kEligibility},
    {"DTM", 6, 0, 1, 0, "582 AAG", in({k2300}), kEligibility},
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE TA1 BPR NTE TRN CUR REF DTM N1 N2 N3 N4 PER RDM ENT NM1 ADX RMR IT1 RPA QTY SAC SLN TX1 TXI TXP "
    "TXPR DMG PID AMT LX DED LOC ASM PYT ITA";

constexpr X12SetTable kTable = {"820", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_820_table() { return kTable; }

}  // namespace bulkhead::exposure
