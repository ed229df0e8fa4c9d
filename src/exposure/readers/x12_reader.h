// A whole X12 file: interchanges, groups, transaction sets. Sets with a table are read, the others
// are recognised.
#pragma once

#include "exposure/readers/byte_source.h"
#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

Status read_x12(ByteSource& source, Collector& collector);

}  // namespace bulkhead::exposure
