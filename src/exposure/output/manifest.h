// manifest.json: what a run read and wrote, so that somebody else can do it again and compare.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "exposure/exposure.h"
#include "exposure/scan_inputs.h"

namespace bulkhead::exposure {

struct InputRecord {
  std::string path, name;
  std::uint64_t bytes = 0;
  Bytes sha256;  // empty: it could not be read
};

struct RunRecord {
  std::string rules_version;
  Bytes config_sha256;                     // empty: no configuration file
  std::vector<LayoutShelf::Read> layouts;  // that were named
  Bytes roster_sha256;                     // empty: no roster
  std::string as_of;
  UnixMicros started = 0, ended = 0;
  std::vector<InputRecord> inputs;
  std::vector<OutputFile> outputs;
};

std::string manifest_json(const ScanOptions& options, const RunRecord& run);

}  // namespace bulkhead::exposure
