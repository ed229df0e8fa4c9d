// Reads files of records without delimiters: text in columns, mainframe data.
#pragma once

#include "exposure/layouts/layout_fit.h"
#include "exposure/readers/byte_source.h"
#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

Status read_records(ByteSource& source, const LayoutFit& fit, Collector& collector);

}  // namespace bulkhead::exposure
