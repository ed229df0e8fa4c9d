// The words of a layout file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

std::string_view word_of(FieldKind kind);
std::optional<FieldKind> kind_from(std::string_view word);
std::string_view word_of(HeaderSubject subject);
std::optional<HeaderSubject> subject_from(std::string_view word);

struct FieldType {
  std::string_view word;
  FieldUsage usage;
  bool is_signed;
};
const FieldType* field_type_from(std::string_view word);
const FieldType& field_type_of(FieldUsage usage, bool is_signed);

std::string known_words(const char* of_what);  // "kinds", "subjects", "types": for error texts

}  // namespace bulkhead::exposure
