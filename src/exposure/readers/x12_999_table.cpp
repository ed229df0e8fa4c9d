// clang-format off: tables, to be read as such.
// 999 Implementation Acknowledgment (005010X231A1) and 997 Functional Acknowledgment: nobody is named. But they quote:
// the account number of the claim that was refused (CTX), the element that was wrong (IK4, AK4).
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t { kHeader, k2000, k2100, k2110 };
constexpr std::string_view kLoopNames[] = {"header", "2000", "2100", "2110"};
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data
    {"AK2", "", 0, kAnywhere, k2000, kFamilyEnds},
    {"IK3", "", 0, kAnywhere, k2100, kMemberStarts},   // somebody's segment
    {"AK3", "", 0, kAnywhere, k2100, kMemberStarts},
    {"IK5", "", 0, kAnywhere, k2000, kFamilyEnds},
    {"AK5", "", 0, kAnywhere, k2000, kFamilyEnds},
};

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label
    {"CTX", 1, 2, 0, 0, "", kAnywhere, kAccountNumber, "patient control number"},   // CTX*CLM01:123
    {"IK4", 4, 0, 0, 0, "", kAnywhere, kUnlabelledNumber},
    {"AK4", 4, 0, 0, 0, "", kAnywhere, kUnlabelledNumber},
};

constexpr std::string_view kKnown = "ISA IEA GS GE ST SE TA1 AK1 AK2 AK3 AK4 AK5 AK9 IK3 IK4 IK5 CTX";

constexpr X12SetTable kImplementation = {"999", kLoopNames, kLoopRules, kFieldRules, kKnown};
constexpr X12SetTable kFunctional = {"997", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_999_table() { return kImplementation; }
const X12SetTable& x12_997_table() { return kFunctional; }

}  // namespace bulkhead::exposure
