// What can be exposed of a person: exactly the elements of the output contract, in its order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::exposure {

// The numbers are written into findings: append only.
enum class Element : std::uint8_t {
  kName,
  kDateOfBirth,
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
  kPaymentCard,
  kAddress,
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
};
constexpr std::size_t kElementCount = 25;

// "date_of_birth": the word of the output contract.
std::string_view to_string(Element element);
std::optional<Element> element_from(std::string_view word);

// A set of elements: a bit each.
class ElementSet {
 public:
  constexpr ElementSet() = default;
  constexpr explicit ElementSet(std::uint32_t bits) : bits_(bits & kAll) {}
  constexpr void add(Element e) { bits_ |= bit(e); }
  constexpr void add(ElementSet other) { bits_ |= other.bits_; }
  constexpr void remove(ElementSet other) { bits_ &= ~other.bits_; }
  constexpr bool has(Element e) const { return (bits_ & bit(e)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr bool operator==(const ElementSet&) const = default;

 private:
  static constexpr std::uint32_t kAll = (1U << kElementCount) - 1;
  static constexpr std::uint32_t bit(Element e) { return 1U << static_cast<unsigned>(e); }
  std::uint32_t bits_ = 0;
};

// Whose data a record is. Organisations are no persons and have no role.
enum class Role : std::uint8_t { kMember, kRelated, kProvider, kOther };
constexpr std::size_t kRoleCount = 4;
std::string_view to_string(Role role);

// Numbers that stand for a person. The first eleven are elements too; an NPI is public and no
// element, and a pseudonym (a file's own key, such as BENE_ID or a UUID) joins records but tells
// nobody who it is.
enum class IdentifierType : std::uint8_t {
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
  kPaymentCard,
  kNpi,
  kPseudonym,
};
constexpr std::size_t kIdentifierTypeCount = 13;
std::string_view to_string(IdentifierType type);
std::optional<Element> element_of(IdentifierType type);

// Kinds of data that some laws protect more.
enum class Sensitivity : std::uint8_t {
  kSubstanceUse = 1,
  kMentalHealth = 2,
  kHiv = 4,
  kReproductive = 8
};
using SensitivitySet = std::uint8_t;  // or-ed Sensitivity

}  // namespace bulkhead::exposure
