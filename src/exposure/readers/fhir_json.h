// JSON as a stream of FHIR resources: documents one behind the other (NDJSON, pretty-printed, a
// single Bundle of any size), each resource in memory only while it is read.
#pragma once

#include <functional>

#include "exposure/readers/collector.h"
#include "exposure/readers/resource_tree.h"

namespace bulkhead::exposure {

// A resource, wherever it lies: `node` has a child "resourceType". What is contained in another
// resource is part of that one.
// The resource, and where its object lies in the file.
using TakeResource = std::function<void(const ResourceTree& tree, ResourceTree::Node node,
                                        std::uint64_t offset, std::uint64_t length)>;

// Reads the whole source. What is damaged is reported, and reading goes on at the next line that
// begins an object. Depth, sizes and counts are bounded.
Status read_json_resources(ByteSource& source, Collector& collector, const TakeResource& take);

}  // namespace bulkhead::exposure
