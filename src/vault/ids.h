// Identities of things in a deployment. Numbers are never used twice; a number of one kind is no
// number of another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include "base/bytes.h"

namespace bulkhead::vault {

template <typename Tag>
struct Id {
  std::uint64_t value = 0;  // 0 is "none"
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using OrganisationId = Id<struct OrganisationTag>;
using UserId = Id<struct UserTag>;
using NodeId = Id<struct NodeTag>;        // a folder or a file; keeps its number when it is renamed
using VersionId = Id<struct VersionTag>;  // contents that a file had at some time
using UploadId = Id<struct UploadTag>;
using ChannelId = Id<struct ChannelTag>;  // one process of ours, and so one connection: what people
                                          // call a session

using LineageId = ByteArray<16>;  // which file key

constexpr NodeId kRootNode{1};

}  // namespace bulkhead::vault

template <typename Tag>
struct std::hash<bulkhead::vault::Id<Tag>> {
  std::size_t operator()(const bulkhead::vault::Id<Tag>& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
