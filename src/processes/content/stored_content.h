// From an OpenedFile message and its descriptors to what the store's reader and writer take. The
// vault is trusted to name the right things; what the blobs themselves hold is not, and the store
// checks that.
#pragma once

#include <optional>
#include <vector>

#include "base/fd.h"
#include "proto/channel.pb.h"
#include "store/blob_writer.h"

namespace bulkhead::processes {

struct OpenedContent {
  store::Lineage lineage{};                  // of what is written
  std::optional<store::StoredVersion> base;  // what is there
  store::StagingPart staging;                // file is nullptr where nothing is written
};

Result<store::Lineage> lineage_of(const std::string& bytes);
// The first content.parts() of the descriptors.
Result<store::StoredVersion> stored_version(const channel::Content& content,
                                            std::vector<UniqueFd>& descriptors);
Result<OpenedContent> opened_content(const channel::OpenedFile& opened,
                                     std::vector<UniqueFd> descriptors);

}  // namespace bulkhead::processes
