// Contents that do not fit into a commit: a blob, written as docs/formats/blob.md says.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::drill {

struct LargeFile {
  std::string blob;         // what the staging part is to hold
  std::string description;  // for the commit
};

// At most one extent (64 MiB), all under its key.
LargeFile make_large_file(std::string_view contents, std::string_view key, std::string_view lineage,
                          std::string_view blob_id);

}  // namespace bulkhead::drill
