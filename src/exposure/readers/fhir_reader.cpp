#include "exposure/readers/fhir_reader.h"

#include "exposure/readers/fhir_json.h"
#include "exposure/readers/fhir_persons.h"

namespace bulkhead::exposure {

Status read_fhir_json(ByteSource& source, std::string_view name, Collector& collector) {
  FileReport& report = collector.report();
  report.format = "fhir-json";
  report.recognised_by = "resourceType";
  report.read = true;
  const std::size_t slash = name.rfind('/');
  FhirPersons persons(slash == std::string_view::npos ? "" : std::string(name.substr(0, slash + 1)),
                      collector);
  BH_CHECK(read_json_resources(source, collector,
                               [&](const ResourceTree& tree, ResourceTree::Node node,
                                   std::uint64_t offset, std::uint64_t length) {
                                 if (!persons.take(tree, node))
                                   collector.not_understood(offset, length,
                                                            "resource of no known type");
                               }));
  persons.finish();
  return {};
}

}  // namespace bulkhead::exposure
