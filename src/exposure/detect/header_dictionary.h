// What the name of a column says. The words are a table (header_words.cpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exposure/detect/rules.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

// Whose column it is.
enum class HeaderSubject : std::uint8_t {
  kMain,
  kSubscriber,
  kRelated,
  kProvider,
  kContact,
  kNobody
};

struct HeaderMeaning {
  std::string header;  // as written, at most 128 bytes
  bool known = false;  // the dictionary has it (even where it means nothing of a person)
  FieldKind kind = FieldKind::kNone;
  HeaderSubject subject = HeaderSubject::kMain;
  bool says_subject = false;  // "patient name", not just "name"
  bool generic = false;       // code, description, name: means something only beside other columns
  bool speciality = false;    // only directories of providers have it
  std::string issuer, label;  // of identifiers
  std::uint8_t flags = 0;     // FactFlag
};

HeaderMeaning meaning_of(std::string_view header, const Rules& rules);

// What the generic columns (CODE, DESCRIPTION) of a file with this name hold: "conditions.csv" ->
// diagnoses.
FieldKind kind_of_file(std::string_view name_hint);

// "BENE_SRNM_NAME" -> "bene srnm name": lower-case words; camelCase and digits are split off.
// Exposed for tests.
std::vector<std::string> header_words(std::string_view header);

}  // namespace bulkhead::exposure
