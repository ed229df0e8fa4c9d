// Archives and compressed files: every member is analysed as a file of its own.
#pragma once

#include <string_view>

#include "exposure/containers/container_run.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/sniff.h"

namespace bulkhead::exposure {

// `what`: of class kArchive. Whatever cannot be read is listed with its reason; errors are the
// source's.
Status read_archive(ByteSource& source, const Sniffed& what, const Place& place,
                    const Layouts& layouts, ContainerRun& run, Collector& collector);

}  // namespace bulkhead::exposure
