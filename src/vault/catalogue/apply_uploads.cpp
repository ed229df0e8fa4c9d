// Uploads from their first byte to the version that they become.
#include <fmt/format.h>

#include "vault/catalogue/apply_files.h"
#include "vault/catalogue/events.h"
#include "vault/catalogue/release_purposes.h"

namespace bulkhead::vault::apply {

using journal::Entry;

namespace {

constexpr auto kAsBlob = [](const std::string& blob) { return view_of(blob); };

struct Upload {
  NodeId parent;
  NameHash name_hash{};
  Bytes name_box;
  UserId user;
  OrganisationId organisation;
  LineageId lineage{};
};

Result<Upload> find_upload(Projection& p, UploadId id) {
  BH_TRY(auto found, p.database.first(
                         "SELECT parent, name_hash, name_box, user, organisation, lineage "
                         "FROM uploads WHERE id = ?",
                         [](sqlite::Row& row) {
                           return Upload{
                               row.id<NodeId>(), row.array<32>(),          row.bytes(),
                               row.id<UserId>(), row.id<OrganisationId>(), row.array<16>()};
                         },
                         id));
  if (!found) return misfit(fmt::format("there is no upload {}", id.value));
  return std::move(*found);
}

// Every channel that wrote to an upload has seen (part of) what it becomes, not only the one that
// commits it.
Status note_channel(Projection& p, UploadId upload) {
  return p.database.run(
      "INSERT INTO upload_channels(upload, channel, first_at, last_at) VALUES (?1, ?2, ?3, ?3) "
      "ON CONFLICT(upload, channel) DO UPDATE SET last_at = max(last_at, excluded.last_at)",
      upload, p.channel, p.at);
}

Status forget_upload(Projection& p, UploadId id) {
  BH_CHECK(p.database.run("DELETE FROM upload_channels WHERE upload = ?", id));
  return p.database.run("DELETE FROM uploads WHERE id = ?", id);
}

Status add_lineage(Projection& p, const journal::UploadStarted& event, const LineageId& lineage) {
  if (event.wrapped_file_key().empty()) {
    BH_TRY(const auto known,
           p.database.number("SELECT count(*) FROM lineages WHERE id = ?", lineage));
    if (known == 0) return misfit("neither it nor an older entry has the key of its lineage");
    return {};
  }
  BH_CHECK(check_number(event.key_epoch(), "key epoch"));
  return p.database.run(
      "INSERT INTO lineages(id, organisation, key_epoch, wrapped_file_key) VALUES (?, ?, ?, ?)",
      lineage, event.organisation(), event.key_epoch(), view_of(event.wrapped_file_key()));
}

Status resume_upload(Projection& p, const journal::UploadStarted& event) {
  const UploadId id{event.upload()};
  BH_TRY(const Upload upload, find_upload(p, id));
  if (upload.user.value != event.user()) return misfit("another user resumes the upload");
  BH_CHECK(p.database.run("UPDATE uploads SET channel = ?, touched_at = ? WHERE id = ?", p.channel,
                          p.at, id));
  return note_channel(p, id);
}

// The number is a file that gets new contents, or was never used.
Result<std::optional<NodeFacts>> file_to_overwrite(Projection& p, NodeId id) {
  if (id.value >= p.counters.next_node) return std::nullopt;
  BH_TRY(auto node, look_up_node(p, id));
  if (node && node->is_folder) return misfit(fmt::format("node {} is a folder", id.value));
  if (node) return node;
  BH_TRY(const auto once, p.database.number("SELECT count(*) FROM versions WHERE node = ?", id));
  if (once != 0) return misfit(fmt::format("node {} was removed", id.value));
  return node;
}

Status overwrite(Projection& p, const NodeFacts& file, const journal::UploadCommitted& event) {
  BH_CHECK(retire_current_version(p, file));
  return p.database.run(
      "UPDATE nodes SET version = ?, size = ?, modified_s = ?, permissions = ? WHERE id = ?",
      event.version(), event.size(), event.modified_s(), event.permissions(), file.id);
}

Status add_file(Projection& p, const Upload& upload, const journal::UploadCommitted& event) {
  return insert_node(p, NewNode{.id = NodeId{event.node()},
                                .parent = upload.parent,
                                .name_hash = upload.name_hash,
                                .name_box = upload.name_box,
                                .is_folder = false,
                                .organisation = upload.organisation,
                                .creator = upload.user,
                                .version = VersionId{event.version()},
                                .size = event.size(),
                                .modified_s = event.modified_s(),
                                .permissions = event.permissions()});
}

Status add_version(Projection& p, const Upload& upload, const journal::UploadCommitted& event,
                   ByteView name_box) {
  const bool is_inline = !event.inline_sha256().empty();
  if (is_inline && !p.payload) return misfit("its inline contents are not in the journal");
  const auto segment = is_inline ? std::optional(p.payload->segment) : std::nullopt;
  const auto offset = is_inline ? std::optional(p.payload->offset) : std::nullopt;
  BH_CHECK(p.database.run(
      "INSERT INTO versions(id, node, lineage, size, description, inline_segment, inline_offset, "
      "uploader, channel, organisation, name_box, current, entry, analysed, committed_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0, ?)",
      event.version(), event.node(), upload.lineage, event.size(), view_of(event.description()),
      segment, offset, upload.user, p.channel, upload.organisation, name_box, p.index, p.at));
  p.counters.saw(VersionId{event.version()});
  p.counters.files += 1;
  p.counters.bytes += event.size();
  for (int i = 0; i < event.part_size(); ++i)
    BH_CHECK(p.database.run(kVersionParts.insert, event.version(), i, view_of(event.part(i))));
  return {};
}

Status note_uploaders(Projection& p, const Upload& upload, const journal::UploadCommitted& event) {
  BH_CHECK(note_channel(p, UploadId{event.upload()}));
  return p.database.run(
      "INSERT INTO releases(channel, version, purpose, lineage, user, extents, bytes, first_at, "
      "last_at, last_entry) SELECT channel, ?, ?, ?, ?, 0, ?, first_at, last_at, ? "
      "FROM upload_channels WHERE upload = ?",
      event.version(), kUploadedPurpose, upload.lineage, upload.user, event.size(), p.index,
      event.upload());
}

}  // namespace

Status upload_started(Projection& p, const Entry& entry) {
  const auto& event = entry.upload_started();
  const UploadId id{event.upload()};
  if (event.resumes()) return resume_upload(p, event);
  BH_CHECK(check_number(id.value, "upload"));
  BH_TRY(const NameHash name, hash_of(event.name()));
  BH_TRY(const LineageId lineage, lineage_of(event.lineage()));
  BH_CHECK(check_folder(p, NodeId{event.parent()}));
  BH_CHECK(check_user_present(p, UserId{event.user()}));
  BH_CHECK(check_organisation(p, OrganisationId{event.organisation()}));
  if (event.base_version() != 0) BH_CHECK(find_version(p, VersionId{event.base_version()}));
  BH_CHECK(add_lineage(p, event, lineage));
  BH_CHECK(p.database.run(
      "INSERT INTO uploads(id, parent, name_hash, name_box, user, organisation, lineage, "
      "staging_blob, base_version, permissions, size, size_known, description, channel, "
      "touched_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, x'', ?, ?)",
      id, event.parent(), name, view_of(event.name().box()), event.user(), event.organisation(),
      lineage, view_of(event.staging_blob()), event.base_version(), event.permissions(), p.channel,
      p.at));
  p.counters.saw(id);
  return note_channel(p, id);
}

Status upload_committed(Projection& p, const Entry& entry) {
  const auto& event = entry.upload_committed();
  BH_TRY(const Upload upload, find_upload(p, UploadId{event.upload()}));
  BH_CHECK(check_number(event.version(), "version"));
  BH_CHECK(check_number(event.node(), "node"));
  if (!event.inline_sha256().empty() && event.inline_sha256().size() != NameHash().size()) {
    return misfit("the digest of its inline contents does not have 32 bytes");
  }
  BH_TRY(const auto file, file_to_overwrite(p, NodeId{event.node()}));
  if (file) {
    BH_CHECK(overwrite(p, *file, event));
  } else {
    BH_CHECK(add_file(p, upload, event));
  }
  BH_CHECK(add_version(p, upload, event, file ? file->name_box : upload.name_box));
  BH_CHECK(note_uploaders(p, upload, event));
  return forget_upload(p, UploadId{event.upload()});
}

// What builds on the version counts its parts by their numbers: they may not change under it.
Status version_compacted(Projection& p, const Entry& entry) {
  const auto& event = entry.version_compacted();
  BH_CHECK(find_version(p, VersionId{event.version()}));
  BH_TRY(const auto built_upon,
         p.database.number("SELECT count(*) FROM uploads WHERE base_version = ?", event.version()));
  if (built_upon != 0) return misfit("an upload builds on the version");
  if (event.part().empty()) return misfit("a version without parts cannot come of it");
  BH_CHECK(p.database.run("UPDATE versions SET description = ? WHERE id = ?",
                          view_of(event.description()), event.version()));
  return write_list(p.database, kVersionParts, event.version(), event.part(), kAsBlob);
}

Status upload_parked(Projection& p, const Entry& entry) {
  const auto& event = entry.upload_parked();
  const UploadId id{event.upload()};
  BH_CHECK(find_upload(p, id));
  BH_CHECK(p.database.run(
      "UPDATE uploads SET size = ?, size_known = ?, description = ?, touched_at = ? WHERE id = ?",
      event.size(), event.size_known(), view_of(event.description()), p.at, id));
  // The channel may be the vault's own, which parks what it finds after a crash: nobody learns
  // anything by that.
  return p.channel ? note_channel(p, id) : Status();
}

Status upload_abandoned(Projection& p, const Entry& entry) {
  const UploadId id{entry.upload_abandoned().upload()};
  BH_CHECK(find_upload(p, id));
  return forget_upload(p, id);
}

Status upload_renamed(Projection& p, const Entry& entry) {
  const auto& event = entry.upload_renamed();
  const UploadId id{event.upload()};
  BH_TRY(const Upload upload, find_upload(p, id));
  BH_TRY(const NameHash name, hash_of(event.name()));
  BH_CHECK(check_folder(p, NodeId{event.parent()}));
  BH_CHECK(p.database.run(
      "UPDATE uploads SET parent = ?, name_hash = ?, name_box = ?, touched_at = ? WHERE id = ?",
      event.parent(), name, view_of(event.name().box()), p.at, id));
  return note_channel(p, id);
}

}  // namespace bulkhead::vault::apply
