// Versions are read by two topics.
#pragma once

#include "vault/catalogue/rows.h"
#include "vault/catalogue/sqlite.h"

#define VERSION_COLUMNS                                                                      \
  "id, node, lineage, size, description, inline_segment, inline_offset, uploader, channel, " \
  "organisation, name_box, current, committed_at"

namespace bulkhead::vault {

inline std::optional<journal::PayloadPosition> read_position(sqlite::Row& row) {
  const auto segment = row.optional_u64();
  const auto offset = row.optional_u64();
  if (!segment || !offset) return std::nullopt;
  return journal::PayloadPosition{.segment = *segment, .offset = *offset};
}

inline VersionRow read_version(sqlite::Row& row) {
  return {.id = row.id<VersionId>(),
          .node = row.id<NodeId>(),
          .lineage = row.array<16>(),
          .size = row.u64(),
          .description = row.bytes(),
          .parts = {},
          .inline_position = read_position(row),
          .uploader = row.id<UserId>(),
          .channel = row.id<ChannelId>(),
          .organisation = row.id<OrganisationId>(),
          .name_box = row.bytes(),
          .current = row.flag(),
          .committed_at = row.i64()};
}

}  // namespace bulkhead::vault
