#include "processes/content/stored_content.h"

#include <algorithm>

namespace bulkhead::processes {

Result<store::Lineage> lineage_of(const std::string& bytes) {
  store::Lineage lineage;
  if (bytes.size() != lineage.size())
    return fail(ErrorCode::kInternal, "the vault named no lineage");
  std::ranges::copy(as_bytes(bytes), lineage.begin());
  return lineage;
}

Result<store::StoredVersion> stored_version(const channel::Content& content,
                                            std::vector<UniqueFd>& descriptors) {
  store::StoredVersion version;
  BH_TRY(version.lineage, lineage_of(content.lineage()));
  BH_TRY(version.description, store::VersionDescription::parse(as_bytes(content.description())));
  version.inline_box = to_bytes(as_bytes(content.inline_box()));
  if (content.parts() > descriptors.size())
    return fail(ErrorCode::kInternal, "descriptors are missing");
  for (std::size_t i = 0; i < content.parts(); ++i) {
    version.parts.push_back(wrap_fd(std::move(descriptors[i]), "a part of the file"));
  }
  return version;
}

Result<OpenedContent> opened_content(const channel::OpenedFile& opened,
                                     std::vector<UniqueFd> descriptors) {
  OpenedContent content;
  if (opened.has_base()) {
    BH_TRY(content.base, stored_version(opened.base(), descriptors));
    content.lineage = content.base->lineage;
  }
  if (!opened.has_staging()) return content;
  BH_TRY(content.lineage, lineage_of(opened.lineage()));
  if (descriptors.empty() || opened.staging_blob().size() != content.staging.blob.size()) {
    return fail(ErrorCode::kInternal, "the vault handed out no part to write to");
  }
  std::ranges::copy(as_bytes(opened.staging_blob()), content.staging.blob.begin());
  content.staging.file = wrap_fd(std::move(descriptors.back()), "the upload's part");
  content.staging.number = opened.staging_part();
  // What was parked describes the part itself as its last one.
  if (opened.parked() && content.base) content.base->parts.push_back(content.staging.file);
  return content;
}

}  // namespace bulkhead::processes
