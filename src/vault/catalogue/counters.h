// What the catalogue keeps in memory between checkpoints: how far it is, the numbers not used yet,
// the totals, and what need not be asked for again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "vault/ids.h"

namespace bulkhead::vault {

struct Counters {
  std::uint64_t applied = 0;
  std::uint64_t next_organisation = 1;
  std::uint64_t next_user = 1;
  std::uint64_t next_node = 1;
  std::uint64_t next_version = 1;
  std::uint64_t next_upload = 1;
  std::uint64_t last_channel = 0;
  std::uint64_t files = 0;         // that have a current version
  std::uint64_t bytes = 0;         // in those versions
  std::uint64_t backed_up_us = 0;  // when the last backup was finished
  bool operator==(const Counters&) const = default;

  void saw(OrganisationId id) { next_organisation = std::max(next_organisation, id.value + 1); }
  void saw(UserId id) { next_user = std::max(next_user, id.value + 1); }
  void saw(NodeId id) { next_node = std::max(next_node, id.value + 1); }
  void saw(VersionId id) { next_version = std::max(next_version, id.value + 1); }
  void saw(UploadId id) { next_upload = std::max(next_upload, id.value + 1); }
  void saw(ChannelId id) { last_channel = std::max(last_channel, id.value); }
};

// Rows that were found to be there: the statement that asks (a literal), and the number.
using KnownRows = std::set<std::pair<const char*, std::uint64_t>>;

}  // namespace bulkhead::vault
