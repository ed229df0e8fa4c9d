// ACH files (NACHA): whose accounts are paid or charged. Follows nacha_table.cpp.
#pragma once

#include <string_view>

#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

// A file header, or a batch or entries without one.
bool looks_like_nacha(std::string_view head);

Status read_nacha(ByteSource& source, Collector& collector);

}  // namespace bulkhead::exposure
