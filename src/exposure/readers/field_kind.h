// What a position, a column or a type says that a value is. Readers' tables end in one of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "exposure/detect/element.h"

namespace bulkhead::exposure {

enum class FieldKind : std::uint8_t {
  kNone,  // known, and nothing of a person
  kLastName,
  kFirstName,
  kMiddleName,
  kNameSuffix,
  kFullName,
  kBirthDate,
  kDeathDate,
  kDeathFlag,
  kSsn,
  kItin,
  kMemberId,
  kMedicareId,
  kMedicalRecordNumber,
  kAccountNumber,
  kDriversLicense,
  kStateId,
  kPassport,
  kBankAccount,
  kBankRouting,
  kPaymentCard,
  kNpi,
  kPseudonym,
  kAddressLine1,
  kAddressLine2,
  kCity,
  kState,
  kPostalCode,
  kPhone,
  kEmail,
  kDemographics,
  kEligibility,
  kClaim,
  kDiagnosis,
  kProcedure,
  kPrescription,
  kClinical,
  kTreatingProvider,
  kCredentials,
  kUnlabelledNumber,  // nothing says what it is: at most `possible`
};

enum class FieldShape : std::uint8_t {
  kNothing,
  kNamePart,
  kDate,
  kIdentifier,
  kAddressPart,
  kContact,
  kMark
};

struct FieldInfo {
  FieldShape shape = FieldShape::kNothing;
  std::optional<Element> element;
  std::optional<IdentifierType> identifier;
};
const FieldInfo& info(FieldKind kind);

}  // namespace bulkhead::exposure
