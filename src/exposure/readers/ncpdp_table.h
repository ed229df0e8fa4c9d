// How NCPDP's Telecommunication Standard is described: which field of which segment is what of
// whom. The table (ncpdp_table.cpp) is meant to be checked by somebody who knows pharmacy claims,
// not C++.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exposure/detect/sensitive.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

enum class NcpdpSubject : std::uint8_t {
  kPatient,
  kCardholder,  // the patient, where the relationship (306-C6) or the name says so
  kPrescriber,
  kPrimaryCare,
  kRepresentative,  // who asks for an authorisation on the patient's behalf
};

struct NcpdpFieldRule {
  std::string_view segment;  // behind "AM"
  std::string_view field;    // "C4"
  std::string_view number;   // "304-C4", as the guides write it
  NcpdpSubject subject;
  FieldKind kind;
  std::string_view label = {};
  std::string_view qualifier = {};   // a field before it in the segment…
  std::string_view qualifiers = {};  // …and the values that make it this, separated by spaces
  std::uint8_t flags = 0;            // FactFlag
  std::optional<CodeSystem> codes = {};
};

std::span<const NcpdpFieldRule> ncpdp_field_rules();
std::string_view ncpdp_known_segments();
std::string_view ncpdp_transaction_codes();

}  // namespace bulkhead::exposure
