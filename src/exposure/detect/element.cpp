#include "exposure/detect/element.h"

namespace bulkhead::exposure {
namespace {

constexpr std::array<std::string_view, kElementCount> kElementWords = {"name",
                                                                       "date_of_birth",
                                                                       "ssn",
                                                                       "itin",
                                                                       "member_id",
                                                                       "medicare_id",
                                                                       "medical_record_number",
                                                                       "account_number",
                                                                       "drivers_license",
                                                                       "state_id",
                                                                       "passport",
                                                                       "bank_account",
                                                                       "payment_card",
                                                                       "address",
                                                                       "phone",
                                                                       "email",
                                                                       "demographics",
                                                                       "eligibility",
                                                                       "claim",
                                                                       "diagnosis",
                                                                       "procedure",
                                                                       "prescription",
                                                                       "clinical",
                                                                       "treating_provider",
                                                                       "credentials"};

constexpr std::array<std::string_view, kRoleCount> kRoleWords = {"member", "related", "provider",
                                                                 "other"};

struct IdentifierWord {
  std::string_view word;
  std::optional<Element> element;
};
constexpr std::array<IdentifierWord, kIdentifierTypeCount> kIdentifierWords = {{
    {"ssn", Element::kSsn},
    {"itin", Element::kItin},
    {"member_id", Element::kMemberId},
    {"medicare_id", Element::kMedicareId},
    {"medical_record_number", Element::kMedicalRecordNumber},
    {"account_number", Element::kAccountNumber},
    {"drivers_license", Element::kDriversLicense},
    {"state_id", Element::kStateId},
    {"passport", Element::kPassport},
    {"bank_account", Element::kBankAccount},
    {"payment_card", Element::kPaymentCard},
    {"npi", std::nullopt},
    {"pseudonym", std::nullopt},
}};

}  // namespace

std::string_view to_string(Element element) {
  return kElementWords[static_cast<std::size_t>(element)];
}

std::optional<Element> element_from(std::string_view word) {
  for (std::size_t i = 0; i < kElementWords.size(); ++i) {
    if (kElementWords[i] == word) return static_cast<Element>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Role role) {
  return kRoleWords[static_cast<std::size_t>(role)];
}

std::string_view to_string(IdentifierType type) {
  return kIdentifierWords[static_cast<std::size_t>(type)].word;
}

std::optional<Element> element_of(IdentifierType type) {
  return kIdentifierWords[static_cast<std::size_t>(type)].element;
}

}  // namespace bulkhead::exposure
