// How HL7 v2's segments are described: whose data a segment holds, and what each field in it is.
// The table (hl7_table.cpp) is meant to be checked against the standard by somebody who knows
// claims and registrations, not C++.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exposure/detect/sensitive.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

// Whose data a segment holds, or a field of it.
enum class Hl7Subject : std::uint8_t {
  kPatientStarts,    // PID: the patient of what follows
  kPatient,          // the patient
  kKinStarts,        // NK1: next of kin
  kGuarantorStarts,  // GT1: who pays
  kInsuredStarts,    // IN1: who holds the insurance; maybe the patient
  kInsured,          // IN2, IN3: the same
  kMerged,           // MRG: what the patient was known by before
  kQuery,            // QPD, QRD: who is asked for
  kNobody,
};

// How a field is built (HL7 v2.9, chapter 2A). Older versions' types have the same parts in front.
enum class Hl7Type : std::uint8_t {
  kText,           // ST, ID, IS, NM: the first component
  kCode,           // CE, CWE, CNE: code, text, system
  kDate,           // DT, TS, DTM
  kName,           // XPN, PN: family, given, further given, suffix
  kAddress,        // XAD, AD: street, other, city, state, postal code
  kContact,        // XTN, TN: telephone or e-mail
  kNumber,         // CX, CK: number, check digit, scheme, assigning authority, type
  kLicence,        // DLN: number, state
  kProvider,       // XCN, CN: number, family, given, further given, suffix
  kNamedProvider,  // NDL: a CNN in its first component
  kPolicyNumber,   // the insurance's number: the payer issues it
};

struct Hl7SegmentRule {
  std::string_view segment;
  Hl7Subject subject;
};

struct Hl7FieldRule {
  std::string_view segment;
  std::uint8_t field;
  Hl7Type type;
  FieldKind kind;
  std::string_view label = {};
  std::uint8_t flags = 0;                // FactFlag
  std::optional<Hl7Subject> whose = {};  // where not the segment's
  std::optional<CodeSystem> codes = {};
};

// What the type code of a CX (HL7 table 0203) makes of a number.
struct Hl7NumberType {
  std::string_view codes;  // separated by spaces
  FieldKind kind;
  std::string_view label;
};

std::span<const Hl7SegmentRule> hl7_segment_rules();
std::span<const Hl7FieldRule> hl7_field_rules();
std::span<const Hl7NumberType> hl7_number_types();
// All segments of the standard (v2.1 to v2.9), separated by spaces; Z segments are not among them.
std::string_view hl7_known_segments();

// Relationships (IN1-17, GT1-11, NK1-3; HL7 table 0063 and what is written instead) that say
// "the patient", separated by spaces.
std::string_view hl7_self_codes();

}  // namespace bulkhead::exposure
