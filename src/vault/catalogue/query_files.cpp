// Folders, files, their versions, and uploads.
#include "vault/catalogue/projection.h"
#include "vault/catalogue/read_version.h"
#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {
namespace {

using sqlite::Row;

#define NODE_COLUMNS                                                                    \
  "id, parent, is_folder, name_box, organisation, creator, version, size, modified_s, " \
  "accessed_s, permissions, durability"
#define UPLOAD_COLUMNS                                                                         \
  "id, parent, name_hash, name_box, user, organisation, lineage, staging_blob, base_version, " \
  "permissions, size, size_known, description, channel, touched_at"

NodeRow read_node(Row& row) {
  return {.id = row.id<NodeId>(),
          .parent = row.id<NodeId>(),
          .is_folder = row.flag(),
          .name_box = row.bytes(),
          .organisation = row.id<OrganisationId>(),
          .creator = row.id<UserId>(),
          .version = row.id<VersionId>(),
          .size = row.u64(),
          .modified_s = row.i64(),
          .accessed_s = row.i64(),
          .permissions = row.u32(),
          .durability = static_cast<Durability>(row.u32())};
}

UploadRow read_upload(Row& row) {
  return {.id = row.id<UploadId>(),
          .parent = row.id<NodeId>(),
          .name_hash = row.array<32>(),
          .name_box = row.bytes(),
          .user = row.id<UserId>(),
          .organisation = row.id<OrganisationId>(),
          .lineage = row.array<16>(),
          .staging_blob = row.bytes(),
          .base_version = row.id<VersionId>(),
          .permissions = row.u32(),
          .size = row.u64(),
          .size_known = row.flag(),
          .description = row.bytes(),
          .channel = row.id<ChannelId>(),
          .touched_at = row.i64()};
}

}  // namespace

Result<std::optional<NodeRow>> SqliteCatalogue::node(NodeId id) {
  if (const auto found = remembered_.folders.find(id); found != remembered_.folders.end())
    return found->second;
  BH_TRY(auto node,
         database_.first("SELECT " NODE_COLUMNS " FROM nodes WHERE id = ?", read_node, id));
  if (node && node->is_folder) remembered_.folders.emplace(id, *node);
  return node;
}

Result<std::optional<NodeRow>> SqliteCatalogue::child(NodeId parent, const NameHash& name) {
  return database_.first("SELECT " NODE_COLUMNS " FROM nodes WHERE parent = ? AND name_hash = ?",
                         read_node, parent, name);
}

// By nodes_by_parent, whose entries end in the id: a page of a folder of a million reads only that
// page.
Result<std::vector<NodeRow>> SqliteCatalogue::children(NodeId parent, NodeId after,
                                                       std::size_t limit) {
  return database_.all(
      "SELECT " NODE_COLUMNS
      " FROM nodes INDEXED BY nodes_by_parent WHERE parent = ? AND id > ? ORDER BY id LIMIT ?",
      read_node, parent, after, static_cast<std::uint64_t>(limit));
}

Result<std::uint64_t> SqliteCatalogue::count_children(NodeId parent) {
  return database_.number("SELECT children FROM nodes WHERE id = ?", parent);
}

Status SqliteCatalogue::complete(VersionRow& row) {
  BH_TRY(row.parts,
         database_.all(kVersionParts.select, [](Row& item) { return item.bytes(); }, row.id));
  return {};
}

Result<std::optional<VersionRow>> SqliteCatalogue::version(VersionId id) {
  return completed(
      database_.first("SELECT " VERSION_COLUMNS " FROM versions WHERE id = ?", read_version, id));
}

Result<std::optional<LineageRow>> SqliteCatalogue::lineage(const LineageId& id) {
  return database_.first(
      "SELECT id, organisation, key_epoch, wrapped_file_key FROM lineages WHERE id = ?",
      [](Row& row) {
        return LineageRow{.id = row.array<16>(),
                          .key = {row.id<OrganisationId>(), row.u32()},
                          .wrapped_file_key = row.bytes()};
      },
      id);
}

