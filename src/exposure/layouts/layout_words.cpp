// clang-format off: tables, to be read as such.
#include "exposure/layouts/layout_words.h"

namespace bulkhead::exposure {
namespace {

using enum FieldKind;

struct KindWord { std::string_view word; FieldKind kind; };
constexpr KindWord kKinds[] = {
    {"nothing", kNone}, {"last_name", kLastName}, {"first_name", kFirstName}, {"middle_name", kMiddleName},
    {"name_suffix", kNameSuffix}, {"full_name", kFullName}, {"date_of_birth", kBirthDate}, {"date_of_death", kDeathDate},
    {"death_flag", kDeathFlag}, {"ssn", kSsn}, {"itin", kItin}, {"member_id", kMemberId}, {"medicare_id", kMedicareId},
    {"medical_record_number", kMedicalRecordNumber}, {"account_number", kAccountNumber},
    {"drivers_license", kDriversLicense}, {"state_id", kStateId}, {"passport", kPassport},
    {"bank_account", kBankAccount}, {"bank_routing", kBankRouting}, {"payment_card", kPaymentCard}, {"npi", kNpi},
    {"key", kPseudonym}, {"address_line_1", kAddressLine1}, {"address_line_2", kAddressLine2}, {"city", kCity},
    {"state", kState}, {"postal_code", kPostalCode}, {"phone", kPhone}, {"email", kEmail},
    {"demographics", kDemographics}, {"eligibility", kEligibility}, {"claim", kClaim}, {"diagnosis", kDiagnosis},
    {"procedure", kProcedure}, {"prescription", kPrescription}, {"clinical", kClinical},
    {"treating_provider", kTreatingProvider}, {"credentials", kCredentials}, {"unknown_number", kUnlabelledNumber},
};

struct SubjectName { std::string_view word; HeaderSubject subject; };
constexpr SubjectName kSubjects[] = {
    {"member", HeaderSubject::kMain}, {"subscriber", HeaderSubject::kSubscriber}, {"related", HeaderSubject::kRelated},
    {"provider", HeaderSubject::kProvider}, {"contact", HeaderSubject::kContact},
    {"nobody", HeaderSubject::kNobody},
};

constexpr FieldType kTypes[] = {
    {"text", FieldUsage::kText, false}, {"digits", FieldUsage::kZoned, false}, {"zoned", FieldUsage::kZoned, true},
    {"packed", FieldUsage::kPacked, true}, {"packed_without_sign", FieldUsage::kPackedNoSign, false},
    {"binary", FieldUsage::kBinary, true}, {"binary_unsigned", FieldUsage::kBinary, false},
    {"binary_little_endian", FieldUsage::kBinaryLittle, false}, {"float", FieldUsage::kFloat, true},
};

}  // namespace

std::string_view word_of(FieldKind kind) {
  for (const KindWord& known : kKinds) { if (known.kind == kind) return known.word; }
  return "nothing";
}

std::optional<FieldKind> kind_from(std::string_view word) {
  for (const KindWord& known : kKinds) { if (known.word == word) return known.kind; }
  return std::nullopt;
}

std::string_view word_of(HeaderSubject subject) {
  for (const SubjectName& known : kSubjects) { if (known.subject == subject) return known.word; }
  return "member";
}

std::optional<HeaderSubject> subject_from(std::string_view word) {
  for (const SubjectName& known : kSubjects) { if (known.word == word) return known.subject; }
  return std::nullopt;
}

const FieldType* field_type_from(std::string_view word) {
  for (const FieldType& known : kTypes) { if (known.word == word) return &known; }
  return nullptr;
}

const FieldType& field_type_of(FieldUsage usage, bool is_signed) {
  const FieldType* best = &kTypes[0];
  for (const FieldType& known : kTypes) {
    if (known.usage != usage) continue;
    if (known.is_signed == is_signed) return known;
    best = &known;
  }
  return *best;
}

std::string known_words(const char* of_what) {
  std::string text;
  const auto put = [&](std::string_view word) { text += (text.empty() ? "" : ", ") + std::string(word); };
  if (std::string_view(of_what) == "kinds") { for (const KindWord& known : kKinds) put(known.word); }
  if (std::string_view(of_what) == "subjects") { for (const SubjectName& known : kSubjects) put(known.word); }
  if (std::string_view(of_what) == "types") { for (const FieldType& known : kTypes) put(known.word); }
  return text;
}

}  // namespace bulkhead::exposure
