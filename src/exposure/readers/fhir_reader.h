// FHIR resources in JSON: a Bundle, one resource, or one a line. Follows fhir_table.cpp.
#pragma once

#include <string_view>

#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

// `name`: of the file; ids mean the same in all files of one folder.
Status read_fhir_json(ByteSource& source, std::string_view name, Collector& collector);

}  // namespace bulkhead::exposure