// A user may have begun the same name on two channels: the one written to last is the one to
// resume.
Result<std::optional<UploadRow>> SqliteCatalogue::upload_at(UserId user, NodeId parent,
                                                            const NameHash& name) {
  BH_TRY(auto found, database_.all("SELECT " UPLOAD_COLUMNS
                                   " FROM uploads WHERE user = ? AND parent = ? AND name_hash = ?",
                                   read_upload, user, parent, name));
  // Not ORDER BY: there is seldom more than one, and a sorter is made for none, too.
  const auto newest = std::ranges::max_element(
      found, {}, [](const UploadRow& row) { return std::pair(row.touched_at, row.id); });
  return newest == found.end() ? std::nullopt : std::optional(std::move(*newest));
}

Result<std::vector<UploadRow>> SqliteCatalogue::uploads() {
  return database_.all("SELECT " UPLOAD_COLUMNS " FROM uploads ORDER BY id", read_upload);
}

// By uploads_by_name: a page reads only that page.
Result<std::vector<UploadRow>> SqliteCatalogue::uploads_in(UserId user, NodeId parent,
                                                           const NameHash& after,
                                                           std::size_t limit) {
  return database_.all(
      "SELECT " UPLOAD_COLUMNS
      " FROM uploads AS one INDEXED BY uploads_by_name "
      "WHERE user = ? AND parent = ? AND name_hash > ? AND id = ("
      "  SELECT id FROM uploads AS each WHERE each.user = one.user AND each.parent = one.parent "
      "  AND each.name_hash = one.name_hash ORDER BY touched_at DESC, id DESC LIMIT 1) "
      "ORDER BY name_hash LIMIT ?",
      read_upload, user, parent, after, static_cast<std::uint64_t>(limit));
}

// A version that was overwritten or removed needs its blobs only until it was analysed, and while
// an upload that began with it goes on. What was in it is then in the findings.
Result<bool> SqliteCatalogue::blob_is_referenced(ByteView blob) {
  if (blob.empty()) return false;  // what stands where there is none
  BH_TRY(const auto references,
         database_.number(
             "SELECT EXISTS(SELECT 1 FROM version_parts JOIN versions ON versions.id = owner "
             "  WHERE item = ?1 AND (current = 1 OR analysed = 0 OR "
             "    EXISTS(SELECT 1 FROM uploads WHERE base_version = versions.id))) "
             "OR EXISTS(SELECT 1 FROM uploads WHERE staging_blob = ?1) "
             "OR EXISTS(SELECT 1 FROM analyses WHERE findings_blob = ?1)",
             blob));
  return references != 0;
}

Result<std::vector<VersionId>> SqliteCatalogue::versions_in_parts(std::size_t limit) {
  return database_.all(
      "SELECT owner FROM version_parts INDEXED BY version_parts_many JOIN versions "
      "ON versions.id = owner WHERE position = 1 AND current = 1 ORDER BY owner LIMIT ?",
      [](Row& row) { return row.id<VersionId>(); }, static_cast<std::uint64_t>(limit));
}

Result<bool> SqliteCatalogue::has_upload_on(VersionId base) {
  BH_TRY(const auto found,
         database_.number("SELECT EXISTS(SELECT 1 FROM uploads WHERE base_version = ?)", base));
  return found != 0;
}

Result<Catalogue::Totals> SqliteCatalogue::totals() {
  BH_TRY(const auto users, database_.number("SELECT count(*) FROM users WHERE removed = 0"));
  BH_TRY(const auto organisations, database_.number("SELECT count(*) FROM organisations"));
  return Totals{.files = counters_.files,
                .bytes = counters_.bytes,
                .users = users,
                .organisations = organisations,
                .backed_up_at = static_cast<UnixMicros>(counters_.backed_up_us)};
}

}  // namespace bulkhead::vault
