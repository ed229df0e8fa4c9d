// Numbers that are no text: packed decimals (COMP-3) and binary ones.
#pragma once

#include <vector>

#include "exposure/infer/column_borders.h"

namespace bulkhead::exposure {

// In order. Packed numbers are known by the sign in the last half-byte of every record; binary ones
// by a check that all of them pass. Other bytes that are no text are given out as binary numbers of
// which nothing is known (no digits).
std::vector<Segment> find_numbers(const Grid& grid);

}  // namespace bulkhead::exposure
