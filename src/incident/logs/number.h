// Numbers as logs write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::incident {

// The whole text: "12345", "12,345", with blanks around it. Nothing for anything else, also "12
// KB": what a number begins with is not the number.
std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace bulkhead::incident
