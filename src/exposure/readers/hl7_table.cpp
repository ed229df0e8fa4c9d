// clang-format off: tables, to be read as such.
// HL7 v2.1 to v2.9: chapters 2A (types), 3 (patient administration), 4 (orders, pharmacy), 6 (financial), 7 (results).
#include "exposure/index/person_table.h"
#include "exposure/readers/hl7_table.h"

namespace bulkhead::exposure {
namespace {

using enum FieldKind;
using enum Hl7Type;
constexpr auto kOfPatient = Hl7Subject::kPatient;

constexpr Hl7SegmentRule kSegments[] = {
    {"PID", Hl7Subject::kPatientStarts}, {"PD1", Hl7Subject::kPatient}, {"PD2", Hl7Subject::kPatient},
    {"MRG", Hl7Subject::kMerged}, {"NK1", Hl7Subject::kKinStarts}, {"GT1", Hl7Subject::kGuarantorStarts},
    {"IN1", Hl7Subject::kInsuredStarts}, {"IN2", Hl7Subject::kInsured}, {"IN3", Hl7Subject::kInsured},
    {"QPD", Hl7Subject::kQuery}, {"QRD", Hl7Subject::kQuery},
};  // every other segment with fields below: the patient's

constexpr Hl7FieldRule kFields[] = {
    // segment, field, type, what, label, flags, whose (if not the segment's), codes
    // --- the patient
    {"PID", 2, kNumber, kMedicalRecordNumber, "patient id"},
    {"PID", 3, kNumber, kMedicalRecordNumber, "patient id"},
    {"PID", 4, kNumber, kMedicalRecordNumber, "alternate patient id"},
    {"PID", 5, kName, kFullName},
    {"PID", 6, kText, kDemographics},                                      // mother's maiden name
    {"PID", 7, kDate, kBirthDate},
    {"PID", 8, kText, kDemographics},                                      // sex
    {"PID", 9, kName, kFullName, "alias"},
    {"PID", 10, kCode, kDemographics},                                     // race
    {"PID", 11, kAddress, kAddressLine1},
    {"PID", 13, kContact, kPhone},                                         // home
    {"PID", 14, kContact, kPhone},                                         // work
    {"PID", 15, kCode, kDemographics},                                     // language
    {"PID", 16, kCode, kDemographics},                                     // marital status
    {"PID", 17, kCode, kDemographics},                                     // religion
    {"PID", 18, kNumber, kAccountNumber, "patient account"},
    {"PID", 19, kText, kSsn},
    {"PID", 20, kLicence, kDriversLicense},
    {"PID", 22, kCode, kDemographics},                                     // ethnic group
    {"PID", 23, kText, kDemographics},                                     // birth place
    {"PID", 26, kCode, kDemographics},                                     // citizenship
    {"PID", 27, kCode, kDemographics},                                     // veteran
    {"PID", 28, kCode, kDemographics},                                     // nationality
    {"PID", 29, kDate, kDeathDate},
    {"PID", 30, kText, kDeathFlag},
    {"PID", 39, kCode, kDemographics},                                     // tribe
    {"PID", 40, kContact, kPhone},                                         // telecommunication (v2.7)
    {"PD1", 4, kProvider, kTreatingProvider},                              // primary care
    // --- what the patient was known by (ADT^A18, A34 to A42, A47)
    {"MRG", 1, kNumber, kMedicalRecordNumber, "prior patient id", kFactPrior},
    {"MRG", 2, kNumber, kMedicalRecordNumber, "prior patient id", kFactPrior},
    {"MRG", 3, kNumber, kAccountNumber, "prior account", kFactPrior},
    {"MRG", 4, kNumber, kMedicalRecordNumber, "prior patient id", kFactPrior},
    {"MRG", 7, kName, kFullName, "prior name"},
    // --- next of kin
    {"NK1", 2, kName, kFullName},
    {"NK1", 4, kAddress, kAddressLine1},
    {"NK1", 5, kContact, kPhone},
    {"NK1", 6, kContact, kPhone},
    {"NK1", 15, kText, kDemographics},
    {"NK1", 16, kDate, kBirthDate},
    {"NK1", 33, kNumber, kMedicalRecordNumber, "next of kin's id"},
    {"NK1", 37, kText, kSsn},
    // --- guarantor
    {"GT1", 2, kNumber, kAccountNumber, "guarantor number"},
    {"GT1", 3, kName, kFullName},
    {"GT1", 5, kAddress, kAddressLine1},
    {"GT1", 6, kContact, kPhone},
    {"GT1", 7, kContact, kPhone},
    {"GT1", 8, kDate, kBirthDate},
    {"GT1", 9, kText, kDemographics},
    {"GT1", 12, kText, kSsn},
    // --- insurance. The plan is the patient's cover, whoever holds it.
    {"IN1", 2, kCode, kEligibility, "", 0, kOfPatient},                    // plan
    {"IN1", 8, kText, kEligibility, "", 0, kOfPatient},                    // group
    {"IN1", 12, kDate, kEligibility, "", 0, kOfPatient},
    {"IN1", 13, kDate, kEligibility, "", 0, kOfPatient},
    {"IN1", 16, kName, kFullName},
    {"IN1", 18, kDate, kBirthDate},
    {"IN1", 19, kAddress, kAddressLine1},
    {"IN1", 36, kPolicyNumber, kMemberId, "policy number"},
    {"IN1", 43, kText, kDemographics},
    {"IN1", 49, kPolicyNumber, kMemberId, "insured's id"},
    {"IN2", 2, kText, kSsn},
    {"IN2", 6, kText, kMedicareId, "Medicare number"},
    {"IN2", 8, kPolicyNumber, kMemberId, "Medicaid number"},
    {"IN2", 26, kPolicyNumber, kMemberId, "payer's subscriber number"},
    {"IN2", 61, kPolicyNumber, kMemberId, "member number", 0, kOfPatient},
    {"IN3", 2, kText, kEligibility, "", 0, kOfPatient},                    // certification
    // --- the visit
    {"PV1", 7, kProvider, kTreatingProvider},                              // attending
    {"PV1", 8, kProvider, kTreatingProvider},                              // referring
    {"PV1", 9, kProvider, kTreatingProvider},                              // consulting
    {"PV1", 17, kProvider, kTreatingProvider},                             // admitting
    {"PV1", 19, kText, kClaim},                                            // visit number
    {"PV1", 44, kDate, kClaim},                                            // admitted
    {"PV1", 45, kDate, kClaim},                                            // discharged
    {"PV1", 50, kText, kClaim},                                            // alternate visit number
    {"PV1", 52, kProvider, kTreatingProvider},
    {"PV2", 3, kCode, kDiagnosis, "", 0, {}, CodeSystem::kAnyIcd},         // admit reason
    {"ROL", 4, kProvider, kTreatingProvider},
    {"AIP", 3, kProvider, kTreatingProvider},
    {"ACC", 1, kDate, kClaim},
    {"UB1", 7, kText, kClaim}, {"UB1", 10, kText, kClaim},                 // condition, value codes
    {"UB2", 3, kText, kClaim}, {"UB2", 6, kText, kClaim}, {"UB2", 7, kText, kClaim},
    {"DG1", 3, kCode, kDiagnosis, "", 0, {}, CodeSystem::kAnyIcd},
    {"DG1", 4, kText, kDiagnosis},
    {"DG1", 16, kProvider, kTreatingProvider},
    {"DRG", 1, kCode, kClaim},
    {"PRB", 3, kCode, kDiagnosis, "", 0, {}, CodeSystem::kAnyIcd},
    {"PR1", 3, kCode, kProcedure, "", 0, {}, CodeSystem::kProcedure},
    {"PR1", 4, kText, kProcedure},
    {"PR1", 8, kProvider, kTreatingProvider},
    {"PR1", 11, kProvider, kTreatingProvider},
    {"PR1", 12, kProvider, kTreatingProvider},
    {"AL1", 3, kCode, kClinical},
    {"AL1", 5, kText, kClinical},
    {"IAM", 3, kCode, kClinical},
    {"GOL", 3, kCode, kClinical},
    {"DB1", 4, kText, kClinical},
    // --- orders and results
    {"ORC", 12, kProvider, kTreatingProvider},
    {"OBR", 4, kCode, kClinical},                                          // what was asked for
    {"OBR", 13, kText, kClinical},
    {"OBR", 16, kProvider, kTreatingProvider},
    {"OBR", 28, kProvider, kTreatingProvider},
    {"OBR", 31, kCode, kDiagnosis, "", 0, {}, CodeSystem::kAnyIcd},        // reason
    {"OBR", 32, kNamedProvider, kTreatingProvider},                        // interpreter
    {"OBR", 44, kCode, kProcedure, "", 0, {}, CodeSystem::kProcedure},
    {"OBX", 5, kCode, kClinical},
    {"OBX", 16, kProvider, kTreatingProvider},
    {"NTE", 3, kText, kClinical},
    {"TXA", 5, kProvider, kTreatingProvider},
    {"PRT", 5, kProvider, kTreatingProvider},
    {"RXO", 1, kCode, kPrescription}, {"RXE", 2, kCode, kPrescription}, {"RXD", 2, kCode, kPrescription},
    {"RXG", 4, kCode, kPrescription}, {"RXA", 5, kCode, kPrescription}, {"RXC", 2, kCode, kPrescription},
    {"RXE", 15, kText, kPrescription}, {"RXD", 7, kText, kPrescription},   // prescription number
    {"RXA", 10, kProvider, kTreatingProvider},
    {"RXE", 13, kProvider, kTreatingProvider},
    // --- charges
    {"FT1", 4, kDate, kClaim},
    {"FT1", 7, kCode, kClaim},
    {"FT1", 11, kText, kClaim},                                            // amount
    {"FT1", 19, kCode, kDiagnosis, "", 0, {}, CodeSystem::kAnyIcd},
    {"FT1", 20, kProvider, kTreatingProvider},
    {"FT1", 21, kProvider, kTreatingProvider},
    {"FT1", 25, kCode, kProcedure, "", 0, {}, CodeSystem::kProcedure},
    // --- queries of old: whom they ask for
    {"QRD", 8, kProvider, kFullName},
};

// HL7 table 0203. What is not here is a provider's number for the patient.
constexpr Hl7NumberType kNumberTypes[] = {
    {"SS", kSsn, ""},
    {"MA MCD", kMemberId, "Medicaid number"},
    {"MC MCR", kMedicareId, "Medicare number"},
    {"MB SN HC JHN SB SNO", kMemberId, "member number"},
    {"DL", kDriversLicense, "driver's licence"},
    {"PPN", kPassport, "passport"},
    {"AN ANC AND ANT VN", kAccountNumber, "account"},
    {"BA", kBankAccount, "bank account"},
    {"BC AM DI DS MS VS CCX", kPaymentCard, "card"},
    {"CZ MI NII NI-ID STID", kStateId, "government number"},
    {"NPI EI EN XX ACSN FI SR DN LN MD", kNone, ""},                       // not the patient's own
};

constexpr std::string_view kKnown =
    "ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0 CM1 CM2 "
    "CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DPS DRG DSC DSP DST ECD ECR EDU EQL EQP EQU ERQ ERR EVN FAC FHS "
    "FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MCP MFA "
    "MFE MFI MRG MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC "
    "ORC ORG ORO OVR PAC PCE PCR PD1 PD2 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH "
    "PV1 PV2 PYE QAK QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV "
    "SAC SCD SCH SCP SDD SFT SGH SGT SHP SID SLT SPM SPR STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND VTQ";

constexpr std::string_view kSelf = "SEL SELF SE S 18 01 1 ONESELF PATIENT";

}  // namespace

std::span<const Hl7SegmentRule> hl7_segment_rules() { return kSegments; }
std::span<const Hl7FieldRule> hl7_field_rules() { return kFields; }
std::span<const Hl7NumberType> hl7_number_types() { return kNumberTypes; }
std::string_view hl7_known_segments() { return kKnown; }
std::string_view hl7_self_codes() { return kSelf; }

}  // namespace bulkhead::exposure
