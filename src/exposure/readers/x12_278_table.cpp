// clang-format off: tables, to be read as such.
// 278 Health Care Services Review: request and response (005010X217, 004010X094A1), inquiry (005010X215), notice
// (005010X216). What is asked for stands in event and service levels below the patient.
#include "exposure/index/person_table.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {
namespace {

enum Loop : std::uint8_t { kHeader, k2000A, k2010A, k2000B, k2010B, k2000C, k2010C, k2000D, k2010D, k2000E, k2010E, k2010EPlace };
constexpr std::string_view kLoopNames[] = {"header", "2000A", "2010A", "2000B", "2010B", "2000C",
                                           "2010C",  "2000D", "2010D", "2000E", "2010E", "2010E"};

constexpr X12LoopSet in(std::initializer_list<Loop> loops) {
  X12LoopSet set = 0;
  for (const Loop loop : loops) set |= X12LoopSet{1} << loop;
  return set;
}
constexpr X12LoopSet kAnywhere = ~X12LoopSet{0};
constexpr X12LoopSet kEventPart = in({k2000E, k2010E, k2010EPlace});

using enum X12Subject;

constexpr X12LoopRule kLoopRules[] = {
    // segment, qualifiers, in element, where, begins, whose data, treats
    {"HL", "20", 3, kAnywhere, k2000A, kFamilyEnds},
    {"HL", "21 19", 3, kAnywhere, k2000B, kFamilyEnds},
    {"HL", "22", 3, kAnywhere, k2000C, kMemberStarts},
    {"HL", "23", 3, kAnywhere, k2000D, kDependentStarts},
    {"HL", "EV SS", 3, kAnywhere, k2000E, kPatient},
    {"NM1", "", 1, in({kHeader, k2000A}), k2010A, kPayer},           // who reviews
    {"NM1", "", 1, in({k2000B, k2010B}), k2010B, kProviderStarts},   // who asks
    {"NM1", "IL", 1, in({k2000C, k2010C}), k2010C, kMember},
    {"NM1", "QC 03", 1, in({k2000D, k2010D}), k2010D, kDependent},
    {"NM1", "77 FA L5 45 PW FS ND R3", 1, kEventPart, k2010EPlace, kNobody},  // places, transport
    {"NM1", "", 1, kEventPart, k2010E, kProviderStarts, true},
    {"NM1", "", 1, in({k2010C, k2010D}), k2010EPlace, kNobody},
};

constexpr X12LoopSet kMembers = in({k2010C, k2010D});
constexpr X12LoopSet kMemberLevel = in({k2000C, k2010C, k2000D, k2010D});
constexpr X12LoopSet kProviders = in({k2010B, k2010E});
constexpr X12LoopSet kEvent = in({k2000E});

using enum FieldKind;

constexpr X12FieldRule kFieldRules[] = {
    // segment, element, component, qualifier at (element, component), its values, where, what, label, flags, step
    {"NM1", 3, 0, 2, 0, "1", kMembers | kProviders, kLastName},
    {"NM1", 4, 0, 2, 0, "1", kMembers | kProviders, kFirstName},
    {"NM1", 5, 0, 2, 0, "1", kMembers | kProviders, kMiddleName},
    {"NM1", 7, 0, 2, 0, "1", kMembers | kProviders, kNameSuffix},
    {"NM1", 9, 0, 8, 0, "MI II ZZ N C1 MR MC", kMembers, kMemberId},
    {"NM1", 9, 0, 8, 0, "HN", kMembers, kMedicareId},
    {"NM1", 9, 0, 8, 0, "34 SY", kMembers | kProviders, kSsn},       // some providers still have only that
    {"NM1", 9, 0, 8, 0, "XX", kProviders, kNpi},
    {"N3", 1, 0, 0, 0, "", kMembers | kProviders, kAddressLine1},
    {"N3", 2, 0, 0, 0, "", kMembers | kProviders, kAddressLine2},
    {"N4", 1, 0, 0, 0, "", kMembers | kProviders, kCity},
    {"N4", 2, 0, 0, 0, "", kMembers | kProviders, kState},
    {"N4", 3, 0, 0, 0, "", kMembers | kProviders, kPostalCode},
    {"PER", 4, 0, 3, 0, "TE HP CP WP", kMembers, kPhone, "", 0, 2},
    {"PER", 4, 0, 3, 0, "EM", kMembers, kEmail, "", 0, 2},
    {"DMG", 2, 0, 0, 0, "", kMemberLevel, kBirthDate},
    {"DMG", 3, 0, 0, 0, "", kMemberLevel, kDemographics},
    {"REF", 2, 0, 1, 0, "SY", kMemberLevel | kProviders, kSsn},
    {"REF", 2, 0, 1, 0, "0F 1W", kMemberLevel, kMemberId, "member number"},
    {"REF", 2, 0, 1, 0, "NQ", kMemberLevel, kMemberId, "Medicaid number"},
    {"REF", 2, 0, 1, 0, "HJ", kMemberLevel, kMemberId, "identity card number"},
    {"REF", 2, 0, 1, 0, "IG", kMemberLevel, kMemberId, "policy number", kFactNotAKey},
    {"REF", 2, 0, 1, 0, "F6", kMemberLevel, kMedicareId, "health insurance claim number"},
    {"REF", 2, 0, 1, 0, "EA", kMemberLevel | kEvent, kMedicalRecordNumber},
    {"REF", 2, 0, 1, 0, "EJ", kMemberLevel, kAccountNumber, "patient account number"},
    {"REF", 2, 0, 1, 0, "1L 6P N6 18", kMemberLevel, kEligibility},  // group, plan
    {"INS", 2, 0, 0, 0, "", kMemberLevel, kEligibility},
    // --- 2000E, 2000F: the event and its services are the patient's
    {"TRN", 2, 0, 0, 0, "", kEvent, kClaim},
    {"UM", 1, 0, 0, 0, "", kEvent, kClaim},                          // what is asked for
    {"HCR", 2, 0, 0, 0, "", kEvent, kClaim},                         // the number of the approval
    {"REF", 2, 0, 1, 0, "BB NT G1 9F", kEvent, kClaim},
    {"DTP", 3, 0, 0, 0, "", kEvent, kClaim},
    {"CL1", 1, 0, 0, 0, "", kEvent, kClaim},
    {"HI", 1, 2, 1, 1, "BK BF BJ PR DR LOI", kEvent, kDiagnosis, "", 0, 1, CodeSystem::kIcd9},
    {"HI", 1, 2, 1, 1, "ABK ABF ABJ APR", kEvent, kDiagnosis, "", 0, 1, CodeSystem::kIcd10},
    {"SV1", 1, 2, 0, 0, "", kEvent, kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SV2", 2, 2, 0, 0, "", kEvent, kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"SV3", 1, 2, 0, 0, "", kEvent, kProcedure, "", 0, 0, CodeSystem::kProcedure},
    {"MSG", 1, 0, 0, 0, "", kEvent, kClinical},
    {"CR5", 1, 0, 0, 0, "", kEvent, kClinical},                      // oxygen at home
};

constexpr std::string_view kKnown =
    "ISA IEA GS GE ST SE TA1 BHT HL TRN AAA UM HCR REF DTP HI HSD CRC CL1 CR1 CR2 CR5 CR6 PWK MSG NM1 N2 N3 N4 PER PRV "
    "DMG INS SV1 SV2 SV3 TOO AMT LQ";

constexpr X12SetTable kTable = {"278", kLoopNames, kLoopRules, kFieldRules, kKnown};

}  // namespace

const X12SetTable& x12_278_table() { return kTable; }

}  // namespace bulkhead::exposure
