#pragma once

#include <string_view>

namespace bulkhead::cli {

constexpr std::string_view kRelease =
    BULKHEAD_RELEASE;  // the project's version, from CMakeLists.txt

}  // namespace bulkhead::cli
