// STAT, SETSTAT, free space.
#include <sys/statvfs.h>

#include "proto/journal.pb.h"
#include "vault/files/blob_ids.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::uint32_t kFolderPermissions = 0755;
constexpr std::uint64_t kFolderSize = 4096;  // what clients are used to see

}  // namespace

Result<channel::Attributes> Vault::attributes_of(Session& session, const NodeRow& node) {
  channel::Attributes attributes;
  attributes.set_kind(node.is_folder ? channel::Attributes::DIRECTORY : channel::Attributes::FILE);
  attributes.set_size(node.is_folder ? kFolderSize : node.size);
  attributes.set_modified_s(node.modified_s);
  attributes.set_accessed_s(node.accessed_s);
  attributes.set_permissions(node.permissions != 0 || !node.is_folder ? node.permissions
                                                                      : kFolderPermissions);
  attributes.set_owner(session.user_name);
  return attributes;
}

// An upload of this user that nobody is at: shown to its uploader, who resumes it.
std::optional<UploadRow> Vault::parked_upload(const Session& session, NodeId parent,
                                              const NameHash& name) {
  auto found = parts_.catalogue.upload_at(session.user->id, parent, name);
  if (!found || !*found) return std::nullopt;
  const Session* writer = live((*found)->channel);
  if (writer != nullptr) {
    for (const auto& [id, handle] : writer->handles) {
      const auto* file = std::get_if<FileHandle>(&handle);
      if (file != nullptr && file->upload == (*found)->id && !file->finished) return std::nullopt;
    }
  }
  return std::move(**found);
}

Result<Answer> Vault::stat_upload(const UploadRow& upload) {
  Answer answer;
  channel::Attributes attributes;
  attributes.set_kind(channel::Attributes::FILE);
  attributes.set_size(upload.size);
  attributes.set_modified_s(upload.touched_at / kMicrosPerSecond);
  attributes.set_accessed_s(upload.touched_at / kMicrosPerSecond);
  attributes.set_permissions(upload.permissions);
  attributes.set_in_progress(true);
  if (upload.size_known) {
    *answer.reply.mutable_attributes() = std::move(attributes);
    return answer;
  }
  attributes.set_size_unknown(true);
  auto* opened = answer.reply.mutable_opened_file();
  *opened->mutable_attributes() = std::move(attributes);
  FileHandle base;
  if (upload.base_version) BH_CHECK(add_base(base, upload.base_version, false, answer));
  BH_TRY(const store::BlobId blob, blob_id(upload.staging_blob));
  BH_TRY(const auto part, parts_.blobs.open_for_reading(blob));
  BH_TRY(UniqueFd descriptor, duplicate(*part));
  answer.descriptors.push_back(std::move(descriptor));
  opened->set_has_staging(true);
  opened->set_lineage(to_string(ByteView(upload.lineage)));
  opened->set_staging_blob(to_string(ByteView(upload.staging_blob)));
  opened->set_staging_part(opened->base().parts());
  return answer;
}

Outcome Vault::on_stat(Session& session, const channel::Request& request) {
  const channel::Stat& stat = request.stat();
  if (stat.what_case() == channel::Stat::kHandle) {
    FileHandle* handle = file_handle(session, stat.handle());
    if (handle == nullptr) return fail(ErrorCode::kInvalidArgument, "no such handle");
    Answer answer;
    auto* attributes = answer.reply.mutable_attributes();
    attributes->set_size(handle->size);
    attributes->set_permissions(handle->permissions);
    attributes->set_owner(session.user_name);
    if (!handle->node) return answer;
    const auto node = parts_.catalogue.node(handle->node);
    if (node && *node) {
      auto stored = attributes_of(session, **node);
      if (!stored) return std::unexpected(std::move(stored).error());
      *attributes = std::move(*stored);
    }
    return answer;
  }
  auto place = find(session, stat.path());
  if (!place) return std::unexpected(std::move(place).error());
  if (!place->rights.none() && !place->name.empty()) {
    if (const auto upload = parked_upload(session, place->parent.id, place->name_hash))
      return stat_upload(*upload);
  }
  if (!place->node || !place->visible) return fail(ErrorCode::kNotFound, "no such file or folder");
  Answer answer;
  auto attributes = attributes_of(session, *place->node);
  if (!attributes) return std::unexpected(std::move(attributes).error());
  *answer.reply.mutable_attributes() = std::move(*attributes);
  return answer;
}

Outcome Vault::on_set_attributes(Session& session, const channel::Request& request) {
  const channel::SetAttributes& wanted = request.set_attributes();
  NodeId node;
  Rights rights;
  if (wanted.what_case() == channel::SetAttributes::kHandle) {
    const FileHandle* handle = file_handle(session, wanted.handle());
    if (handle == nullptr) return fail(ErrorCode::kInvalidArgument, "no such handle");
    if (!handle->node) return fail(ErrorCode::kConflict, "the upload is not finished");
    node = handle->node;
    rights = handle->rights;
  } else {
    auto place = find_existing(session, wanted.path());
    if (!place) return std::unexpected(std::move(place).error());
    node = place->node->id;
    rights = place->rights;
  }
  if (!rights.has(Right::kWrite))
    return fail(ErrorCode::kPermissionDenied, "no right to change it");
  journal::Entry entry;
  auto* set = entry.mutable_attributes_set();
  set->set_node(node.value);
  if (wanted.has_modified_s()) set->set_modified_s(wanted.modified_s());
  if (wanted.has_accessed_s()) set->set_accessed_s(wanted.accessed_s());
  if (wanted.has_permissions()) set->set_permissions(wanted.permissions() & 07777);
  record(session.id, std::move(entry));
  return Answer{};  // dates and modes for show need not survive a power cut
}

Outcome Vault::on_capacity(Session&, const channel::Request&) {
  auto space = parts_.disk_space();
  if (!space) return std::unexpected(std::move(space).error());
  Answer answer;
  answer.reply.mutable_free_space()->set_total_bytes(space->total_bytes);
  answer.reply.mutable_free_space()->set_free_bytes(space->free_bytes);
  return answer;
}

std::uint64_t Vault::reserve_on(const DiskSpace& space) const {
  return std::min(parts_.configuration.storage.reserve_bytes, space.total_bytes / 20);
}

Status Vault::refuse_upload_when_full() const {
  BH_TRY(const DiskSpace space, parts_.disk_space());
  if (space.free_bytes >= reserve_on(space)) return {};
  return fail(ErrorCode::kNoSpace,
              "the server's disk is full: uploads are refused until there is room");
}

}  // namespace bulkhead::vault
