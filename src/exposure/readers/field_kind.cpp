#include "exposure/readers/field_kind.h"

#include <array>

namespace bulkhead::exposure {
namespace {

using enum FieldShape;
using E = Element;
using I = IdentifierType;

constexpr std::size_t kKinds = static_cast<std::size_t>(FieldKind::kUnlabelledNumber) + 1;

// In the order of FieldKind.
constexpr std::array<FieldInfo, kKinds> kInfo = {{
    {},
    {kNamePart, E::kName, {}},
    {kNamePart, E::kName, {}},
    {kNamePart, E::kName, {}},
    {kNamePart, E::kName, {}},
    {kNamePart, E::kName, {}},
    {kDate, E::kDateOfBirth, {}},
    {kDate, {}, {}},
    {kDate, {}, {}},
    {kIdentifier, E::kSsn, I::kSsn},
    {kIdentifier, E::kItin, I::kItin},
    {kIdentifier, E::kMemberId, I::kMemberId},
    {kIdentifier, E::kMedicareId, I::kMedicareId},
    {kIdentifier, E::kMedicalRecordNumber, I::kMedicalRecordNumber},
    {kIdentifier, E::kAccountNumber, I::kAccountNumber},
    {kIdentifier, E::kDriversLicense, I::kDriversLicense},
    {kIdentifier, E::kStateId, I::kStateId},
    {kIdentifier, E::kPassport, I::kPassport},
    {kIdentifier, E::kBankAccount, I::kBankAccount},
    {kNothing, {}, {}},  // the routing number alone is a bank's, not a person's
    {kIdentifier, E::kPaymentCard, I::kPaymentCard},
    {kIdentifier, {}, I::kNpi},
    {kIdentifier, {}, I::kPseudonym},
    {kAddressPart, E::kAddress, {}},
    {kAddressPart, E::kAddress, {}},
    {kAddressPart, E::kAddress, {}},
    {kAddressPart, E::kAddress, {}},
    {kAddressPart, E::kAddress, {}},
    {kContact, E::kPhone, {}},
    {kContact, E::kEmail, {}},
    {kMark, E::kDemographics, {}},
    {kMark, E::kEligibility, {}},
    {kMark, E::kClaim, {}},
    {kMark, E::kDiagnosis, {}},
    {kMark, E::kProcedure, {}},
    {kMark, E::kPrescription, {}},
    {kMark, E::kClinical, {}},
    {kMark, E::kTreatingProvider, {}},
    {kMark, E::kCredentials, {}},
    {kNothing, {}, {}},
}};

}  // namespace

const FieldInfo& info(FieldKind kind) {
  return kInfo[static_cast<std::size_t>(kind)];
}

}  // namespace bulkhead::exposure
