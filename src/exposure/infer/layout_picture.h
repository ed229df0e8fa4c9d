// The first records of a file as lines under rulers, for a person who looks at a layout.
#pragma once

#include <string>
#include <vector>

#include "exposure/infer/record_sorts.h"

namespace bulkhead::exposure {

// Printable UTF-8, a bounded number of lines without line ends; what is no text is a dot.
std::vector<std::string> picture_of(const RecordForm& form, const RecordSorts& sorts);

}  // namespace bulkhead::exposure
