// How FHIR's resources are described: about whom they are, and what each element in them is. The
// table (fhir_table.cpp) is meant to be checked by somebody who knows FHIR or claims, not C++.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exposure/detect/sensitive.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

enum class FhirSubject : std::uint8_t {
  kPatient,  // the resource is the patient
  kPerson,   // Person: links to the patient it is
  kRelated,  // RelatedPerson
  kPractitioner,
  kAbout,   // about a patient, by reference
  kNobody,  // known, and nothing of a person
};

struct FhirResourceRule {
  std::string_view types;  // separated by spaces
  FhirSubject subject;
  std::string_view references = {};  // elements that name the patient, separated by spaces
};

// Elements of a resource (R2 to R5; where versions differ, a row each).
struct FhirFieldRule {
  std::string_view types;  // separated by spaces
  std::string_view path;   // of a value, a CodeableConcept, a Coding or a Reference
  FieldKind kind;
  std::optional<CodeSystem> codes = {};
};

// What the system of an Identifier makes of its value: the first whose text is part of it.
struct FhirIdentifierSystem {
  std::string_view part;
  FieldKind kind;
  std::string_view label;
};

const FhirResourceRule* fhir_resource_rule(std::string_view type);
std::span<const FhirFieldRule> fhir_field_rules();
std::span<const FhirIdentifierSystem> fhir_identifier_systems();

}  // namespace bulkhead::exposure
