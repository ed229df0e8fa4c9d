// Where people live, as the outputs show it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/exposure.h"

namespace bulkhead::exposure {

struct PlaceCount {
  std::string_view place;  // "MO"
  std::uint64_t persons = 0;
};

// The states in which somebody lives: most persons first, then by code.
std::vector<PlaceCount> states_by_count(const Circumstances& circumstances);

// "MO 120, KS 4, another place 1, no state known 12"
std::string places_text(const Circumstances& circumstances);

}  // namespace bulkhead::exposure
