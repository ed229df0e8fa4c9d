// Findings come from a process that may have been taken over: any bytes are refused or can be used.
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead::exposure;
  auto findings = decode({data, size});
  if (!findings) return 0;
  std::vector<NamedFindings> files;
  files.push_back({"f", std::move(*findings)});
  const Exposure exposure = resolve(std::move(files), {}, {.as_of = "2026-11-24"});
  persons_ndjson(exposure);
  summary_json(exposure);
  return 0;
}
