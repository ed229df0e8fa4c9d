// NCPDP Telecommunication transmissions and batches: pharmacy claims. Follows ncpdp_table.cpp.
#pragma once

#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

Status read_ncpdp(ByteSource& source, Collector& collector);

}  // namespace bulkhead::exposure
