// clang-format off: tables, to be read as such.
// NCPDP Telecommunication Standard D.0 (and 5.1, whose fields are the same where both have them).
#include "exposure/index/person_table.h"
#include "exposure/readers/ncpdp_table.h"

namespace bulkhead::exposure {
namespace {

using enum FieldKind;
using enum NcpdpSubject;

constexpr NcpdpFieldRule kFields[] = {
    // segment, field, number, whose, what, label, qualifier, its values, flags, codes
    // --- AM01 patient
    {"01", "CY", "332-CY", kPatient, kSsn, "", "CX", "01"},
    {"01", "CY", "332-CY", kPatient, kDriversLicense, "driver's licence", "CX", "02"},
    {"01", "CY", "332-CY", kPatient, kStateId, "military id", "CX", "03"},
    {"01", "CY", "332-CY", kPatient, kMemberId, "patient id", "CX", "04 05 11 99"},
    {"01", "CY", "332-CY", kPatient, kMemberId, "Medicaid number", "CX", "06"},
    {"01", "CY", "332-CY", kPatient, kStateId, "state id", "CX", "07 12 13 14"},
    {"01", "CY", "332-CY", kPatient, kPassport, "passport", "CX", "08"},
    {"01", "CY", "332-CY", kPatient, kMedicareId, "Medicare number", "CX", "09"},
    {"01", "CY", "332-CY", kPatient, kMedicalRecordNumber, "medical record", "CX", "1J EA"},
    {"01", "C4", "304-C4", kPatient, kBirthDate},
    {"01", "C5", "305-C5", kPatient, kDemographics},                       // gender
    {"01", "CA", "310-CA", kPatient, kFirstName},
    {"01", "CB", "311-CB", kPatient, kLastName},
    {"01", "CM", "322-CM", kPatient, kAddressLine1},
    {"01", "CN", "323-CN", kPatient, kCity},
    {"01", "CO", "324-CO", kPatient, kState},
    {"01", "CP", "325-CP", kPatient, kPostalCode},
    {"01", "CQ", "326-CQ", kPatient, kPhone},
    {"01", "HN", "350-HN", kPatient, kEmail},
    {"01", "2C", "335-2C", kPatient, kClinical},                           // pregnant
    {"01", "4X", "384-4X", kPatient, kDemographics},                       // residence
    // --- AM04 insurance, AM25 and AM29 its answers
    {"04", "C2", "302-C2", kCardholder, kMemberId, "cardholder id"},
    {"04", "CC", "312-CC", kCardholder, kFirstName},
    {"04", "CD", "313-CD", kCardholder, kLastName},
    {"04", "C1", "301-C1", kPatient, kEligibility},                        // group
    {"04", "FO", "524-FO", kPatient, kEligibility},                        // plan
    {"04", "2A", "359-2A", kPatient, kMemberId, "Medigap id"},
    {"04", "N5", "115-N5", kPatient, kMemberId, "Medicaid number"},
    {"04", "NU", "356-NU", kPatient, kMemberId, "other payer's cardholder id", "", "", kFactNotAKey},
    {"25", "C2", "302-C2", kPatient, kMemberId, "cardholder id"},
    {"25", "C1", "301-C1", kPatient, kEligibility},
    {"25", "FO", "524-FO", kPatient, kEligibility},
    {"25", "N5", "115-N5", kPatient, kMemberId, "Medicaid number"},
    {"29", "CA", "310-CA", kPatient, kFirstName},
    {"29", "CB", "311-CB", kPatient, kLastName},
    {"29", "C4", "304-C4", kPatient, kBirthDate},
    // --- AM07 claim, AM22 its answer; AM10 compound
    {"07", "D2", "402-D2", kPatient, kPrescription},                       // prescription number
    {"07", "D7", "407-D7", kPatient, kProcedure, "", "E1", "06 07 08 09", 0, CodeSystem::kProcedure},
    {"07", "D7", "407-D7", kPatient, kPrescription, "", "E1", "01 02 03 04 05 10 11 12 15 28 32 36 99"},
    {"07", "DE", "414-DE", kPatient, kPrescription},                       // written on
    {"07", "E7", "442-E7", kPatient, kPrescription},                       // quantity
    {"22", "D2", "402-D2", kPatient, kPrescription},
    {"10", "TE", "489-TE", kPatient, kPrescription},
    // --- AM13 clinical, AM16 narrative, AM06 workers' compensation
    {"13", "DO", "424-DO", kPatient, kDiagnosis, "", "", "", 0, CodeSystem::kAnyIcd},
    {"13", "H4", "499-H4", kPatient, kClinical},                           // measurement
    {"16", "BM", "390-BM", kPatient, kClinical},
    {"06", "DY", "434-DY", kPatient, kClinical},                           // injured on
    {"06", "DZ", "435-DZ", kPatient, kClaim},
    // --- AM11 pricing, AM23 its answer: amounts; AM05 other payers
    {"11", "DU", "430-DU", kPatient, kClaim},
    {"11", "D9", "409-D9", kPatient, kClaim},
    {"11", "DQ", "426-DQ", kPatient, kClaim},
    {"23", "F9", "509-F9", kPatient, kClaim},
    {"23", "F5", "505-F5", kPatient, kClaim},
    {"05", "DV", "431-DV", kPatient, kClaim},
    // --- AM03 prescriber
    {"03", "DB", "411-DB", kPrescriber, kNpi, "", "EZ", "01"},
    {"03", "DR", "427-DR", kPrescriber, kLastName},
    {"03", "2J", "364-2J", kPrescriber, kFirstName},
    {"03", "DL", "421-DL", kPrimaryCare, kNpi, "", "2E", "01"},
    {"03", "4E", "470-4E", kPrimaryCare, kLastName},
    // --- AM12 prior authorisation
    {"12", "PE", "498-PE", kRepresentative, kFirstName},
    {"12", "PF", "498-PF", kRepresentative, kLastName},
    {"12", "PG", "498-PG", kRepresentative, kAddressLine1},
    {"12", "PH", "498-PH", kRepresentative, kCity},
    {"12", "PJ", "498-PJ", kRepresentative, kState},
    {"12", "PK", "498-PK", kRepresentative, kPostalCode},
};

constexpr std::string_view kKnown =
    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 20 21 22 23 24 25 26 27 28 29 30 35 36 37";
constexpr std::string_view kTransactions = "B1 B2 B3 C1 C2 C3 D1 D2 E1 F1 N1 N2 N3 P1 P2 P3 P4 S1 S2 S3 I1 I2";

}  // namespace

std::span<const NcpdpFieldRule> ncpdp_field_rules() { return kFields; }
std::string_view ncpdp_known_segments() { return kKnown; }
std::string_view ncpdp_transaction_codes() { return kTransactions; }

}  // namespace bulkhead::exposure
