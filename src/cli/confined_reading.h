// The sandbox of the processes that read archives for `bulkhead scan`.
#pragma once

#include <vector>

#include "base/error.h"

namespace bulkhead::cli {

// Takes from this process all but these descriptors, memory and processor. There is no way back.
Status confine_reading(const std::vector<int>& keep);

}  // namespace bulkhead::cli
