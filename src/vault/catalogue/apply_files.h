// What uploads share with the other events of files.
#pragma once

#include "vault/catalogue/projection.h"

namespace bulkhead::vault::apply {

struct NewNode {
  NodeId id;
  NodeId parent;
  NameHash name_hash{};
  ByteView name_box;
  bool is_folder = false;
  OrganisationId organisation;
  UserId creator;
  VersionId version;
  std::uint64_t size = 0;
  std::int64_t modified_s = 0;
  std::uint32_t permissions = 0;
};
// Fails with kCorrupt when the number is in use or the folder has the name already.
Status insert_node(Projection& p, const NewNode& node);

// The file is overwritten or removed: its version is kept, since what was released of it stays
// released.
Status retire_current_version(Projection& p, const NodeFacts& file);

}  // namespace bulkhead::vault::apply
