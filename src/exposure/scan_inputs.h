// Which files a scan reads, and under which names they appear.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "exposure/exposure.h"

namespace bulkhead::exposure {

struct ScanInput {
  std::string path;  // to open
  std::string
      name;  // in the outputs: relative to its argument, "2:" before it where there are several
};
struct ScanInputs {
  std::vector<ScanInput> files;    // sorted within each argument
  std::vector<UnreadFile> unread;  // links, devices, folders that cannot be listed
};

Result<ScanInputs> find_inputs(const std::vector<std::string>& paths);

}  // namespace bulkhead::exposure
