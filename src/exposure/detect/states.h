// States of the United States as addresses write them.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulkhead::exposure {

// States, the district, territories, freely associated states and military posts (USPS Publication
// 28, Appendix B).
constexpr std::size_t kStateCount = 62;
// Further places where somebody may live, as far as an address says it.
constexpr std::size_t kAnotherPlace = kStateCount;      // written, and none of these
constexpr std::size_t kUnknownPlace = kStateCount + 1;  // not written
constexpr std::size_t kPlaceCount = kStateCount + 2;

// Which place `text` is: "MO", "mo", "Missouri", " MISSOURI ". Texts of files: hostile.
std::size_t place_of_state(std::string_view text);

// "MO" for a number below kStateCount; the codes are in the order of the alphabet.
std::string_view state_code(std::size_t place);

}  // namespace bulkhead::exposure
