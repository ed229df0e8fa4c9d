// manifest.json as it is read back: what a run read and wrote. It comes from outside.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace bulkhead::cli {

struct ManifestFile {
  std::string path, name, kind;  // name: of inputs; kind: of outputs
  std::string sha256;            // hexadecimal; empty: it could not be read
  bool values = false;           // of a page: it shows the values of persons
};

struct RunManifest {
  std::string program_version, rules, as_of;
  std::optional<ManifestFile> configuration, roster;
  std::vector<ManifestFile> layouts, corrections, inputs, outputs;
  std::vector<std::string> paths;
  bool chosen = false;                // only these inputs of what lies under `paths`
  std::vector<ManifestFile> missing;  // name, and the reason in `kind`

  const ManifestFile* output(std::string_view kind) const;  // null: there was none
};

// kMalformed with the place, also where it names no persons, or an output that there is not or two
// of a kind; kNewerFormat for a later version.
Result<RunManifest> read_manifest(const std::string& path);

// Why two runs may differ, a sentence each: other program, rules, configuration, layouts,
// corrections, inputs. `inputs_differ` says whether one of them is about inputs.
struct RunDifferences {
  std::vector<std::string> sentences;
  bool inputs_differ = false;
};
RunDifferences differences(const RunManifest& before, const RunManifest& now);

}  // namespace bulkhead::cli
