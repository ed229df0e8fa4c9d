// clang-format off: tables, to be read as such.
#include "exposure/detect/sensitive.h"

#include <array>

#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

struct CodeRange {
  std::string_view first, last;  // prefixes, both included: "F10" to "F19" holds F1920
  Sensitivity what;
};

// ICD-10-CM
constexpr CodeRange kIcd10[] = {
    {"F10", "F19", Sensitivity::kSubstanceUse},    // due to psychoactive substance use
    {"Z715", "Z715", Sensitivity::kSubstanceUse},  // counselling for drug abuse
    {"Z714", "Z714", Sensitivity::kSubstanceUse},
    {"F20", "F99", Sensitivity::kMentalHealth},
    {"R4585", "R4585", Sensitivity::kMentalHealth},  // suicidal ideation
    {"T1491", "T1491", Sensitivity::kMentalHealth},  // suicide attempt
    {"B20", "B20", Sensitivity::kHiv},
    {"Z21", "Z21", Sensitivity::kHiv},
    {"R75", "R75", Sensitivity::kHiv},
    {"O987", "O987", Sensitivity::kHiv},
    {"O00", "O9Z", Sensitivity::kReproductive},
    {"Z30", "Z39", Sensitivity::kReproductive},
    {"N97", "N97", Sensitivity::kReproductive},
};
// ICD-9-CM
constexpr CodeRange kIcd9[] = {
    {"303", "305", Sensitivity::kSubstanceUse},
    {"2910", "2929", Sensitivity::kSubstanceUse},
    {"290", "290", Sensitivity::kMentalHealth},
    {"293", "302", Sensitivity::kMentalHealth},
    {"306", "316", Sensitivity::kMentalHealth},
    {"042", "042", Sensitivity::kHiv},
    {"V08", "V08", Sensitivity::kHiv},
    {"07953", "07953", Sensitivity::kHiv},
    {"630", "679", Sensitivity::kReproductive},
    {"V22", "V28", Sensitivity::kReproductive},
};
// HCPCS and CPT
constexpr CodeRange kProcedures[] = {
    {"H0001", "H0030", Sensitivity::kSubstanceUse},  // alcohol and drug treatment
    {"H0033", "H0033", Sensitivity::kSubstanceUse},
    {"H0047", "H0050", Sensitivity::kSubstanceUse},
    {"G2067", "G2080", Sensitivity::kSubstanceUse},  // opioid treatment programmes
    {"H0031", "H0032", Sensitivity::kMentalHealth},
    {"H0035", "H0046", Sensitivity::kMentalHealth},
    {"90785", "90899", Sensitivity::kMentalHealth},  // psychiatry
    {"86689", "86689", Sensitivity::kHiv},
    {"86701", "86703", Sensitivity::kHiv},
    {"87534", "87539", Sensitivity::kHiv},
    {"87389", "87391", Sensitivity::kHiv},
    {"58300", "58301", Sensitivity::kReproductive},  // intra-uterine device
    {"58970", "58976", Sensitivity::kReproductive},  // in-vitro fertilisation
    {"59000", "59899", Sensitivity::kReproductive},  // maternity care, abortion
    {"S0190", "S0191", Sensitivity::kReproductive},
    {"S2260", "S2267", Sensitivity::kReproductive},
};

// The characters with which a code of these can begin: most codes begin with another one.
using FirstCharacters = std::array<bool, 128>;
template <std::size_t N>
constexpr FirstCharacters first_characters(const CodeRange (&table)[N]) {
  FirstCharacters found{};
  for (const CodeRange& range : table) {
    for (char c = range.first[0]; c <= range.last[0]; ++c) found[static_cast<std::size_t>(c)] = true;
  }
  return found;
}
constexpr FirstCharacters kIcd9First = first_characters(kIcd9), kIcd10First = first_characters(kIcd10),
                          kProceduresFirst = first_characters(kProcedures);

bool may_begin(const FirstCharacters& characters, char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < characters.size() && characters[byte];
}

bool may_be_listed(CodeSystem system, char first) {
  switch (system) {
    case CodeSystem::kIcd9: return may_begin(kIcd9First, first);
    case CodeSystem::kIcd10: return may_begin(kIcd10First, first);
    case CodeSystem::kProcedure: return may_begin(kProceduresFirst, first);
    case CodeSystem::kAnyIcd: return may_begin(kIcd9First, first) || may_begin(kIcd10First, first);
  }
  return true;
}

template <std::size_t N>
SensitivitySet look_up(const CodeRange (&table)[N], std::string_view code) {
  SensitivitySet found = 0;
  for (const CodeRange& range : table) {
    if (code.size() < range.first.size()) continue;
    const std::string_view prefix = code.substr(0, range.first.size());
    if (prefix >= range.first && prefix <= range.last) found |= static_cast<SensitivitySet>(range.what);
  }
  return found;
}

}  // namespace

SensitivitySet sensitivity_of(CodeSystem system, std::string_view text) {
  const char first = text.empty() ? '\0' : text[0];
  const bool capital_or_digit = (first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9');
  if (capital_or_digit && !may_be_listed(system, first)) return 0;
  const Compact compact(text);
  const std::string_view code = compact.view();
  if (code.size() < 3) return 0;
  switch (system) {
    case CodeSystem::kIcd9: return look_up(kIcd9, code);
    case CodeSystem::kIcd10: return look_up(kIcd10, code);
    case CodeSystem::kProcedure: return look_up(kProcedures, code);
    case CodeSystem::kAnyIcd:
      // ICD-9 starts with a digit, V or E-number; ICD-10 with a letter. V and E exist in both, with digits in ICD-9.
      return code[0] >= '0' && code[0] <= '9' ? look_up(kIcd9, code)
                                              : static_cast<SensitivitySet>(look_up(kIcd10, code) |
                                                                            (code[0] == 'V' ? look_up(kIcd9, code) : 0));
  }
  return 0;
}

}  // namespace bulkhead::exposure
