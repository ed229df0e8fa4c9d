// HL7 v2 files: messages about patients, and what belongs to them. Follows hl7_table.cpp.
#pragma once

#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

Status read_hl7(ByteSource& source, Collector& collector);

}  // namespace bulkhead::exposure
